import Table from 'cli-table3';
import { type Decision, decide, decideNaively, type Situation } from '#policy';
import { type FieldName, NOTHING } from '#terms';
import type { Bench } from '../bench.js';
import { ratiosOf, rounded, type Spread, spreadOf } from '../figures.js';
import { casbin } from './peers/casbin.js';
import { casl, caslUnexplained } from './peers/casl.js';
import { cedar, slicedCedar } from './peers/cedar.js';
import type { Decides, Peer } from './peers/peer.js';
import { proofFigures } from './proofs.js';
import { type Asked, categories, situationFrom, type Workload, workload } from './workload.js';

const SIZES = [20, 200, 2_000] as const;
const SEED = 20_261_122;
const ROUNDS = 5;
const PEERS = [casl, caslUnexplained, casbin, cedar, slicedCedar];
/** A slow engine is held against the oracle for this long, at every size. */
const CHECKED_FOR_MS = 1_500;
const CHECKED_AT_LEAST = 8;

/** Decides one question, all 40 fields, and reads what came of it. */
type DecideRecord = (asked: Asked) => number;

interface Contender {
  readonly name: string;
  readonly says: Peer['says'];
  readonly decide: DecideRecord;
  /** Microseconds a record, of each round. */
  readonly rounds: number[];
}

/** One record of 40 fields decided by our engine with everything on and by others without, in rounds of one process. */
export const policy: Bench = async ({ seconds, say, root }) => {
  say('One process, 40 fields, 256 situations in rotation. Ours: everything on, every level, rule and duty read.');
  const sizes = new Map<number, readonly Contender[]>();
  const questions = new Map<number, readonly Asked[]>();
  for (const rules of SIZES) {
    const load = workload(rules, SEED);
    questions.set(rules, load.questions);
    sizes.set(rules, await contenders(load, say));
  }
  const window = (seconds * 1000) / (SIZES.length * (PEERS.length + 2));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [rules, all] of round % 2 === 0 ? sizes : [...sizes].toReversed())
      for (const each of round % 2 === 0 ? all : all.toReversed())
        each.rounds.push(microseconds(each.decide, questions.get(rules) ?? [], window));
  say(tableOf(sizes));
  const figures: Record<string, number> = {};
  for (const [rules, [ours, ...others]] of sizes) {
    const fastest = others
      .filter(({ name, says }) => name !== DEFINITION && says === 'every rule')
      .map((peer) => ratioTo(ours, peer).median)
      .toSorted((a, b) => a - b)[0];
    figures[`us_per_record_${rules}`] = rounded(spreadOf(ours?.rounds ?? []).median);
    figures[`vs_fastest_peer_${rules}`] = rounded(fastest ?? 0);
  }
  const [small, , large] = SIZES.map((rules) => sizes.get(rules)?.[0]?.rounds ?? []);
  figures.growth_20_to_2000 = rounded(ratiosOf(large ?? [], small ?? []).median);
  return { ...figures, ...proofFigures(root, SEED, say) };
};

const DEFINITION = 'the definition';

/** Ours first. Nothing is timed that was not first held against the definition, on all that it can say. */
async function contenders(load: Workload, say: (line: string) => void): Promise<readonly Contender[]> {
  const { bundle, plain, fields, questions } = load;
  const categoryOf = categories(bundle);
  compare(load, categoryOf);
  const situation = (asked: Asked): Situation => situationFrom(asked, categoryOf);
  const all: Contender[] = [
    {
      name: 'ours',
      says: 'every rule',
      decide: (asked) => readAll(decide(bundle, situation(asked), fields)),
      rounds: [],
    },
    {
      name: DEFINITION,
      says: 'every rule',
      // Read by a loop of its own: one that reads two kinds of maps reads both slowly, and a gateway reads one.
      decide: (asked) => levelsIn(decideNaively(bundle, situation(asked), fields)),
      rounds: [],
    },
  ];
  const checked: string[] = [`the definition on ${questions.length} situations`];
  for (const peer of PEERS) {
    const decides = await peer.load(plain, fields);
    checked.push(`${peer.name} on ${compareWithPlain(load, categoryOf, peer, decides)}`);
    all.push({ name: peer.name, says: peer.says, decide: (asked) => decides(asked).shared.size, rounds: [] });
  }
  say(`${bundle.rules.length} rules: agree with ${checked.join(', ')}`);
  return all;
}

