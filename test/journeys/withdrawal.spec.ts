import { setTimeout as sleep } from 'node:timers/promises';
import { Client as PgClient } from 'pg';
import { ENTRY_TYPE } from '#disclosure';
import { parseVerifierKey } from '#ledger';
import type { Reply } from '../../apps/sandbox/src/client.js';
import { ArrivalClock } from './arrival-clock.js';
import { type Recorded, type Seen, violationsIn } from './history.js';
import { type OpenSandbox, openSandbox, urlOf } from './open-sandbox.js';
import {
  advocate,
  ask,
  dvOfficer,
  HER_PHONE,
  isUniform,
  type Known,
  knownToShelterAndPolice,
  made,
  type Members,
  sign,
  valuesIn,
  withdraw,
} from './people.js';
import { readLog, receiptIn, withAccounts } from './read-log.js';

const PHONE = 'contact.safe_phone';
const MARA = '+1 555 010 0142';

let opened: OpenSandbox;
let members: Members;
let mara: Known;
let shelterDatabase: PgClient;
let gatewayDatabase: PgClient;

beforeAll(async () => {
  opened = await openSandbox();
  members = (id) => opened.sandbox.client(id);
  mara = await knownToShelterAndPolice(members, { shelter: 'HH-0142', police: 'P-55821' });
  shelterDatabase = await connectTo('postern_sandbox_harbour_house');
  gatewayDatabase = await connectTo('postern_sandbox');
}, 120_000);

afterAll(async () => {
  await Promise.all([shelterDatabase?.end(), gatewayDatabase?.end()]);
  await opened?.close();
});

async function connectTo(database: string): Promise<PgClient> {
  const client = new PgClient({ connectionString: urlOf(opened.postgres, database) });
  await client.connect();
  return client;
}

const askForPhone = ({ atPolice }: Known): Promise<Reply> =>
  ask(members('county-police'), dvOfficer, { subject: atPolice, fields: [PHONE] });

const log = () => ({ id: opened.sandbox.logId, key: parseVerifierKey(opened.sandbox.verifierKey).publicKey });

/** Holds the shelter's answer back, as a slow system would, from inside its database; `act` runs while it is held. */
async function whileHeld<Result>(act: (letGo: () => Promise<void>) => Promise<Result>): Promise<Result> {
  await shelterDatabase.query('BEGIN');
  await shelterDatabase.query('LOCK TABLE casework.contact_methods IN ACCESS EXCLUSIVE MODE');
  let held = true;
  const letGo = async () => {
    if (held) await shelterDatabase.query('COMMIT');
    held = false;
  };
  try {
    return await act(letGo);
  } finally {
    await letGo();
  }
}

async function untilItWaits(): Promise<void> {
  const waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'casework.contact_methods'::regclass";
  while ((await shelterDatabase.query(waiting)).rowCount === 0) await sleep(2);
}

async function logSize(): Promise<number> {
  const { rows } = await gatewayDatabase.query<{ size: string }>('SELECT size FROM ledger.head');
  return Number(rows[0]?.size);
}

describe('she withdraws while a request is in flight', () => {
  beforeEach(async () => {
    await made(sign(members, mara.atShelter, HER_PHONE));
  });
  afterEach(async () => {
    await made(withdraw(members, mara.atShelter, 'everyone'));
  });

  it('gets the value of a source that was held up and then answered, as long as she has not withdrawn', async () => {
    const answer = await whileHeld(async (letGo) => {
      const asked = askForPhone(mara);
      await untilItWaits();
      await letGo();
      return asked;
    });
    expect(valuesIn(answer)).toEqual({ [PHONE]: MARA });
  });

  it.each(['after the acknowledgement', 'while the acknowledgement is held back'])(
    'the source answers %s: nothing leaves',
    async (when) => {
      const { answer, acknowledged } = await whileHeld(async (letGo) => {
        const asked = askForPhone(mara);
        await untilItWaits();
        const size = await logSize();
        const withdrawing = withdraw(members, mara.atShelter, 'county-police');
        if (when === 'after the acknowledgement') await withdrawing;
        else while ((await logSize()) === size) await sleep(2);
        await letGo();
        return { answer: await asked, acknowledged: await withdrawing };
      });
      expect(acknowledged.status).toBe(200);
      expect(isUniform(answer)).toBe(true);
      const explained = await members('harbour-house').get(
        advocate,
        `/v1/disclosures/${receiptIn(answer, log()).entry}/explanation`,
      );
      expect(explained.json['fields']).toMatchObject([{ field: PHONE, level: 'nothing', released: false }]);
    },
  );

  it('the source never answers: nothing leaves, and her word is not held up by it', async () => {
    // A machine that stands still may put her word last once; where it waits for the source, it comes last each time.
    for (let first = 'asked'; first !== 'withdrawn';) {
      first = await whileHeld(async () => {
        const asked = askForPhone(mara);
        await untilItWaits();
        const withdrawn = withdraw(members, mara.atShelter, 'county-police');
        const came = await Promise.race([asked.then(() => 'asked'), withdrawn.then(() => 'withdrawn')]);
        expect(isUniform(await asked)).toBe(true);
        expect((await withdrawn).status).toBe(200);
        return came;
      });
      await made(sign(members, mara.atShelter, HER_PHONE));
    }
  });
});

