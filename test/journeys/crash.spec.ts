import { setTimeout as sleep } from 'node:timers/promises';
import { parseVerifierKey } from '#ledger';
import type { Reply } from '../../apps/sandbox/src/client.js';
import { ArrivalClock } from './arrival-clock.js';
import { type Recorded, type Seen, violationsIn } from './history.js';
import { type GatewayProcess, type OpenCounty, openCounty } from './open-county.js';
import { ask, dvOfficer, HER_PHONE, isUniform, type Known, knownToShelterAndPolice, sign, withdraw } from './people.js';
import { readLog, receiptIn, withAccounts } from './read-log.js';

const PHONE = 'contact.safe_phone';
const ASKERS = 6;

let county: OpenCounty;
let gateway: GatewayProcess;
let her: Known;
const clock = new ArrivalClock();
const history: Seen[] = [];
/** Everything that was said instead of an answer, in the order it came. */
const refusals: Reply[] = [];
let broken = 0;

beforeAll(async () => {
  county = await openCounty();
  gateway = await county.startGateway();
  her = await knownToShelterAndPolice(gateway.members, { shelter: 'HH-0142', police: 'P-55821' });
  await grant();
}, 120_000);

afterAll(async () => {
  clock.stop();
  await county?.close();
});

const log = () => ({ id: county.logId, key: parseVerifierKey(county.verifierKey).publicKey });

async function grant(): Promise<void> {
  const signed = await sign(gateway.members, her.atShelter, HER_PHONE);
  history.push({ kind: 'granted', person: her.atPolice, ...receiptIn(signed, log()) });
}

const askForPhone = (): Promise<Reply> =>
  ask(gateway.members('county-police'), dvOfficer, { subject: her.atPolice, fields: [PHONE] });

/** Asks once and notes what came of it. */
async function askAndNote(): Promise<'released' | 'nothing' | 'refused' | 'broken'> {
  const answer = await askForPhone().catch(() => undefined);
  const arrived = clock.earliest();
  if (answer === undefined) {
    broken += 1;
    return 'broken';
  }
  if (answer.status !== 200) {
    refusals.push(answer);
    return 'refused';
  }
  const released = !isUniform(answer);
  history.push({ kind: 'answered', person: her.atPolice, ...receiptIn(answer, log()), arrived, released });
  return released ? 'released' : 'nothing';
}

/** Runs `disturb` while agencies keep asking, and asks on until a value comes again. */
async function underLoad(disturb: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const asking = Array.from({ length: ASKERS }, async () => {
    while (!over.signal.aborted) await sleep((await askAndNote()) === 'released' ? 15 : 25);
  });
  try {
    await sleep(300);
    await disturb();
    await untilReleased();
  } finally {
    over.abort();
    await Promise.all(asking);
  }
}

/** Where nothing is released any more, the test runs out of time. */
async function untilReleased(): Promise<void> {
  while ((await askAndNote()) !== 'released') await sleep(20);
}

/** Asks until it is decided that she gets nothing; nothing is released before that. */
async function untilNothing(): Promise<void> {
  const came: string[] = [];
  while (came.at(-1) !== 'nothing') came.push(await askAndNote());
  expect(came).not.toContain('released');
}

/** What the log said when it was last read. It only grows: what was read once is not asked about again. */
const read: Recorded[] = [];

async function violations(): Promise<readonly string[]> {
  const { verdict, entries } = await readLog(await county.exportLedger(), county.verifierKey);
  expect(verdict).toMatchObject({ kind: 'sound' });
  expect(entries.slice(0, read.length).map(({ leaf }) => leaf)).toEqual(read.map(({ leaf }) => leaf));
  read.push(...(await withAccounts(gateway.members, entries.slice(read.length))));
  return violationsIn(history, read);
}

const releases = () => history.filter((seen) => seen.kind === 'answered' && seen.released).length;

describe('PostgreSQL is killed while everybody asks', () => {
  it('twice: the gateway refuses meanwhile, comes back by itself, and nothing acknowledged is lost', async () => {
    const before = releases();
    for (let round = 0; round < 2; round += 1) {
      await underLoad(async () => {
        await county.postgres.crash();
        await sleep(300);
        await county.postgres.restart();
      });
    }
    expect(releases()).toBeGreaterThan(before);
    expect(broken).toBe(0);
    expect(refusals.length).toBeGreaterThan(0);
    expect(await violations()).toEqual([]);
  }, 120_000);

  it('says no more in a refusal than that nothing was released', () => {
    for (const { status, headers, json } of refusals) {
      expect(status).toBe(503);
      expect(headers[headers.findIndex((name) => name.toLowerCase() === 'content-type') + 1]).toBe(
        'application/problem+json',
      );
      expect(json).toMatchObject({
        status: 503,
        code: expect.stringMatching(/^(ledger_unavailable|undecided)$/) as string,
      });
      // Ids are random, and have all digits.
      const said = JSON.stringify(json).replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '*');
      expect(said).not.toMatch(/ECONN|127\.0\.0\.1|postgres|\bat \w+ \(|555/i);
    }
  });

  it('a withdrawal acknowledged just before holds after', async () => {
    const told = await withdraw(gateway.members, her.atShelter, 'county-police');
    const acknowledged = performance.now();
    history.push({ kind: 'withdrawn', person: her.atPolice, ...receiptIn(told, log()), acknowledged });
    await county.postgres.crash();
    await county.postgres.restart();
    await untilNothing();
    await grant();
    expect(await violations()).toEqual([]);
  }, 120_000);
});

describe('the gateway is killed while everybody asks', () => {
  it('twice: nothing acknowledged is lost, and nothing was released without its entry', async () => {
    const before = releases();
    for (let round = 0; round < 2; round += 1) {
      await underLoad(async () => {
        await gateway.kill();
        gateway = await county.startGateway(gateway.port);
      });
    }
    expect(releases()).toBeGreaterThan(before);
    expect(broken).toBeGreaterThan(0);
    expect(await violations()).toEqual([]);
  }, 120_000);

  it('with its database: it does not start without one, says so in one sentence, and a withdrawal still holds', async () => {
    const told = await withdraw(gateway.members, her.atShelter, 'county-police');
    const acknowledged = performance.now();
    history.push({ kind: 'withdrawn', person: her.atPolice, ...receiptIn(told, log()), acknowledged });
    await gateway.kill();
    await county.postgres.crash();
    await expect(county.startGateway(gateway.port)).rejects.toThrow(/the database does not let us in \(ECONNREFUSED\)/);
    await county.postgres.restart();
    gateway = await county.startGateway(gateway.port);
    await untilNothing();
    await grant();
    await untilReleased();
    expect(await violations()).toEqual([]);
  }, 120_000);
});
