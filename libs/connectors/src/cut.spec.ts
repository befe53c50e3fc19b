import { readFileSync } from 'node:fs';
import { isDeepStrictEqual as same } from 'node:util';
import * as fc from 'fast-check';
import { type Field, type FieldName, type Instant, instantOf, type Level, type Place, type Value } from '#terms';
import { parse } from 'yaml';
import { canCut, cut } from './cut.js';

const AT = instantOf(Date.UTC(2026, 10, 22, 12));
/** The scales as shipped, read as plain YAML: what must be cut is what the vocabulary says. */
const SHIPPED = parse(readFileSync('policies/vocabulary.yaml', 'utf8')) as {
  levels: Record<string, string[]>;
  facts: { age: { thresholds: number[] } };
};

function fieldOf(scaleName: string, scale = SHIPPED.levels[scaleName] ?? ['nothing', 'full']): Field {
  return {
    name: `test.${scaleName}` as FieldName,
    number: 1,
    record: 'test',
    title: scaleName,
    category: 'identity',
    about: 'survivor',
    tags: [],
    scaleName,
    scale,
    mapping: { fhir: [], niem: [], hl7v2: [] },
  };
}
const at = (field: Field, name: string) => field.scale.indexOf(name) as Level;
const cutTo = (value: Value, scaleName: string, level: string, when: Instant = AT) =>
  cut(value, fieldOf(scaleName), at(fieldOf(scaleName), level), when);

const home = {
  lines: ['12 Elm St', 'Apt 4'],
  city: 'Lowell',
  region: 'Massachusetts',
  postalCode: '01850',
  country: 'US',
};

describe('cut, by example', () => {
  it.each<[string, Value, string, Value | undefined]>([
    ['date', '1991-04-30', 'full', '1991-04-30'],
    ['date', '1991-04-30', 'year', '1991'],
    ['date', '1991-04-30', 'age_band', '18 and over'],
    ['date', '1991-04-30', 'nothing', undefined],
    ['date', '2008-11-22', 'age_band', '18 and over'],
    ['date', '2008-11-23', 'age_band', '16 to 17'],
    ['date', '2010-11-23', 'age_band', '13 to 15'],
    ['date', '2020-01-01', 'age_band', 'under 13'],
    ['date', '1991-04', 'year', '1991'],
    ['date', '2008', 'age_band', undefined],
    ['date', '2008-11', 'age_band', undefined],
    ['date', '2008-10', 'age_band', '18 and over'],
    ['date', '2027-01-01', 'age_band', undefined],
    ['date', '1991-02-30', 'full', undefined],
    ['date', '1991-04-30T10:00:00Z', 'full', undefined],
    ['date', 'about thirty', 'full', undefined],
    ['date', 1991, 'full', undefined],
    ['day', '2026-03-14', 'month', '2026-03'],
    ['day', '2026-03-14', 'year', '2026'],
    ['day', '2026', 'month', '2026'],
    ['day', 'tomorrow', 'year', undefined],
    ['place', home, 'full', home],
    ['place', home, 'city', { city: 'Lowell', region: 'Massachusetts', country: 'US' }],
    ['place', home, 'region', { region: 'Massachusetts', country: 'US' }],
    ['place', { lines: ['12 Elm St'] }, 'city', undefined],
    ['place', '12 Elm St, Lowell', 'full', undefined],
    ['place', { city: '12 Elm St, Lowell', region: 'Massachusetts' }, 'city', { region: 'Massachusetts' }],
    ['place', { ...home, geolocation: '42.63,-71.32' } as Value, 'full', home],
    ['place', { ...home, city: { text: '12 Elm St' } } as unknown as Value, 'full', undefined],
    ['place', [home], 'region', undefined],
    ['phone', '+1 (555) 519-5151', 'full', '+1 (555) 519-5151'],
    ['phone', '+1 (555) 519-5151', 'without_prefix', '5151'],
    ['phone', '555-519-5151 ext. 77', 'without_prefix', '5151'],
    ['phone', 'call my sister at 555-519-5151', 'full', undefined],
    ['phone', '911', 'full', undefined],
    ['phone', 5555195151, 'full', undefined],
    ['list', ['Concussion', 'Sprain of ankle'], 'count', 2],
    ['list', ['Concussion', 'Sprain of ankle'], 'full', ['Concussion', 'Sprain of ankle']],
    ['list', [], 'count', undefined],
    ['list', [home], 'full', undefined],
    ['list', 'Concussion', 'full', undefined],
    ['text', 'Mara Ellison', 'full', 'Mara Ellison'],
    ['text', '', 'full', undefined],
    ['text', ['Mara Ellison'], 'full', undefined],
    ['yes_no', false, 'full', false],
    ['yes_no', 'no', 'full', undefined],
    ['number', 14, 'full', 14],
    ['number', NaN, 'full', undefined],
    ['number', '14', 'full', undefined],
    ['place', null as unknown as Value, 'full', undefined],
  ])('%s: %j at %s is %j', (scale, value, level, expected) => {
    expect(cutTo(value, scale, level)).toEqual(expected);
  });

  it('knows every scale and every level that the vocabulary ships, and the bands of its ages', () => {
    const samples: Record<string, Value> = {
      text: 'x',
      number: 3,
      yes_no: true,
      date: '1991-04-30',
      day: '2026-03-14',
      place: home,
      phone: '555-519-5151',
      list: ['x'],
    };
    for (const [scale, levels] of Object.entries(SHIPPED.levels)) {
      expect(canCut(scale)).toBe(true);
      for (const level of levels.slice(1))
        expect([scale, level, cutTo(samples[scale] as Value, scale, level)]).not.toContain(undefined);
    }
    expect(SHIPPED.facts.age.thresholds).toEqual([13, 16, 18]);
  });

  it('passes nothing of a scale it does not know, nor at a level that is none of the scale', () => {
    const strange = fieldOf('blood_group', ['nothing', 'letter', 'full']);
    for (const level of [1, 2]) expect(cut('A+', strange, level as Level, AT)).toBeUndefined();
    for (const level of [-1, 3, 0.5, NaN]) expect(cut('x', fieldOf('text'), level as Level, AT)).toBeUndefined();
    expect(cut('x', fieldOf('constructor'), 1 as Level, AT)).toBeUndefined();
  });
});

