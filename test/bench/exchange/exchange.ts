import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startEmbeddedPostgres } from '../../../apps/sandbox/postgres/embedded.js';
import type { Peer, Reply } from '../connection.js';
import { cpuOfFamily, cpuOfProcess } from '../cpu.js';
import { percentile, ratiosOf, rounded, type Spread } from '../figures.js';
import { drive, type Measured } from '../load.js';
import type { Bench } from '../bench.js';
import { type Server, startProgram } from '../server.js';
import { type Certified, certify } from './agencies.js';
import { bytesIn, bytesOf, bytesOfAnEntry, countIn, createDatabases, type Databases, fill } from './databases.js';
import type { FloorConfig } from './floor.js';
import { startGatewayProcess } from './gateway.js';
import { askAround, bringIn, type Handles, PERSONS, questionAbout } from './people.js';
import { FIELDS, rowOf } from './record.js';
import type { Result, Results } from './results.js';
import { tableOf } from './table.js';

const ENTRIES = 10_000;
const USUAL = 200;
const WARM_UP_CONNECTIONS = 16;
const WARM_UP_SECONDS = 5;
const LISTENING = /^listening (\d+)$/;
const CONNECTIONS = [1, 16, 64] as const;
const ROUNDS = 3;
/** Connections to PostgreSQL: the gateway's own, and the floor's. */
const POOL = 16;

/** One server under load. */
interface Side {
  readonly name: 'ours' | 'floor';
  readonly server: Server;
  readonly peer: Peer;
  readonly answerBytes: number;
  /** Signs requests beforehand, so that signing costs nothing while the clock runs. */
  readonly sign: () => Buffer;
  readonly verify: (reply: Reply) => void;
}

/**
 * A disclosure of 40 fields through all of Postern against the least that a Node server could do, alternating in rounds
 * on one machine. The lines say what is measured; README.md says why so.
 */
export const exchange: Bench = async ({ seconds, root, cleanUp, say }) => {
  const folder = path.join(root, '.postern', 'bench');
  mkdirSync(folder, { recursive: true });
  const dir = mkdtempSync(path.join(folder, 'exchange-'));
  cleanUp(async () => rmSync(dir, { recursive: true, force: true }));
  say('Starting PostgreSQL …');
  const postgres = await startEmbeddedPostgres({ dir: path.join(dir, 'postgres') });
  cleanUp(() => postgres.discard());
  const certified = await certify();
  const masterKey = randomBytes(32);
  const databases = await createDatabases(postgres, masterKey, certified, PERSONS);
  cleanUp(() => Promise.all([databases.owner.end(), databases.floorOwner.end()]));

  say('Starting the gateway and bringing in 1,000 persons through its API …');
  const gateway = await startGatewayProcess(root, path.join(dir, 'gateway'), databases, certified, masterKey, POOL);
  cleanUp(() => gateway.stop());
  const handles = await bringIn(gateway.port, certified);
  const known = await countIn(databases.owner, 'ledger.entry');
  const questions = Math.max(PERSONS, ENTRIES - known);
  say(`The ledger holds ${known} entries. Asking ${questions} times, about each at least once …`);
  const answer = await askAround(gateway.port, certified.shelter, handles, questions);
  verifyOurs(answer);
  // Who is asked about for the first time leaves more behind than later: what is usual shows when all were.
  await askAround(gateway.port, certified.shelter, handles, USUAL);

  say('Starting the floor …');
  const floor = await startFloor(path.join(dir, 'floor.json'), databases, certified, handles, {
    answerBytes: answer.body.length,
    storedBytes: await bytesOfAnEntry(databases.owner, USUAL),
  });
  cleanUp(() => floor.stop());

  const sides = sidesOf(gateway, floor, certified, handles, answer.body.length);
  say('Warming both up …');
  // Both have long been running where they are used: what the engine costs while it still compiles is not measured.
  for (const side of sides) await runWindow(side, WARM_UP_CONNECTIONS, postgres.pid, WARM_UP_SECONDS, FIRST_GUESS);
  const entries = await countIn(databases.owner, 'ledger.entry');
  const bytes = await bytesIn(databases.owner, 'ledger', 'postern');
  const results = await runRounds(sides, postgres.pid, seconds, say);
  const grown = (await bytesIn(databases.owner, 'ledger', 'postern')) - bytes;
  const disclosed = (await countIn(databases.owner, 'ledger.entry')) - entries;
  const floorBytes =
    (await bytesOf(databases.floorOwner, 'disclosed')) / (await countIn(databases.floorOwner, 'disclosed'));
  return report(results, { ours: grown / disclosed, floor: floorBytes }, say);
};

