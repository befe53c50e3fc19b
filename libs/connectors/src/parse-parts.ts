import type { Field, FieldName, Vocabulary } from '#terms';
import { canCut } from './cut.js';
import { NotAnExpression } from './expression.js';
import { DATE_FORMS, type FieldMapping, type Limits } from './mapping.js';
import { type MappingFile, type MapPart, notOneOf, type Part, type TextPart } from './mapping-file.js';

const LIMIT_KEYS = ['deadline', 'size', 'at once', 'waiting', 'pages', 'faults', 'pause'] as const;
const UNITS = {
  time: { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 },
  size: { kB: 1_000, MB: 1_000_000 },
  count: { '': 1 },
} as const;

export function limitsOf(file: MappingFile, part: Part | undefined): Limits {
  const map = part && file.map(part, '`limits`');
  const keys = map && file.keys(map, '`limits`', LIMIT_KEYS);
  const amount = (key: (typeof LIMIT_KEYS)[number], kind: keyof typeof UNITS, usual: number) =>
    amountOf(file, keys?.get(key), kind) ?? usual;
  return {
    deadline: amount('deadline', 'time', 3_000),
    size: amount('size', 'size', 4_000_000),
    atOnce: amount('at once', 'count', 16),
    waiting: amount('waiting', 'count', 256),
    pages: amount('pages', 'count', 20),
    faults: amount('faults', 'count', 5),
    pause: amount('pause', 'time', 10_000),
  };
}

export function amountOf(file: MappingFile, part: Part | undefined, kind: keyof typeof UNITS): number | undefined {
  const text = part && file.text(part, 'an amount');
  if (text === undefined) return undefined;
  const units: { readonly [unit: string]: number } = UNITS[kind];
  const [, digits, unit = ''] = /^(\d{1,9}) ?([A-Za-z]*)$/.exec(text.text) ?? [];
  const amount = Number(digits) * (Object.hasOwn(units, unit) ? (units[unit] ?? NaN) : NaN);
  if (amount > 0 && amount <= 2_000_000_000) return amount;
  const example = {
    time: 'a time such as `500 ms`, `2 s` or `36 h`',
    size: 'a size such as `200 kB` or `4 MB`',
    count: 'a whole number above 0',
  }[kind];
  return file.complain(text.at, `\`${text.text}\` is not ${example}`);
}

export function readsOf<Read>(
  file: MappingFile,
  map: MapPart,
  part: Part | undefined,
  read: (file: MappingFile, map: MapPart) => Read,
): ReadonlyMap<string, Read> {
  const reads = new Map<string, Read>();
  const entries =
    part === undefined
      ? file.complain(map.at, 'a mapping says what it reads, under `reads`')
      : file.map(part, '`reads`')?.entries;
  for (const [name, { value }] of entries ?? []) {
    const settings = file.map(value, 'a read');
    if (settings !== undefined) reads.set(name, read(file, settings));
  }
  return reads;
}

export function fromOf(
  file: MappingFile,
  reads: ReadonlyMap<string, unknown>,
  keyAt: number,
  part: Part | undefined,
): string | undefined {
  const [only, second] = reads.keys();
  if (part === undefined)
    return only !== undefined && second === undefined
      ? only
      : file.complain(keyAt, 'say `from` which of the reads it comes');
  return file.oneOf(part, [...reads.keys()], 'one of the reads');
}

/** The text under a key that must be there. */
export function required(file: MappingFile, map: MapPart, part: Part | undefined, key: string): TextPart | undefined {
  return part === undefined ? file.complain(map.at, `\`${key}\` is missing here`) : file.text(part, `\`${key}\``);
}

export type ReadField<Of> = (
  file: MappingFile,
  at: { readonly field: Field; readonly keyAt: number; readonly value: Part },
) => Of | undefined;