const digits = (min: number, max: number) =>
  fc.string({ unit: fc.integer({ min: 0, max: 9 }).map(String), minLength: min, maxLength: max });
const anyDate = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2026-11-21'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
const anyPlace: fc.Arbitrary<Place> = fc.record(
  {
    lines: fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
    city: fc.constantFrom('Lowell', 'St. John’s', 'São Paulo'),
    region: fc.constantFrom('Massachusetts', 'Newfoundland'),
    postalCode: digits(5, 5),
    country: fc.constantFrom('US', 'Canada'),
  },
  { requiredKeys: [] },
);
const WELL_FORMED: Record<string, fc.Arbitrary<Value>> = {
  text: fc.string({ minLength: 1 }),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
  yes_no: fc.boolean(),
  date: anyDate,
  day: anyDate,
  place: anyPlace,
  phone: fc.tuple(digits(3, 3), digits(3, 3), digits(4, 4)).map(([a, b, c]) => `+1 (${a}) ${b}-${c}`),
  list: fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }),
};
const anything = fc.anything({
  withDate: true,
  withMap: true,
  withBigInt: true,
  withNullPrototype: true,
}) as fc.Arbitrary<Value>;
const aCase = fc.constantFrom(...Object.keys(SHIPPED.levels)).chain((scaleName) =>
  fc.record({
    field: fc.constant(fieldOf(scaleName)),
    value: fc.oneof(
      { weight: 3, arbitrary: WELL_FORMED[scaleName] as fc.Arbitrary<Value> },
      { weight: 1, arbitrary: anything },
    ),
    low: fc.nat((SHIPPED.levels[scaleName] as string[]).length - 1) as unknown as fc.Arbitrary<Level>,
    high: fc.nat((SHIPPED.levels[scaleName] as string[]).length - 1) as unknown as fc.Arbitrary<Level>,
  }),
);

function daysOf(year: number): fc.Arbitrary<string> {
  return fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
    .map(([month, day]) => `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`);
}

function hasOnlyKnownParts(shown: Value): boolean {
  const known = ['lines', 'city', 'region', 'postalCode', 'country'];
  return typeof shown !== 'object' || Array.isArray(shown) || Object.keys(shown).every((key) => known.includes(key));
}

/** For the negative control: shows the whole where it cannot cut. */
function leakyCut(value: Value, field: Field, level: Level): Value | undefined {
  return level === 0 ? undefined : (cut(value, field, level, AT) ?? value);
}

