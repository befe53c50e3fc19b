import Table from 'cli-table3';
import { type Decision, decide, decideNaively } from '#policy';
import type { Bench } from '../bench.js';
import { ratiosOf, rounded, spreadOf } from '../figures.js';
import { categories, situationFrom, type Workload, workload } from './workload.js';

const SIZES = [20, 200, 2_000] as const;
const SEED = 20_261_122;
const ROUNDS = 5;

type Decide = typeof decide;

/** One record of 40 fields decided by bitmaps and by the definition, in alternating rounds of one process. */
export const policy: Bench = async ({ seconds, say }) => {
  say('One process, 40 fields, 256 situations in rotation, everything on; what is read: every level, rule and duty.');
  const loads = SIZES.map((rules) => [rules, workload(rules, SEED)] as const);
  for (const [rules, load] of loads) {
    const { released, rulesNamed } = compare(load);
    say(
      `${rules} rules: both agree on ${load.questions.length} situations; ${released} fields and ${rulesNamed} rules a record`,
    );
  }
  const window = (seconds * 1000) / (SIZES.length * 2);
  const bitmaps = new Map<number, number[]>(SIZES.map((rules) => [rules, []]));
  const naive = new Map<number, number[]>(SIZES.map((rules) => [rules, []]));
  for (const [, load] of loads) for (const each of [decide, decideNaively]) microseconds(load, each, window / 2);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [rules, load] of round % 2 === 0 ? loads : loads.toReversed()) {
      bitmaps.get(rules)?.push(microseconds(load, decide, window));
      naive.get(rules)?.push(microseconds(load, decideNaively, window));
    }
  const table = new Table({
    head: ['rules', 'bitmaps, µs a record', 'least to most', 'definition', 'definition / bitmaps'],
    colAligns: ['right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  const figures: Record<string, number> = {};
  for (const rules of SIZES) {
    const [fast, slow] = [bitmaps.get(rules) ?? [], naive.get(rules) ?? []];
    const { median, least, most } = spreadOf(fast);
    const times = ratiosOf(slow, fast).median;
    table.push([
      String(rules),
      median.toFixed(2),
      `${least.toFixed(2)} to ${most.toFixed(2)}`,
      spreadOf(slow).median.toFixed(1),
      times.toFixed(0),
    ]);
    figures[`us_per_record_${rules}`] = rounded(median);
    figures[`definition_vs_bitmaps_${rules}`] = rounded(times);
  }
  figures.growth_20_to_2000 = rounded(ratiosOf(bitmaps.get(2_000) ?? [], bitmaps.get(20) ?? []).median);
  say(table.toString());
  return figures;
};

/** Nothing is timed that does not decide the same. */
function compare({ bundle, fields, questions }: Workload): { readonly released: string; readonly rulesNamed: string } {
  const categoryOf = categories(bundle);
  let released = 0;
  let named = 0;
  for (const asked of questions) {
    const situation = situationFrom(asked, categoryOf);
    const [fast, slow] = [decide(bundle, situation, fields), decideNaively(bundle, situation, fields)];
    if (written(fast) !== written(slow)) throw new Error('the bitmaps decide otherwise than the definition');
    for (const { level, granted, cut } of fast.fields.values()) {
      if (level > 0) released += 1;
      named += granted.length + cut.length;
    }
  }
  return { released: (released / questions.length).toFixed(1), rulesNamed: (named / questions.length).toFixed(1) };
}

function written({ fields, duties, alerts }: Decision): string {
  return JSON.stringify([[...fields], duties, alerts]);
}

/** Of one record: its situation made from the question, decided, and read. */
function microseconds({ bundle, fields, questions }: Workload, each: Decide, milliseconds: number): number {
  const categoryOf = categories(bundle);
  const before = performance.now();
  let records = 0;
  let read = 0;
  while (performance.now() - before < milliseconds)
    for (const asked of questions) {
      const decision = each(bundle, situationFrom(asked, categoryOf), fields);
      for (const { level, granted, cut, duties } of decision.fields.values())
        read += level + granted.length + cut.length + duties.length;
      records += 1;
    }
  const spent = performance.now() - before;
  if (read < 0) throw new Error('nothing was read');
  return (spent * 1000) / records;
}
