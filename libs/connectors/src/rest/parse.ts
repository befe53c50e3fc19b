import type { RestField, RestRead } from '../mapping.js';
import type { MappingFile, MapPart, TextPart } from '../mapping-file.js';
import {
  codesOf,
  expression,
  fromOf,
  type ReadField,
  required,
  settingsOf,
  VALUE_KEYS,
  valueOf,
} from '../parse-parts.js';
import { parseRestExpression, type RestExpression } from './expression.js';

export function restRead(file: MappingFile, map: MapPart): RestRead {
  const keys = file.keys(map, 'a read', ['get', 'person']);
  const get = required(file, map, keys.get('get'), 'get');
  if (get !== undefined && !/^(?!\/)[^{}#\\]*\{id\}[^{}#\\]*$/.test(get.text))
    file.complain(get.at, '`get` is a path below the base address with `{id}` once, such as people/{id}/orders');
  const person = required(file, map, keys.get('person'), 'person');
  return { get: get?.text ?? '', person: (person && restExpression(file, person)) ?? NOWHERE };
}

const NOWHERE: RestExpression = { evaluate: async () => undefined };

export function restField(reads: ReadonlyMap<string, unknown>): ReadField<RestField> {
  return (file, { field, keyAt, value }) => {
    const map = settingsOf(file, value, keyAt, 'path');
    const keys = file.keys(map, 'a field', ['from', 'path', ...VALUE_KEYS]);
    const from = fromOf(file, reads, keyAt, keys.get('from'));
    const text = required(file, map, keys.get('path'), 'path');
    const path = text && restExpression(file, text);
    const codes = keys.get('codes');
    if (from === undefined || path === undefined) return undefined;
    return {
      ...valueOf(file, field, keys),
      from,
      path,
      ...(codes === undefined ? {} : { codes: codesOf(file, codes) }),
    };
  };
}

function restExpression(file: MappingFile, text: TextPart): RestExpression | undefined {
  return expression(file, text, () => parseRestExpression(text.text));
}
