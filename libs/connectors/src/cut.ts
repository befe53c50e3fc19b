import type { Field, Instant, Level, Place, Value } from '#terms';

/**
 * Cuts a value to a level of its field's scale, or to nothing (`undefined`).
 *
 * A value whose shape is not the one its scale expects is never passed whole: it is nothing at every level. A value that
 * was cut before is a value of its scale too, so that cutting it again changes nothing, and cutting it to less is the same
 * as having cut the whole to less, or is nothing.
 *
 * @example
 * cut('1991-04-30', birthDate, levelNamed(birthDate, 'year'), now);     // '1991'
 * cut('1991-04-30', birthDate, levelNamed(birthDate, 'age_band'), now); // '18 and over'
 * cut('call my sister', safePhone, FULL(safePhone), now);               // undefined
 */
export function cut(value: Value, field: Field, level: Level, at: Instant): Value | undefined {
  const name = field.scale[level];
  if (name === undefined || level === 0) return undefined;
  // A scale we do not know has levels whose meaning we do not know.
  return Object.hasOwn(CUTTERS, field.scaleName) ? CUTTERS[field.scaleName]?.(value, name, at) : undefined;
}

/** Whether `cut` knows what each level of this scale means. */
export function canCut(scaleName: string): boolean {
  return Object.hasOwn(CUTTERS, scaleName);
}

type Cutter = (value: Value, level: string, at: Instant) => Value | undefined;

const CUTTERS: { readonly [scale: string]: Cutter } = {
  text: (value, level) => (level === 'full' && typeof value === 'string' && value !== '' ? value : undefined),
  number: (value, level) => (level === 'full' && Number.isFinite(value) ? value : undefined),
  yes_no: (value, level) => (level === 'full' && typeof value === 'boolean' ? value : undefined),
  date: cutDateOfBirth,
  day: cutDay,
  place: cutPlace,
  phone: cutPhone,
  list: cutList,
};

/** A calendar date, of which the day, or the day and the month, may be unknown or cut off already. */
interface CalendarDate {
  readonly year: number;
  readonly month?: number;
  readonly day?: number;
}

function calendarDate(value: Value): CalendarDate | undefined {
  const parts = typeof value === 'string' ? /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(value) : null;
  if (parts === null) return undefined;
  const [year, month, day] = [Number(parts[1]), parts[2], parts[3]];
  if (year < 1) return undefined;
  if (month === undefined) return { year };
  if (Number(month) < 1 || Number(month) > 12) return undefined;
  if (day === undefined) return { year, month: Number(month) };
  if (Number(day) < 1 || Number(day) > daysIn(year, Number(month))) return undefined;
  return { year, month: Number(month), day: Number(day) };
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** The bands that rules speak of, so that a band tells no more than the decision already rested on. */
const AGE_BANDS = [
  { below: 13, words: 'under 13' },
  { below: 16, words: '13 to 15' },
  { below: 18, words: '16 to 17' },
  { below: Infinity, words: '18 and over' },
] as const;

function bandOfAge(age: number): string | undefined {
  return age < 0 ? undefined : AGE_BANDS.find((band) => age < band.below)?.words;
}

function cutDateOfBirth(value: Value, level: string, at: Instant): Value | undefined {
  const isBand = AGE_BANDS.some((band) => band.words === value);
  const date = calendarDate(value);
  switch (level) {
    case 'age_band': {
      if (isBand) return value;
      if (date === undefined) return undefined;
      // Of a date that is not wholly known, only a band that every possible day of it has.
      const last = date.month ?? 12;
      const youngest = bandOfAge(ageAt({ year: date.year, month: last, day: date.day ?? daysIn(date.year, last) }, at));
      const oldest = bandOfAge(ageAt({ year: date.year, month: date.month ?? 1, day: date.day ?? 1 }, at));
      return youngest === oldest ? youngest : undefined;
    }
    case 'year':
      return isBand ? value : date && yearOf(date);
    case 'full':
      return isBand || date !== undefined ? value : undefined;
    default:
      return undefined;
  }
}

function ageAt(born: Required<CalendarDate>, at: Instant): number {
  const now = new Date(at);
  const [month, day] = [now.getUTCMonth() + 1, now.getUTCDate()];
  const hadBirthday = month > born.month || (month === born.month && day >= born.day);
  return now.getUTCFullYear() - born.year - (hadBirthday ? 0 : 1);
}

function cutDay(value: Value, level: string): Value | undefined {
  const date = calendarDate(value);
  if (date === undefined) return undefined;
  switch (level) {
    case 'year':
      return yearOf(date);
    case 'month':
      return date.month === undefined ? yearOf(date) : `${yearOf(date)}-${String(date.month).padStart(2, '0')}`;
    case 'full':
      return value;
    default:
      return undefined;
  }
}

function yearOf(date: CalendarDate): string {
  return String(date.year).padStart(4, '0');
}

/** Name of a city or a region. Digits or commas in it mean that a sloppy source put more than a name there. */
const NAME_OF_A_PLACE = /^[\p{L}\p{M} .'’()-]{1,60}$/u;

function cutPlace(value: Value, level: string): Value | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { lines, city, region, postalCode, country } = value as Place;
  for (const part of [city, region, postalCode, country])
    if (part !== undefined && typeof part !== 'string') return undefined;
  if (lines !== undefined && !(Array.isArray(lines) && lines.every((line) => typeof line === 'string')))
    return undefined;

  // Built anew from the parts that the level names: a part that nobody thought of is never carried along.
  switch (level) {
    case 'region':
      return place({ region: named(region), country: named(country) });
    case 'city':
      return place({ city: named(city), region: named(region), country: named(country) });
    case 'full':
      return place({ lines: lines?.filter((line) => line !== ''), city, region, postalCode, country });
    default:
      return undefined;
  }
}

function named(part: string | undefined): string | undefined {
  return part !== undefined && NAME_OF_A_PLACE.test(part) ? part : undefined;
}

function place(parts: { readonly [Part in keyof Place]: Place[Part] | undefined }): Place | undefined {
  const known = Object.entries(parts).filter(([, part]) => part !== undefined && part.length > 0);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

/** Digits with the usual separators, perhaps an extension; or four digits, which is what cutting leaves. */
const PHONE = /^\+?(?=(?:\D*\d){7,15}\D*$)[\d ().\-/]{7,30}$/;
const EXTENSION = / ?(?:x|ext\.?) ?\d{1,6}$/i;

function cutPhone(value: Value, level: string): Value | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^\d{4}$/.test(value)) return level === 'without_prefix' || level === 'full' ? value : undefined;
  const number = value.replace(EXTENSION, '');
  if (!PHONE.test(number)) return undefined;
  switch (level) {
    case 'without_prefix':
      // Country, area and exchange all tell a place; an extension tells an office.
      return number.replace(/\D/g, '').slice(-4);
    case 'full':
      return value;
    default:
      return undefined;
  }
}

function cutList(value: Value, level: string): Value | undefined {
  // How many there are is what cutting a list leaves.
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && value > 0 && isListLevel(level) ? value : undefined;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const items = value as readonly Value[];
  if (!items.every((item) => (typeof item === 'string' && item !== '') || Number.isFinite(item))) return undefined;
  switch (level) {
    case 'count':
      return items.length;
    case 'full':
      return [...items];
    default:
      return undefined;
  }
}

function isListLevel(level: string): boolean {
  return level === 'count' || level === 'full';
}