export function fieldsOf<Of>(
  file: MappingFile,
  map: MapPart,
  vocabulary: Vocabulary,
  read: ReadField<Of>,
): ReadonlyMap<FieldName, Of> {
  const fields = new Map<FieldName, Of>();
  const part = map.entries.get('fields')?.value;
  const entries =
    part === undefined ? file.complain(map.at, 'a mapping has `fields`') : file.map(part, '`fields`')?.entries;
  for (const [name, { keyAt, value }] of entries ?? []) {
    const field = vocabulary.fields.get(name as FieldName);
    if (field === undefined)
      file.complain(keyAt, notOneOf(name, 'a field of the vocabulary', vocabulary.fields.keys()));
    else if (field.record === 'envelope') file.complain(keyAt, `${name} is Postern's own; no source has it`);
    else if (!canCut(field.scaleName))
      file.complain(keyAt, `${name} has the scale ${field.scaleName}, which connectors cannot cut yet`);
    else {
      const mapped = read(file, { field, keyAt, value });
      if (mapped !== undefined) fields.set(field.name, mapped);
    }
  }
  return fields;
}

/** A field's settings, or the one setting that is named when only a text is written. */
export function settingsOf(file: MappingFile, value: Part, keyAt: number, shorthand: string): MapPart {
  if (value.kind === 'map') return value;
  if (value.kind === 'list') file.complain(value.at, `a field is its ${shorthand}, or a map of settings`);
  return { kind: 'map', at: keyAt, entries: new Map(value.kind === 'text' ? [[shorthand, { keyAt, value }]] : []) };
}

export const VALUE_KEYS = ['codes', 'form', 'means yes', 'means no', 'join with'] as const;

/** The settings that say how a value is read, as far as they fit the field's scale. */
export function valueOf(file: MappingFile, field: Field, keys: ReadonlyMap<string, Part>): FieldMapping {
  const scale = field.scaleName;
  const fits = (key: string, scales: readonly string[]) => {
    const part = keys.get(key);
    if (part === undefined || scales.includes(scale)) return part;
    return file.complain(part.at, `\`${key}\` is for ${scales.join(' or ')} fields; ${field.name} is ${scale}`);
  };
  const [form, yes, no, join] = [
    fits('form', ['date', 'day']),
    fits('means yes', ['yes_no']),
    fits('means no', ['yes_no']),
    fits('join with', ['text']),
  ];
  const dateForm = form && file.oneOf(form, DATE_FORMS, 'a form of dates');
  const [meansYes, meansNo] = [yes, no].map(
    (part) => part && new Set(file.words(part, 'a list of words').map(({ text }) => text.toLowerCase())),
  );
  const both = [...(meansYes ?? [])].find((word) => meansNo?.has(word));
  if (both !== undefined && no !== undefined) file.complain(no.at, `\`${both}\` cannot mean both yes and no`);
  return {
    field,
    ...(dateForm === undefined ? {} : { form: dateForm }),
    ...(meansYes === undefined ? {} : { meansYes }),
    ...(meansNo === undefined ? {} : { meansNo }),
    ...(join?.kind === 'text' ? { joinWith: join.text } : {}),
  };
}

/** Which of the source's words mean what: `F: female`. */
export function codesOf(file: MappingFile, part: Part, prefix = ''): ReadonlyMap<string, string> {
  const codes = new Map<string, string>();
  for (const [code, { value }] of file.map(part, 'a list of codes')?.entries ?? []) {
    const word = file.text(value, 'what a code means');
    if (word !== undefined) codes.set(`${prefix}${code}`, word.text);
  }
  if (codes.size === 0) file.complain(part.at, 'a list of codes is empty, so that nothing would come of it');
  return codes;
}

export function expression<Expression>(
  file: MappingFile,
  text: TextPart,
  parse: () => Expression,
): Expression | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof NotAnExpression)) throw error;
    return file.complain(text.textAt === undefined ? text.at : text.textAt + error.offset, error.message);
  }
}
