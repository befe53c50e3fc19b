import { type Fact, UNKNOWN } from './vocabulary.js';

/**
 * The bands between thresholds, lowest first.
 *
 * @example bandsBetween([13, 16, 18]) // ['under 13', '13 to 15', '16 to 17', '18 and over']
 */
export function bandsBetween(thresholds: readonly number[]): string[] {
  const [first, ...rest] = thresholds;
  if (first === undefined) return [];
  const bands = [`under ${first}`];
  let from = first;
  for (const next of rest) {
    bands.push(next === from + 1 ? `${from}` : `${from} to ${next - 1}`);
    from = next;
  }
  bands.push(`${from} and over`);
  return bands;
}

/**
 * The band a number falls into. What is not a number of years, days or events (a birth date in the future gives one) is
 * unknown, which is always the protective reading.
 *
 * @example bandOf(age, 35) // '18 and over'
 */
export function bandOf(fact: Fact, number: number): string {
  if (fact.thresholds === undefined || !Number.isFinite(number) || number < 0) return UNKNOWN;
  return fact.values[fact.thresholds.filter((threshold) => number >= threshold).length] ?? UNKNOWN;
}
