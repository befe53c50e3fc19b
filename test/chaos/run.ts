// npm run chaos -- --kills N --seed S [--variant NAME|all] [--act NAME]… [--operations N] [--record]
// Prints what it does to whom, what could not be done on this machine and why, and as its very last line one JSON object.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CHECKOUT } from '../../apps/sandbox/checkout.js';
import { type DurablePostgres, startDurablePostgres } from '../postgres.js';
import { type Act, type ActName, type ActResult, COULD_NOT } from './act.js';
import { ACTS } from './acts.js';
import { VARIANTS } from './variants.js';
import { tryVariant } from './try-variant.js';
import { LOAD } from './under-load.js';

const USAGE = `npm run chaos -- --kills N --seed S   everything: load, county, failover, full disk, clock steps, partitions
  --act NAME         only this one (again for another): ${Object.keys(ACTS).join(', ')}
  --operations N     goes on until so much has been done under load
  --producers N      how many ask at each gateway at once (${LOAD.producers})
  --variant NAME     runs a gateway that is wrong, and ends with 0 only if that is noticed; all: each of them
                     ${VARIANTS.map(({ name }) => name).join(', ')}
  --record           adds a line to test/chaos/RUNS.jsonl`;

interface Wanted {
  readonly kills: number;
  readonly seed: number;
  readonly operations: number;
  readonly producers: number;
  readonly variants: readonly (typeof VARIANTS)[number][];
  readonly acts: readonly ActName[];
  readonly record: boolean;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const wanted = wantedFrom(process.argv.slice(2));
  if (wanted === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  return wanted.variants.length > 0 ? tryVariants(wanted) : perform(wanted);
}

async function tryVariants({ variants, seed, record }: Wanted): Promise<number> {
  const outcomes = [];
  let shared: Promise<DurablePostgres> | undefined;
  try {
    for (const variant of variants) {
      say(`\n${variant.name}: ${variant.mistake}`);
      const outcome = await tryVariant(variant, seed, () => (shared ??= startDurablePostgres()), say);
      say(outcome.caught ? `caught: ${outcome.first}` : 'NOT CAUGHT');
      outcomes.push({ variant: variant.name, caught: outcome.caught, violations: outcome.violations });
    }
  } finally {
    await (await shared)?.discard();
  }
  say('');
  for (const { variant, caught, violations } of outcomes)
    say(`${variant.padEnd(22)} ${caught ? 'caught' : 'NOT CAUGHT'}  ${describe(violations)}`);
  const summary = { seed, controls: outcomes, caught: outcomes.filter(({ caught }) => caught).length };
  finish(summary, record);
  return outcomes.every(({ caught }) => caught) ? 0 : 1;
}

async function perform({ acts, kills, seed, operations, producers, record }: Wanted): Promise<number> {
  const results: Partial<Record<ActName, ActResult>> = {};
  const could = [];
  for (const name of acts) {
    const act: Act = ACTS[name];
    say(`\n${name}: ${act.what}`);
    const result = await act.run({ kills: act.killsOf(kills, acts), seed, operations, producers, say });
    if (COULD_NOT in result) {
      say(`not run: ${result[COULD_NOT]}`);
      could.push({ act: name, why: result[COULD_NOT] });
      continue;
    }
    for (const { fault, what } of result.violations.slice(0, 20)) say(`VIOLATION ${fault}: ${what}`);
    say(
      `${result.operations} operations, ${result.releases} releases, ${result.kills} kills, ${result.pauses} pauses, ` +
        `${result.violations.length} violations in ${result.seconds.toFixed(0)} s`,
    );
    for (const line of result.notes ?? []) say(line);
    results[name] = result;
  }
  const all = Object.values(results);
  const sum = (of: 'operations' | 'releases' | 'kills' | 'pauses' | 'residual'): number =>
    all.reduce((total, each) => total + each[of], 0);
  const violations = all.flatMap((each) => each.violations);
  say('');
  for (const { act, why } of could) say(`not run on this machine: ${act}: ${why}`);
  say(violations.length === 0 ? 'Nothing was lost, late or out of order.' : 'What must never be has been.');
  const summary = {
    seed,
    acts: acts.filter((name) => results[name] !== undefined),
    notRun: could,
    kills: sum('kills'),
    pauses: sum('pauses'),
    operations: sum('operations'),
    releases: sum('releases'),
    residual: sum('residual'),
    violations: violations.length,
    byFault: countOf(violations),
  };
  finish(summary, record);
  return violations.length === 0 ? 0 : 1;
}

function finish(summary: object, record: boolean): void {
  const line = JSON.stringify({ chaos: summary });
  if (record) {
    const dated = { date: new Date().toISOString(), ...summary };
    appendFileSync(join(CHECKOUT, 'test', 'chaos', 'RUNS.jsonl'), `${JSON.stringify(dated)}\n`);
  }
  say(line);
}

function countOf(violations: readonly { readonly fault: string }[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { fault } of violations) counts[fault] = (counts[fault] ?? 0) + 1;
  return counts;
}

function describe(violations: Readonly<Record<string, number>>): string {
  return Object.entries(violations)
    .map(([fault, count]) => `${count} ${fault}`)
    .join(', ');
}

function wantedFrom(argv: readonly string[]): Wanted | undefined {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        kills: { type: 'string', default: '30' },
        seed: { type: 'string', default: '1' },
        operations: { type: 'string', default: '0' },
        producers: { type: 'string', default: String(LOAD.producers) },
        variant: { type: 'string', multiple: true, default: [] },
        act: { type: 'string', multiple: true, default: Object.keys(ACTS) },
        record: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [kills, seed] = [Number(values.kills), Number(values.seed)];
    const [operations, producers] = [Number(values.operations), Number(values.producers)];
    const variants = VARIANTS.filter(({ name }) => values.variant.includes(name) || values.variant.includes('all'));
    const acts = (Object.keys(ACTS) as ActName[]).filter((name) => values.act.includes(name));
    const good =
      [kills, seed, operations, producers].every((each) => Number.isSafeInteger(each) && each >= 0) &&
      values.act.every((name) => name in ACTS) &&
      values.variant.every((name) => name === 'all' || VARIANTS.some((each) => each.name === name));
    return good && !values.help
      ? { kills, seed, operations, producers, variants, acts, record: values.record }
      : undefined;
  } catch {
    return undefined;
  }
}

process.exitCode = await main();
