import type { Field } from '#terms';
import {
  type ColumnField,
  type CsvRead,
  type Finish,
  PLACE_PARTS,
  type PlacePart,
  type RowsOfAPerson,
  type SqlRead,
} from './mapping.js';
import type { MappingFile, MapPart, Part, TextPart } from './mapping-file.js';
import { amountOf, codesOf, fromOf, type ReadField, required, settingsOf, VALUE_KEYS, valueOf } from './parse-parts.js';

export function sqlRead(file: MappingFile, map: MapPart): SqlRead {
  const keys = file.keys(map, 'a read', ['select', 'key', 'rows']);
  const select = required(file, map, keys.get('select'), 'select');
  if (select !== undefined) {
    if (!/^\s*(SELECT|WITH)\s/i.test(select.text)) file.complain(select.at, '`select` is one SELECT');
    if (/;\s*$/.test(select.text)) file.complain(select.at, '`select` is one SELECT, without `;` at its end');
    if (!/\$1(?!\d)/.test(select.text))
      file.complain(select.at, '`select` finds the person by her local id: write `$1` where it stands');
    if (/\$(?!1(?!\d))\d/.test(select.text)) file.complain(select.at, '`select` has one parameter, the local id `$1`');
  }
  return { select: select?.text ?? '', ...rowsOf(file, map, keys) };
}

export function csvRead(file: MappingFile, map: MapPart): CsvRead {
  const keys = file.keys(map, 'a read', ['file', 'key', 'rows', 'separator', 'finished by', 'not older than']);
  const name = required(file, map, keys.get('file'), 'file');
  if (name !== undefined && !/^[^*/\\\0]*\*[^*/\\\0]*$/.test(name.text))
    file.complain(name.at, '`file` is a name with one `*` where its date stands, such as orders-*.csv');
  const separator = keys.get('separator');
  const finished = required(file, map, keys.get('finished by'), 'finished by');
  const age = keys.get('not older than');
  if (age === undefined) file.complain(map.at, '`not older than` is missing here');
  return {
    file: name?.text ?? '',
    separator: (separator && file.oneOf(separator, [',', ';', '|', '\t'], 'a separator')) ?? ',',
    finishedBy: (finished && finishOf(file, finished)) ?? { kind: 'trailer', word: '' },
    notOlderThan: amountOf(file, age, 'time') ?? 0,
    ...rowsOf(file, map, keys),
  };
}

function finishOf(file: MappingFile, part: TextPart): Finish | undefined {
  const [, kind, word] = /^(trailer|marker) ([\w.-]{1,20})$/.exec(part.text) ?? [];
  if (kind === 'trailer' && word !== undefined) return { kind, word };
  if (kind === 'marker' && word !== undefined) return { kind, suffix: word };
  return file.complain(
    part.at,
    '`finished by` is `trailer END` (its last line is `END` and the number of rows) or `marker .done` (a file with that added to its name stands beside it)',
  );
}

function rowsOf(file: MappingFile, map: MapPart, keys: ReadonlyMap<string, Part>): RowsOfAPerson {
  const key = required(file, map, keys.get('key'), 'key');
  if (key !== undefined) isColumn(file, key);
  const rows = keys.get('rows');
  return { key: key?.text ?? '', rows: (rows && file.oneOf(rows, ['one', 'many'], 'one or many')) ?? 'one' };
}

export function columnField(reads: ReadonlyMap<string, unknown>): ReadField<ColumnField> {
  return (file, { field, keyAt, value }) => {
    const map = settingsOf(file, value, keyAt, 'column');
    const keys = file.keys(map, 'a field', ['from', 'column', 'place', 'only where', ...VALUE_KEYS]);
    const from = fromOf(file, reads, keyAt, keys.get('from'));
    const where = keys.get('only where');
    const onlyWhere = where && onlyWhereOf(file, where);
    const codes = keys.get('codes');
    const at = field.scaleName === 'place' ? placeOf(file, field, keyAt, keys) : columnOf(file, field, keyAt, keys);
    if (from === undefined || at === undefined) return undefined;
    return {
      ...valueOf(file, field, keys),
      from,
      at,
      ...(onlyWhere === undefined ? {} : { onlyWhere }),
      ...(codes === undefined ? {} : { codes: codesOf(file, codes) }),
    };
  };
}

function columnOf(
  file: MappingFile,
  field: Field,
  keyAt: number,
  keys: ReadonlyMap<string, Part>,
): ColumnField['at'] | undefined {
  const part = keys.get('column');
  if (keys.has('place'))
    return file.complain(keyAt, `${field.name} is ${field.scaleName}, not a place: name its \`column\``);
  const column =
    part === undefined ? file.complain(keyAt, 'name the `column` it stands in') : file.text(part, 'a column');
  return column && isColumn(file, column) ? { column: column.text } : undefined;
}

function placeOf(
  file: MappingFile,
  field: Field,
  keyAt: number,
  keys: ReadonlyMap<string, Part>,
): ColumnField['at'] | undefined {
  const part = keys.get('place');
  if (part === undefined)
    return file.complain(
      keyAt,
      `${field.name} is a place: name the column of each part, \`place: {lines: …, city: …, region: …}\``,
    );
  const map = file.map(part, 'a place');
  const place = new Map<PlacePart, string>();
  for (const [name, value] of map === undefined ? [] : file.keys(map, 'a place', PLACE_PARTS)) {
    const column = file.text(value, 'a column');
    if (column !== undefined && isColumn(file, column)) place.set(name, column.text);
  }
  return { place };
}

/** A header of a file may be nearly any text; what would end a quoted name in a statement is in neither. */
function isColumn(file: MappingFile, column: TextPart): boolean {
  if (/^[^"\0\r\n]{1,63}$/.test(column.text)) return true;
  file.complain(column.at, 'this is not the name of a column');
  return false;
}

function onlyWhereOf(file: MappingFile, part: Part): ColumnField['onlyWhere'] {
  const map = file.map(part, '`only where`');
  const [only, second] = map?.entries ?? [];
  if (map === undefined) return undefined;
  if (only === undefined || second !== undefined)
    return file.complain(
      map.at,
      '`only where` names one column and the words that count, such as `{phone_is_safe: [Y]}`',
    );
  const [column, { keyAt, value }] = only;
  isColumn(file, { kind: 'text', at: keyAt, text: column });
  return { column, is: new Set(file.words(value, 'a list of words').map(({ text }) => text)) };
}