async function introduceClient(number: string): Promise<Known> {
  await shelterDatabase.query(
    `WITH her AS (INSERT INTO casework.clients (client_no, first_name, last_name, opened_on)
         VALUES ($1, 'Invented', 'Client', '2026-01-01') RETURNING id)
       INSERT INTO casework.contact_methods (client_id, kind, value, is_safe)
         SELECT id, 'phone', $2, true FROM her`,
    [`HH-900${number}`, `+1 555 010 900${number}`],
  );
  return knownToShelterAndPolice(members, { shelter: `HH-900${number}`, police: `P-900${number}` });
}

/** The exported log with the shelter's account of every decision in it. */
async function readRecorded(): Promise<readonly Recorded[]> {
  const { verdict, entries } = await readLog(await opened.sandbox.exportLedger(), opened.sandbox.verifierKey);
  expect(verdict).toMatchObject({ kind: 'sound' });
  return withAccounts(members, entries);
}

const releaseIn = (history: readonly Seen[], recorded: readonly Recorded[]): Seen & { kind: 'answered' } => {
  const order = new Map(recorded.map(({ entry }, seq) => [entry, seq]));
  const last = Math.max(...history.flatMap((each) => (each.kind === 'withdrawn' ? (order.get(each.entry) ?? 0) : [])));
  const found = history.find(
    (each) => each.kind === 'answered' && each.released && (order.get(each.entry) ?? Infinity) < last,
  );
  if (found?.kind !== 'answered') throw new Error('nothing was released before a withdrawal');
  return found;
};
const withdrawalAfter = (
  release: Seen,
  history: readonly Seen[],
  recorded: readonly Recorded[],
): Seen & { kind: 'withdrawn' } => {
  const from = recorded.findIndex(({ entry }) => entry === release.entry);
  for (const { entry } of recorded.slice(from)) {
    const found = history.find((each) => each.entry === entry);
    if (found?.kind === 'withdrawn' && found.person === release.person) return found;
  }
  throw new Error('she never withdrew again');
};