async function startFloor(
  file: string,
  { floor, floorOwner }: Databases,
  { server, shelter }: Certified,
  handles: Handles,
  sizes: Pick<FloorConfig, 'answerBytes' | 'storedBytes'>,
): Promise<Server> {
  await fill(
    floorOwner,
    handles.map((handle, n) => [handle, ...rowOf(n).slice(1)]),
  );
  const { agency, publicKey } = shelter;
  const config: FloorConfig = {
    credentials: server,
    database: floor,
    poolSize: POOL,
    asker: { agency, publicKey },
    ...sizes,
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return startProgram([path.join(import.meta.dirname, 'floor.js'), file], {}, (line) => LISTENING.exec(line)?.[1]);
}

function sidesOf(
  gateway: Server,
  floor: Server,
  { shelter }: Certified,
  handles: Handles,
  answerBytes: number,
): readonly [Side, Side] {
  let asked = 0;
  const sign = (): Buffer => questionAbout(shelter, handles[asked++ % handles.length] as string);
  const peer = (server: Server): Peer => ({ port: server.port, ...shelter.shown });
  return [
    { name: 'ours', server: gateway, peer: peer(gateway), answerBytes, sign, verify: verifyOurs },
    { name: 'floor', server: floor, peer: peer(floor), answerBytes, sign, verify: verifyFloor },
  ];
}

async function runRounds(
  sides: readonly [Side, Side],
  postmaster: number,
  seconds: number,
  say: (line: string) => void,
): Promise<Results> {
  const results = new Map(CONNECTIONS.map((each) => [each, { ours: [] as Result[], floor: [] as Result[] }]));
  const fastest = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const connections of CONNECTIONS) {
      // Whoever goes second finds the machine warmer: they take turns.
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        const expected = fastest.get(`${side.name} ${connections}`) ?? FIRST_GUESS;
        const result = await runWindow(side, connections, postmaster, seconds, expected);
        fastest.set(`${side.name} ${connections}`, Math.max(result.perSecond * 1.3, 500));
        results.get(connections)?.[side.name].push(result);
        say(
          `  round ${round + 1}  ${String(connections).padStart(2)} connections  ${side.name.padEnd(5)}  ` +
            `${result.perSecond.toFixed(0).padStart(6)} req/s` +
            (result.tooLate > 0 ? `, ${result.tooLate} refused as too late` : ''),
        );
      }
    }
  }
  return results;
}

/** Requests a second, before anything is known. */
const FIRST_GUESS = 1_500;

async function runWindow(
  side: Side,
  connections: number,
  postmaster: number,
  seconds: number,
  expected: number,
): Promise<Result> {
  const signed = Array.from({ length: Math.ceil(expected * (seconds + 1)) }, side.sign);
  let at = 0;
  let [server, database] = [0, 0];
  const measured: Measured = await drive({
    peer: side.peer,
    connections,
    seconds,
    next: () => signed[at++] ?? side.sign(),
    isAnswer: ({ status, body }) => {
      if (status === 200 && body.length === side.answerBytes) return true;
      if (status === 503) return false;
      throw new Error(`${side.name} answered ${status} with ${body.length} bytes: ${body.toString().slice(0, 300)}`);
    },
    onEdge: () => {
      server = cpuOfProcess(side.server.pid) - server;
      database = cpuOfFamily(postmaster) - database;
    },
  });
  for (const sample of measured.samples) side.verify(sample);
  return {
    perSecond: measured.answers / measured.seconds,
    p50: percentile(measured.latencies, 0.5),
    p99: percentile(measured.latencies, 0.99),
    cpuMs: ((server + database) * 1000) / measured.answers,
    databaseMs: (database * 1000) / measured.answers,
    tooLate: measured.tooLate,
  };
}

function verifyOurs({ status, body }: Reply): void {
  const answer = JSON.parse(body.toString()) as { readonly fields?: readonly { readonly field: string }[] };
  const names = new Set((answer.fields ?? []).map(({ field }) => field));
  const missing = FIELDS.filter((field) => !names.has(field));
  if (status !== 200 || missing.length > 0)
    throw new Error(`the gateway answered ${status} without ${missing.join(', ')}: ${body.toString().slice(0, 300)}`);
}

function verifyFloor({ status, body }: Reply): void {
  const { row } = JSON.parse(body.toString()) as { readonly row?: readonly unknown[] };
  if (status !== 200 || row === undefined || row.some((value) => value === null))
    throw new Error(`the floor answered ${status}: ${body.toString().slice(0, 300)}`);
}

function report(
  results: Results,
  bytes: { readonly ours: number; readonly floor: number },
  say: (line: string) => void,
): Readonly<Record<string, number>> {
  const ratio = (connections: number, of: (result: Result) => number): Spread => {
    const { ours, floor } = results.get(connections) ?? { ours: [], floor: [] };
    return ratiosOf(ours.map(of), floor.map(of));
  };
  say(tableOf(results, bytes, ratio));
  return {
    throughput_ratio_c1: rounded(ratio(1, ({ perSecond }) => perSecond).median),
    throughput_ratio_c16: rounded(ratio(16, ({ perSecond }) => perSecond).median),
    throughput_ratio_c64: rounded(ratio(64, ({ perSecond }) => perSecond).median),
    cpu_ratio_c16: rounded(ratio(16, ({ cpuMs }) => cpuMs).median),
    p99_ratio_c16: rounded(ratio(16, ({ p99 }) => p99).median),
    bytes_per_disclosure: Math.round(bytes.ours),
  };
}
