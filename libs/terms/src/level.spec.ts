import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { FULL, type FactName, type Level, NOTHING, TermsError, UNKNOWN } from './index.js';
import { bandOf, higherOf, levelName, levelNamed, lowerOf, nearestWord, parseVocabulary } from './index.js';
import { bandsBetween } from './band.js';

const vocabulary = parseVocabulary(readFileSync('policies/vocabulary.yaml', 'utf8'), 'vocabulary.yaml');
const anyField = fc.constantFrom(...vocabulary.fields.values());

describe('levels', () => {
  it('are named and found again, nothing below full', () => {
    fc.assert(
      fc.property(anyField, fc.nat(5), (field, n) => {
        const level = (n % field.scale.length) as Level;
        expect(levelNamed(field, levelName(field, level))).toBe(level);
        expect(levelNamed(field, 'nothing')).toBe(NOTHING);
        expect(levelNamed(field, 'full')).toBe(FULL(field));
        expect(lowerOf(level, FULL(field))).toBe(level);
        expect(higherOf(level, NOTHING)).toBe(level);
      }),
    );
  });

  it('that a scale does not have are an error, never the nearest', () => {
    fc.assert(
      fc.property(anyField, (field) => {
        expect(() => levelNamed(field, 'most')).toThrow(TermsError);
        expect(() => levelName(field, field.scale.length as Level)).toThrow(TermsError);
        expect(() => levelName(field, -1 as Level)).toThrow(TermsError);
      }),
    );
  });
});

describe('bands', () => {
  const age = vocabulary.facts.get('age' as FactName);
  const risk = vocabulary.facts.get('risk' as FactName);
  if (age === undefined || risk === undefined) throw new Error('the vocabulary has both');

  it.each([
    [0, 'under 13'],
    [12.99, 'under 13'],
    [13, '13 to 15'],
    [15.99, '13 to 15'],
    [17, '16 to 17'],
    [18, '18 and over'],
    [104, '18 and over'],
  ])('%d years are %s', (years, band) => expect(bandOf(age, years)).toBe(band));

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('%d is nobody’s age, and unknown', (years) => {
    expect(bandOf(age, years)).toBe(UNKNOWN);
  });

  it('are unknown for a fact that has none', () => expect(bandOf(risk, 3)).toBe(UNKNOWN));

  it('never fall as the number grows, for any thresholds', () => {
    const thresholds = fc
      .uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 })
      .map((all) => all.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(thresholds, fc.nat(500), fc.nat(500), (between, a, b) => {
        const fact = { ...age, thresholds: between, values: bandsBetween(between) };
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(fact.values).toHaveLength(between.length + 1);
        expect(new Set(fact.values).size).toBe(fact.values.length);
        expect(fact.values.indexOf(bandOf(fact, less))).toBeLessThanOrEqual(fact.values.indexOf(bandOf(fact, more)));
      }),
    );
  });

  it('of one number are called by it', () =>
    expect(bandsBetween([1, 2, 5])).toEqual(['under 1', '1', '2 to 4', '5 and over']));
});

describe('the nearest word', () => {
  it.each([
    ['agred', 'agreed'],
    ['cosnent', 'consent'],
    ['whereabuots', 'whereabouts'],
  ])('to %s is %s', (written, meant) => {
    expect(nearestWord(written, ['agreed', 'consent', 'whereabouts', 'no'])).toBe(meant);
  });

  it('is none where none is near', () => {
    expect(nearestWord('cover', ['agreed', 'not_asked'])).toBeUndefined();
    expect(nearestWord('it', ['agreed', 'no'])).toBeUndefined();
  });
});
