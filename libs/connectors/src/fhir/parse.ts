import type { Field } from '#terms';
import type { FhirField, FhirMapping } from '../mapping.js';
import type { MappingFile, MapPart, Part, TextPart } from '../mapping-file.js';
import { codesOf, expression, type ReadField, required, settingsOf, VALUE_KEYS, valueOf } from '../parse-parts.js';
import { type FhirExpression, parseFhirExpression } from './expression.js';
import { RESOURCES } from './resources.js';

export function subjectOf(file: MappingFile, map: MapPart, part: Part | undefined): FhirMapping['subject'] {
  if (part?.kind === 'text' && part.text === 'id') return { by: 'id' };
  const keys = part?.kind === 'map' ? file.keys(part, '`subject`', ['identifier']) : undefined;
  const identifier = keys?.get('identifier');
  if (identifier === undefined)
    file.complain(
      part?.at ?? map.at,
      'a fhir mapping says how the local id names a Patient: `subject: id`, or `subject: {identifier: SYSTEM}`',
    );
  const system = identifier && file.text(identifier, 'the system of an identifier');
  return { by: 'identifier', system: system?.text ?? '' };
}

export const fhirField: ReadField<FhirField> = (file, { field, keyAt, value }) => {
  const map = settingsOf(file, value, keyAt, 'path');
  const keys = file.keys(map, 'a field', ['path', 'only where', 'value', 'of codes', ...VALUE_KEYS]);
  const text = required(file, map, keys.get('path'), 'path');
  const path = text && fhirExpression(file, text);
  if (text === undefined || path === undefined) return undefined;
  const within = (key: 'only where' | 'value') => {
    const part = keys.get(key);
    const written = part && file.text(part, `\`${key}\``);
    return written && fhirExpression(file, written, { type: path.type });
  };
  const [onlyWhere, then] = [within('only where'), within('value')];
  const [codes, ofCodes] = [fhirCodes(file, keys.get('codes')), fhirOfCodes(file, keys.get('of codes'))];

  // A record's meaning is in its code: without a list, a miscarriage comes out as an injury.
  const shape = RESOURCES.get(path.resource ?? '');
  if (shape?.meaningIsInCode === true && codes === undefined && ofCodes === undefined)
    file.complain(
      text.at,
      `what a ${path.resource} means is in its code: list those that count, under \`codes\` or \`of codes\``,
    );
  // The number she had when she married him is in her record too.
  if (field.name === 'contact.safe_phone' && onlyWhere === undefined)
    file.complain(text.at, 'a number is safe only where somebody marked it so: say `only where`');
  refuseOtherKind(file, text, field, (then ?? path).type, codes !== undefined);
  return {
    ...valueOf(file, field, keys),
    path,
    ...(onlyWhere === undefined ? {} : { onlyWhere }),
    ...(then === undefined ? {} : { value: then }),
    ...(codes === undefined ? {} : { codes }),
    ...(ofCodes === undefined ? {} : { ofCodes }),
  };
};

/** Types in which a value of each scale may stand. */
const TEXTS = ['string', 'code', 'markdown', 'uri', 'id', 'HumanName'];
const TYPES_OF_SCALE: { readonly [scale: string]: readonly string[] } = {
  text: [...TEXTS, 'integer', 'decimal', 'positiveInt', 'unsignedInt'],
  list: [...TEXTS, 'integer', 'decimal', 'positiveInt', 'unsignedInt'],
  phone: ['string'],
  number: ['integer', 'decimal', 'positiveInt', 'unsignedInt', 'string'],
  yes_no: ['boolean', 'code', 'string'],
  date: ['date', 'dateTime', 'instant', 'string'],
  day: ['date', 'dateTime', 'instant', 'string'],
  place: ['Address'],
};

function refuseOtherKind(
  file: MappingFile,
  text: TextPart,
  field: Field,
  type: string | undefined,
  hasCodes: boolean,
): void {
  const types = hasCodes ? ['CodeableConcept', 'Coding'] : (TYPES_OF_SCALE[field.scaleName] ?? []);
  if (type === undefined || types.includes(type)) return;
  const advice = type === 'CodeableConcept' || type === 'Coding' ? '; list its `codes`' : '';
  file.complain(
    text.at,
    `this finds ${type}; ${field.name} (${field.scaleName}) is read from ${types.join(', ')}${advice}`,
  );
}

/** `system: {code: word}`, as `system|code` → word. */
function fhirCodes(file: MappingFile, part: Part | undefined): ReadonlyMap<string, string> | undefined {
  const systems = part && file.map(part, 'a list of codes by system');
  if (systems === undefined) return undefined;
  return new Map([...systems.entries].flatMap(([system, { value }]) => [...codesOf(file, value, `${system}|`)]));
}

/** `system: [code, code]`, as `system|code`. */
function fhirOfCodes(file: MappingFile, part: Part | undefined): ReadonlySet<string> | undefined {
  const systems = part && file.map(part, 'a list of codes by system');
  if (systems === undefined) return undefined;
  return new Set(
    [...systems.entries].flatMap(([system, { value }]) =>
      file.words(value, 'a list of codes').map(({ text }) => `${system}|${text}`),
    ),
  );
}

function fhirExpression(
  file: MappingFile,
  text: TextPart,
  within?: { readonly type: string | undefined },
): FhirExpression | undefined {
  return expression(file, text, () => parseFhirExpression(text.text, within));
}
