import type { Place, Value } from '#terms';
import type { DateForm, FieldMapping } from './mapping.js';

/** What a source's raw values come to, and why they come to nothing where they do. */
export type Read = { readonly value: Value } | { readonly why: Absence };
export type Absence =
  'nothing there' | 'several values where one is meant' | 'no value of this kind' | 'not in the list of codes';

/**
 * Reads what a source holds as a value of a field. What does not read as one is no value: a date that is none, a word
 * that is not listed, several values where one is meant are absent rather than passed on as they are.
 */
export function readValue(mapping: FieldMapping, raw: readonly unknown[]): Read {
  const [only] = raw;
  // Nearly every field of nearly every record is one plain value.
  if (raw.length === 1 && !Array.isArray(only) && mapping.codes === undefined && mapping.field.scaleName !== 'list') {
    if (!isThere(only)) return NOTHING_THERE;
    const value = readOne(mapping, only);
    return value === undefined ? NO_VALUE : { value };
  }
  return readSeveral(mapping, raw.flat().filter(isThere));
}

const NOTHING_THERE: Read = { why: 'nothing there' };
const NO_VALUE: Read = { why: 'no value of this kind' };

function readSeveral(mapping: FieldMapping, there: readonly unknown[]): Read {
  if (there.length === 0) return NOTHING_THERE;
  const { codes } = mapping;
  const meant = codes === undefined ? there : there.flatMap((word) => codes.get(textOf(word) ?? '') ?? []);
  if (meant.length === 0) return { why: 'not in the list of codes' };

  const values = distinct(meant.flatMap((each) => readOne(mapping, each) ?? []));
  const [value] = values;
  if (value === undefined) return NO_VALUE;
  if (mapping.field.scaleName === 'list') return { value: values };
  if (values.length === 1) return { value };
  if (mapping.joinWith !== undefined && values.every((each) => typeof each === 'string'))
    return { value: values.join(mapping.joinWith) };
  return { why: 'several values where one is meant' };
}

function isThere(raw: unknown): boolean {
  return raw !== null && raw !== undefined && raw !== '';
}

function distinct(values: readonly Value[]): readonly Value[] {
  if (values.length < 2) return values;
  const seen = new Map(values.map((value) => [JSON.stringify(value), value]));
  return seen.size === values.length ? values : [...seen.values()];
}

/** One value by the field's scale. `cut` judges its shape again; here the source's spelling becomes ours. */
function readOne(mapping: FieldMapping, raw: unknown): Value | undefined {
  switch (mapping.field.scaleName) {
    case 'text':
    case 'list':
    case 'phone':
      return textOf(raw);
    case 'number':
      return numberOf(raw);
    case 'yes_no':
      return yesNoOf(mapping, raw);
    case 'date':
    case 'day':
      return dateOf(mapping.form ?? 'YYYY-MM-DD', raw);
    case 'place':
      return placeOf(raw);
    default:
      return undefined;
  }
}

function textOf(raw: unknown): string | undefined {
  if (typeof raw === 'number' && Number.isFinite(raw)) return String(raw);
  return typeof raw === 'string' && raw.trim() !== '' ? raw.trim() : undefined;
}

function numberOf(raw: unknown): number | undefined {
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw : undefined;
  return typeof raw === 'string' && /^\s*-?\d{1,15}(\.\d{1,10})?\s*$/.test(raw) ? Number(raw) : undefined;
}

const YES = new Set(['yes', 'true']);
const NO = new Set(['no', 'false']);

function yesNoOf({ meansYes = YES, meansNo = NO }: FieldMapping, raw: unknown): boolean | undefined {
  const word = typeof raw === 'boolean' ? String(raw) : textOf(raw)?.toLowerCase();
  if (word === undefined) return undefined;
  if (meansYes.has(word)) return true;
  return meansNo.has(word) ? false : undefined;
}

const FORMS: {
  readonly [Form in DateForm]: {
    readonly like: RegExp;
    readonly parts: readonly [year: number, month: number, day: number];
  };
} = {
  // A date, part of one, or a date and time, whose time is left off.
  'YYYY-MM-DD': { like: /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ].*)?)?)?$/, parts: [1, 2, 3] },
  YYYYMMDD: { like: /^(\d{4})(\d{2})(\d{2})$/, parts: [1, 2, 3] },
  'MM/DD/YYYY': { like: /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/, parts: [3, 1, 2] },
  'DD/MM/YYYY': { like: /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/, parts: [3, 2, 1] },
  'DD.MM.YYYY': { like: /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/, parts: [3, 2, 1] },
};

function dateOf(form: DateForm, raw: unknown): string | undefined {
  const { like, parts } = FORMS[form];
  const found = like.exec(textOf(raw) ?? '');
  if (found === null) return undefined;
  let date = '';
  for (const part of parts) {
    const written = found[part];
    if (written !== undefined) date += date === '' ? written : `-${written.padStart(2, '0')}`;
  }
  return date;
}

/** A place in our parts, or a FHIR Address, whose parts have other names. */
function placeOf(raw: unknown): Place | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const {
    line,
    lines = line,
    city,
    state,
    region = state,
    postalCode,
    country,
  } = raw as { readonly [part: string]: unknown };
  const place = Object.entries({ city, region, postalCode, country }).flatMap(([part, value]) => {
    const text = textOf(value);
    return text === undefined ? [] : [[part, text] as const];
  });
  const written = [lines].flat().flatMap((each) => textOf(each) ?? []);
  return { ...(written.length > 0 ? { lines: written } : {}), ...Object.fromEntries(place) };
}