function compare({ bundle, fields, questions }: Workload, categoryOf: ReadonlyMap<FieldName, string>): void {
  for (const asked of questions) {
    const situation = situationFrom(asked, categoryOf);
    if (written(decide(bundle, situation, fields)) !== written(decideNaively(bundle, situation, fields)))
      throw new Error('our engine decides otherwise than the definition');
  }
}

/** Returns in how many situations it was found to share the same fields, by no fewer rules. */
function compareWithPlain(
  { plain, fields, questions }: Workload,
  categoryOf: ReadonlyMap<FieldName, string>,
  { name, says }: Peer,
  decides: Decides,
): number {
  const before = performance.now();
  let checked = 0;
  for (const asked of questions) {
    if (checked >= CHECKED_AT_LEAST && performance.now() - before > CHECKED_FOR_MS) break;
    const { shared } = decides(asked);
    for (const [field, { level, granted }] of decideNaively(plain, situationFrom(asked, categoryOf), fields).fields) {
      if (shared.has(field) !== level > NOTHING) throw new Error(`${name} decides ${field} otherwise`);
      // More than we name, because a rule that she agreed to only in part is a whole one there.
      if (says === 'every rule' && (shared.get(field)?.length ?? 0) < granted.length)
        throw new Error(`${name} names too few rules for ${field}`);
    }
    checked += 1;
  }
  return checked;
}

function written({ fields, duties, alerts }: Decision): string {
  return JSON.stringify([[...fields], duties, alerts]);
}

function levelsIn({ fields }: Decision): number {
  let read = 0;
  for (const { level } of fields.values()) read += level;
  return read;
}

function readAll({ fields }: Decision): number {
  let read = 0;
  for (const { level, granted, cut, duties } of fields.values())
    read += level + granted.length + cut.length + duties.length;
  return read;
}

/** Of one record: the engine's input made from the question, decided, and read. */
function microseconds(each: DecideRecord, questions: readonly Asked[], milliseconds: number): number {
  const before = performance.now();
  let records = 0;
  let read = 0;
  // A slow engine is stopped within the rotation; a fast one would spend its time on looking at the clock.
  let stride = 1;
  for (let spent = 0; spent < milliseconds; spent = performance.now() - before) {
    for (let turn = 0; turn < stride; turn += 1, records += 1)
      read += each(questions[records % questions.length] as Asked);
    if (spent * 100 < milliseconds) stride = Math.min(stride * 2, questions.length);
  }
  const spent = performance.now() - before;
  if (!(read >= 0)) throw new Error('nothing was read');
  return (spent * 1000) / records;
}

function ratioTo(ours: Contender | undefined, other: Contender): Spread {
  return ratiosOf(other.rounds, ours?.rounds ?? []);
}

function tableOf(sizes: ReadonlyMap<number, readonly Contender[]>): string {
  const table = new Table({
    head: ['rules', 'engine', 'it names', 'µs a record', 'least to most', 'times ours'],
    colAligns: ['right', 'left', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const [rules, all] of sizes)
    for (const [at, each] of all.entries()) {
      const { median, least, most } = spreadOf(each.rounds);
      table.push([
        at === 0 ? String(rules) : '',
        each.name,
        each.says,
        shown(median),
        `${shown(least)} to ${shown(most)}`,
        at === 0 ? '' : ratioTo(all[0], each).median.toFixed(0),
      ]);
    }
  return table.toString();
}

function shown(value: number): string {
  return value.toFixed(value < 100 ? 2 : 0);
}
