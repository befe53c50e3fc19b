import { setTimeout as sleep } from 'node:timers/promises';
import { parseVerifierKey } from '#ledger';
import { ArrivalClock } from './arrival-clock.js';
import { type Seen, violationsIn } from './history.js';
import { type GatewayProcess, type OpenCounty, openCounty } from './open-county.js';
import { ask, dvOfficer, HER_PHONE, isUniform, type Known, knownToShelterAndPolice, sign, withdraw } from './people.js';
import { readLog, receiptIn, withAccounts } from './read-log.js';

const PHONE = 'contact.safe_phone';
const ASKERS = 8;
const LATE = /^released \d+ ms after her withdrawal was acknowledged/;
/** A busy machine takes longer to get as much done, and a trial lasts until it has. */
const AT_MOST = 60_000;
/**
 * How long the gateway stands still: until her word has been acknowledged for a while, or for less than its lease, or about
 * as long. And when: at any moment, or while releases are recorded that it has not answered with.
 */
const PAUSES = [
  { lasts: 'beyond her word', recording: true },
  { lasts: 'beyond her word', recording: false },
  { lasts: 150, recording: true },
  { lasts: 'beyond her word', recording: true },
  { lasts: 150, recording: false },
  { lasts: 350, recording: false },
] as const;
const BEYOND = 150;

interface Trial {
  readonly stalling: GatewayProcess;
  readonly clock: ArrivalClock;
  readonly history: Seen[];
  readonly goesOn: () => boolean;
}

const releasesIn = (history: readonly Seen[]): number =>
  history.filter((seen) => seen.kind === 'answered' && seen.released).length;
const withdrawalsIn = (history: readonly Seen[]): number => history.filter(({ kind }) => kind === 'withdrawn').length;
const isLarge = (history: readonly Seen[]): boolean =>
  withdrawalsIn(history) >= 2 * PAUSES.length && releasesIn(history) > 20;

/**
 * A gateway that stands still — a stalled machine, a long collection of garbage — after it has recorded a release, and
 * goes on after she has withdrawn through another gateway. A fence in the log alone would not stop it.
 */
describe('a gateway stands still while she withdraws through another', () => {
  let county: OpenCounty;
  let other: GatewayProcess;
  let her: Known;

  const log = () => ({ id: county.logId, key: parseVerifierKey(county.verifierKey).publicKey });

  beforeAll(async () => {
    county = await openCounty();
    other = await county.startGateway();
    her = await knownToShelterAndPolice(other.members, { shelter: 'HH-0142', police: 'P-55821' });
  }, 120_000);

  afterAll(() => county?.close());

  async function keepAsking({ stalling, clock, history, goesOn }: Trial, nth: number): Promise<void> {
    // Those who were all refused at once would all ask again at once.
    await sleep(75 * nth);
    while (goesOn()) {
      const asked = { subject: her.atPolice, fields: [PHONE] };
      const answer = await ask(stalling.members('county-police'), dvOfficer, asked);
      const arrived = clock.earliest();
      if (answer.status === 503) continue;
      const released = !isUniform(answer);
      history.push({ kind: 'answered', person: her.atPolice, ...receiptIn(answer, log()), arrived, released });
    }
  }

  async function changeHerMind(trial: Trial): Promise<void> {
    const { stalling, history, goesOn } = trial;
    for (;;)
      for (const { lasts, recording } of PAUSES) {
        if (!goesOn()) return;
        await grantAndWait(trial);
        const nth = withdrawalsIn(history);
        await sleep(13 * (nth % 7));
        if (recording) await pauseRecording(trial);
        const withdrawing = herWord(history);
        if (!recording) {
          await sleep(3 * (nth % 5));
          await stalling.pause();
        }
        if (lasts === 'beyond her word') await withdrawing;
        await sleep(lasts === 'beyond her word' ? BEYOND : lasts);
        stalling.resume();
        await withdrawing;
      }
  }

  /** Returns once everybody could have been answered. */
  async function grantAndWait({ history, goesOn }: Trial): Promise<void> {
    const signed = await sign(other.members, her.atShelter, HER_PHONE);
    history.push({ kind: 'granted', person: her.atPolice, ...receiptIn(signed, log()) });
    const before = releasesIn(history);
    while (goesOn() && releasesIn(history) < before + ASKERS) await sleep(5);
  }

  async function herWord(history: Seen[]): Promise<void> {
    const told = await withdraw(other.members, her.atShelter, 'county-police');
    const acknowledged = performance.now();
    history.push({ kind: 'withdrawn', person: her.atPolice, ...receiptIn(told, log()), acknowledged });
  }

  /** The gateway has sent releases to be recorded, and stands still when they are. */
  async function pauseRecording({ stalling, goesOn }: Trial): Promise<void> {
    const ledger = await county.holdLedger();
    while (goesOn() && !(await ledger.waits())) await sleep(1);
    await stalling.pause();
    await ledger.letGo();
  }

  async function tryWith(stalling: GatewayProcess): Promise<{ history: readonly Seen[]; wrong: readonly string[] }> {
    const history: Seen[] = [];
    const clock = new ArrivalClock();
    const end = performance.now() + AT_MOST;
    const goesOn = () => !isLarge(history) && performance.now() < end;
    const asking = Array.from({ length: ASKERS }, (_, nth) => keepAsking({ stalling, clock, history, goesOn }, nth));
    await Promise.all([changeHerMind({ stalling, clock, history, goesOn }), ...asking]);
    clock.stop();
    const { verdict, entries } = await readLog(await county.exportLedger(), county.verifierKey);
    expect(verdict).toMatchObject({ kind: 'sound' });
    // From the first entry that anybody in this trial heard of: answers do not arrive in the log's order.
    const heard = new Set(history.map(({ entry }) => entry));
    const since = entries.findIndex(({ entry }) => heard.has(entry));
    const recorded = await withAccounts(other.members, entries.slice(since));
    expect(withdrawalsIn(history)).toBeGreaterThanOrEqual(2 * PAUSES.length);
    expect(releasesIn(history)).toBeGreaterThan(20);
    return { history, wrong: violationsIn(history, recorded) };
  }

  it('releases nothing after the acknowledgement, and nothing acknowledged is lost', async () => {
    const { wrong } = await tryWith(await county.startGateway());
    expect(wrong).toEqual([]);
  }, 180_000);

  /** Negative control: the same gateway without a lease to speak of. */
  it('would be noticed if it did', async () => {
    const { wrong } = await tryWith(await county.startGateway(undefined, 60_000));
    expect(wrong.length).toBeGreaterThanOrEqual(3);
    for (const each of wrong) expect(each).toMatch(LATE);
    process.stdout.write(`without a lease ${wrong.length} were released too late\n`);
  }, 180_000);
});