function like(form: RegExp, shown: Value): boolean {
  return typeof shown === 'string' && form.test(shown);
}

/** What may be seen at each level that is less than everything. */
const FORM_OF_LEVEL: { readonly [level: string]: (shown: Value) => boolean } = {
  age_band: (shown) => like(/^(under 13|13 to 15|16 to 17|18 and over)$/, shown),
  year: (shown) => like(/^(\d{4}|under 13|1. to 1.|18 and over)$/, shown),
  month: (shown) => like(/^\d{4}(-\d{2})?$/, shown),
  region: (shown) => Object.keys(shown).every((part) => ['region', 'country'].includes(part)),
  city: (shown) => Object.keys(shown).every((part) => ['city', 'region', 'country'].includes(part)),
  without_prefix: (shown) => like(/^\d{4}$/, shown),
  count: (shown) => Number.isSafeInteger(shown),
};

/** Every law of cutting that can be said of one value and two levels. */
function obeysTheLaws(cutter: typeof leakyCut, value: Value, field: Field, low: Level, high: Level): boolean {
  const [less, more] = [cutter(value, field, low), cutter(value, field, high)];
  if (less === undefined) return true;
  if (FORM_OF_LEVEL[field.scale[low] ?? '']?.(less) === false) return false;
  // Cutting twice changes nothing; and what was cut stays cut, whatever is asked of it later.
  if (!same(cutter(less, field, low), less) || !same(cutter(less, field, high), less)) return false;
  // What a lower level shows can be worked out from what a higher one shows, so it says no more. (Of a year only a
  // band that all its days have can be told: then less is nothing.)
  if (more === undefined) return false;
  const worked = cutter(more, field, low);
  return same(worked, less) || (field.scaleName === 'date' && worked === undefined);
}

const laws = (cutter: typeof leakyCut) =>
  fc.property(aCase, ({ field, value, low, high }) =>
    obeysTheLaws(cutter, value, field, Math.min(low, high) as Level, Math.max(low, high) as Level),
  );

const sameAt = (scale: string, levels: readonly string[], one: Value, other: Value) =>
  levels.every((level) => same(cutTo(one, scale, level), cutTo(other, scale, level)));

describe('cut, for every value', () => {
  it('says no more at a lower level, changes nothing when done twice, and stays cut', () => {
    expect(
      fc.check(
        laws((value, field, level) => cut(value, field, level, AT)),
        { numRuns: 1000 },
      ).counterexample,
    ).toBeNull();
  });

  it('would be caught by these laws if it showed the whole where it cannot cut', () => {
    expect(fc.check(laws(leakyCut), { numRuns: 1000 }).failed).toBe(true);
  });

  it('cannot be told apart at a level that hides the difference', () => {
    const twoDays = fc.integer({ min: 1950, max: 2007 }).chain((year) => fc.tuple(daysOf(year), daysOf(year)));
    const properties = [
      fc.property(twoDays, ([one, other]) => sameAt('date', ['age_band', 'year'], one, other)),
      fc.property(twoDays, ([one, other]) => sameAt('day', ['year'], one, other)),
      fc.property(anyPlace, anyPlace, (one, other) =>
        sameAt('place', ['region', 'city'], one, { ...one, lines: other.lines, postalCode: other.postalCode }),
      ),
      fc.property(digits(3, 3), digits(3, 3), digits(4, 4), (area, exchange, last) =>
        sameAt('phone', ['without_prefix'], `${area}-${exchange}-${last}`, `555-519-${last}`),
      ),
    ];
    for (const property of properties) expect(fc.check(property as fc.IProperty<unknown>).counterexample).toBeNull();
  });

  it('lets no value of an unexpected shape through, and no object that it did not build', () => {
    const property = fc.property(anything, fc.constantFrom(...Object.keys(SHIPPED.levels)), (value, scaleName) => {
      const field = fieldOf(scaleName);
      return field.scale.every((_, level) => {
        const shown = cut(value, field, level as Level, AT);
        return (
          shown === undefined ||
          (level > 0 && hasOnlyKnownParts(shown) && (typeof shown !== 'object' || shown !== value))
        );
      });
    });
    expect(fc.check(property, { numRuns: 1000 }).counterexample).toBeNull();
  });
});