describe('they withdraw and grant again while everybody asks', () => {
  const ASKERS = 24;
  /** A busy machine takes longer to get as much done, and the trial lasts until it has. */
  const LASTS = { atLeast: 7_000, atMost: 60_000 };
  const clock = new ArrivalClock();
  let history: Seen[];
  let recorded: readonly Recorded[];
  let began: number;

  const isLarge = () => count('withdrawn') > 8 && count('answered', true) > 15 && count('answered', false) > 15;
  const goesOn = () => {
    const lasted = performance.now() - began;
    return lasted < LASTS.atLeast || (!isLarge() && lasted < LASTS.atMost);
  };

  beforeAll(async () => {
    const persons = [mara];
    for (const number of ['1', '2', '3']) persons.push(await introduceClient(number));
    history = [];
    began = performance.now();
    await Promise.all([
      ...persons.map((person, i) => changeHerMind(person, i)),
      ...Array.from({ length: ASKERS }, (_, i) => keepAsking(persons[i % persons.length] ?? mara, 25 * i)),
    ]);
    clock.stop();
    recorded = await readRecorded();
  }, 180_000);

  async function changeHerMind({ atShelter, atPolice }: Known, i: number): Promise<void> {
    const person = atPolice;
    while (goesOn()) {
      const signed = await sign(members, atShelter, HER_PHONE);
      history.push({ kind: 'granted', person, ...receiptIn(signed, log()) });
      // Long enough for an answer to get through on a busy machine, short enough to be met by many withdrawals.
      await sleep(350 + 90 * i);
      const told = await withdraw(members, atShelter, 'county-police');
      const acknowledged = performance.now();
      history.push({ kind: 'withdrawn', person, ...receiptIn(told, log()), acknowledged });
    }
  }

  async function keepAsking(person: Known, after: number): Promise<void> {
    // Those who were all refused at once would all ask again at once.
    await sleep(after);
    while (goesOn()) {
      const answer = await askForPhone(person);
      const arrived = clock.earliest();
      // Where a machine is too slow for the lease, nothing has left, and whoever asked asks again.
      if (answer.status === 503) continue;
      expect(answer.status).toBe(200);
      const released = !isUniform(answer);
      history.push({ kind: 'answered', person: person.atPolice, ...receiptIn(answer, log()), arrived, released });
    }
  }

  const count = (kind: Seen['kind'], released?: boolean) =>
    history.filter((seen) => seen.kind === kind && (seen.kind !== 'answered' || seen.released === released)).length;

  it('was a trial at all: many grants, withdrawals, releases and refusals', () => {
    expect(count('withdrawn')).toBeGreaterThan(8);
    expect(count('answered', true)).toBeGreaterThan(15);
    expect(count('answered', false)).toBeGreaterThan(15);
  });

  it('releases nothing after an acknowledgement, and records no disclosure without consent', () => {
    expect(violationsIn(history, recorded)).toEqual([]);
  });

  it('leaves no decision in the log that nobody was told of, but those it says were not released', () => {
    const seen = new Set(history.map(({ entry }) => entry));
    const since = recorded.findIndex(({ entry }) => seen.has(entry));
    const during = recorded.slice(since);
    const untold = during.filter(({ type, entry }) => type === ENTRY_TYPE.decision && !seen.has(entry));
    expect(untold).toHaveLength(during.filter(({ type }) => type === ENTRY_TYPE['not released']).length);
  });

  /** Negative controls: the same history, doctored as each failure would have left it. */
  describe('a checker that would notice', () => {
    it('a release that arrives after the acknowledgement', () => {
      const release = releaseIn(history, recorded);
      const late = withdrawalAfter(release, history, recorded).acknowledged + 1;
      const doctored = history.map((each) => (each === release ? { ...release, arrived: late } : each));
      expect(violationsIn(doctored, recorded)).toEqual([
        `released 1 ms after her withdrawal was acknowledged: ${release.entry}`,
      ]);
    });

    it('an acknowledgement that did not wait for the lease', () => {
      const release = releaseIn(history, recorded);
      const withdrawal = withdrawalAfter(release, history, recorded);
      const early = { ...withdrawal, acknowledged: release.arrived - 5 };
      const doctored = history.map((each) => (each === withdrawal ? early : each));
      expect(violationsIn(doctored, recorded)).toContain(
        `released 5 ms after her withdrawal was acknowledged: ${release.entry}`,
      );
    });

    it('a disclosure that a batch put behind the withdrawal', () => {
      const release = releaseIn(history, recorded);
      const withdrawal = withdrawalAfter(release, history, recorded);
      const line = recorded.find(({ entry }) => entry === release.entry);
      const doctored = recorded
        .filter((each) => each !== line)
        .flatMap((each) => (each.entry === withdrawal.entry && line !== undefined ? [each, line] : [each]));
      expect(violationsIn(history, doctored)).toEqual([
        `disclosed without her consent, by the order of the log: ${release.entry}`,
      ]);
    });

    it.each<[string, (entry: string, line: Recorded) => Recorded[], string]>([
      ['an acknowledged entry that is lost', () => [], 'acknowledged and not in the log: answered'],
      ['one that became another', (_, line) => [{ ...line, leaf: '00' }], 'acknowledged and not in the log: answered'],
      [
        'a release that the log calls a refusal',
        (_, line) => [{ ...line, released: false }],
        'released, and the log says that nothing was:',
      ],
    ])('%s', (_title, doctor, message) => {
      const { entry } = releaseIn(history, recorded);
      const doctored = recorded.flatMap((line) => (line.entry === entry ? doctor(entry, line) : [line]));
      expect(violationsIn(history, doctored)).toContain(`${message} ${entry}`);
    });
  });
});
