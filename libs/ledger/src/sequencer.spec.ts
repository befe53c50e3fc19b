import { generateKeyPairSync } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { CarelessSequencer, Mistake } from '../testonly/careless-sequencer.js';
import {
  ConsentReplica,
  DISCLOSURE,
  disclosuresWithoutConsent,
  entryOf,
  GRANT,
  WITHDRAWAL,
} from '../testonly/consent-replica.js';
import { Fault, FaultyLog } from '../testonly/faulty-log.js';
import { MemoryLog } from '../testonly/memory-log.js';
import { LogStore } from './log-store.js';
import { EMPTY_HEAD, grow } from './merkle.js';
import { Receipt, signReceipt, verifyReceipt } from './receipt.js';
import { Outcome, Pending, Sequencer } from './sequencer.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const logId = new Uint8Array(16);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unsigned = ({ entryId, leaf }: Receipt): Promise<Uint8Array> => Promise.resolve(Buffer.concat([entryId, leaf]));

interface Replica {
  readonly sequencer: Sequencer<string>;
  readonly known: ConsentReplica;
}

interface ReplicaOptions {
  readonly queue?: number;
  readonly batch?: number;
  readonly sign?: typeof unsigned;
}

function replicaOn(store: LogStore<string>, options: ReplicaOptions = {}): Replica {
  const known = new ConsentReplica();
  let clock = 0;
  const sequencer = new Sequencer<string>({
    store,
    position: 0,
    fold: (tail) => known.foldTail(tail),
    sign: options.sign ?? unsigned,
    monotonic: () => (clock += 1),
    queue: options.queue ?? 1_000,
    batch: options.batch ?? 100,
  });
  return { sequencer, known };
}

/** A disclosure under one consent, or a change of one, as it is decided at this moment. */
function pendingOf(
  { sequencer, known }: { readonly sequencer: { readonly position: number }; readonly known: ConsentReplica },
  type: number,
  consent: number,
  more: Partial<Pending<string>> = {},
): Pending<string> {
  const name = `consent ${consent}`;
  return {
    entry: entryOf(type, consent),
    basis: sequencer.position,
    reads: new Set([name]),
    writes: new Set(type === DISCLOSURE ? [] : [name]),
    narrows: type === WITHDRAWAL,
    changes: type === DISCLOSURE ? [] : [name],
    apply: () => known.fold(type, consent),
    ...more,
  };
}

/** The error with which a submission ends, as its code. */
async function codeOf(outcome: Promise<unknown>): Promise<string> {
  const error: unknown = await outcome.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof Error && 'code' in error ? String(error.code) : `no error: ${String(error)}`;
}

const kinds = async (outcomes: readonly Promise<Outcome>[]): Promise<string[]> =>
  (await Promise.all(outcomes)).map(({ kind }) => kind);

describe('what is submitted', () => {
  it('is answered with its index and a receipt that verifies, after apply', async () => {
    const store = new MemoryLog();
    const known = new ConsentReplica();
    const sign = (receipt: Receipt): Promise<Uint8Array> => signReceipt(logId, receipt, privateKey);
    const sequencer = new Sequencer<string>({
      store,
      position: 0,
      fold: (tail) => known.foldTail(tail),
      sign,
      monotonic: () => 7,
      queue: 10,
      batch: 10,
    });
    const pending = pendingOf({ sequencer, known }, GRANT, 1);
    const outcome = await sequencer.submit(pending);
    expect(outcome).toMatchObject({ kind: 'appended', seq: 0, startedAt: 7 });
    expect(known.active.has(1)).toBe(true);
    expect(sequencer.position).toBe(1);
    const receipt = outcome.kind === 'appended' ? outcome.receipt : new Uint8Array(0);
    expect(hex(verifyReceipt(logId, receipt, publicKey).leaf)).toBe(hex(store.stored[0]!.leaf));
  });

  it.each([
    ['once', 1, 'appended'],
    ['for good', Infinity, 'LEDGER_UNAVAILABLE'],
  ])('where its receipt fails to be signed %s, is in the log no more than once', async (_, failures, expected) => {
    const store = new MemoryLog();
    let failed = 0;
    const sign: typeof unsigned = (receipt) =>
      (failed += 1) <= failures ? Promise.reject(new Error('no such key')) : unsigned(receipt);
    const replica = replicaOn(store, { sign });
    const outcome = replica.sequencer.submit(pendingOf(replica, GRANT, 1));
    const said = await outcome.then(
      ({ kind }) => kind,
      () => codeOf(outcome),
    );
    expect(said).toBe(expected);
    await replica.sequencer.catchUp();
    expect(store.stored).toHaveLength(1);
    expect(replica.known.active.has(1)).toBe(true);
  });

  it('shares the next append with what came in as the last one ended', async () => {
    const store = new MemoryLog();
    const batches: number[] = [];
    const outcomes: Promise<Outcome>[] = [];
    const submit = (consent: number): void => {
      outcomes.push(replica.sequencer.submit(pendingOf(replica, GRANT, consent)));
    };
    const replica = replicaOn({
      head: () => store.head(),
      tail: (from, limit) => store.tail(from, limit),
      append: async (batch) => {
        const appended = await store.append(batch);
        batches.push(batch.entries.length);
        if (batches.length > 1) return appended;
        submit(2);
        // Another answer lay in the same turn of the event loop, and is read after this one.
        setImmediate(() => submit(3));
        return appended;
      },
    });
    submit(1);
    while (outcomes.length < 3 || batches.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    await Promise.all(outcomes);
    expect(batches).toEqual([1, 2]);
  });

  it('shares an append with whatever else waits, and nothing waits for a timer', async () => {
    const store = new FaultyLog(new MemoryLog(), () => 'none');
    const replica = replicaOn(store);
    const first = Array.from({ length: 5 }, (_, i) => replica.sequencer.submit(pendingOf(replica, DISCLOSURE, i)));
    await nextTurn();
    const second = Array.from({ length: 7 }, (_, i) => replica.sequencer.submit(pendingOf(replica, DISCLOSURE, i)));
    expect(await kinds([...first, ...second])).toEqual(Array.from({ length: 12 }, () => 'appended'));
    expect(store.appends).toBe(2);
  });

  it('is refused with LEDGER_BUSY at the bound, and nothing of it is recorded', async () => {
    const store = new MemoryLog();
    const replica = replicaOn(store, { queue: 3 });
    const outcomes = Array.from({ length: 4 }, (_, i) => replica.sequencer.submit(pendingOf(replica, DISCLOSURE, i)));
    expect(await codeOf(outcomes[3]!)).toBe('LEDGER_BUSY');
    expect(await kinds(outcomes.slice(0, 3))).toEqual(['appended', 'appended', 'appended']);
    expect(store.stored).toHaveLength(3);
  });

  it('is taken in spite of the bound where it narrows', async () => {
    const store = new MemoryLog();
    const replica = replicaOn(store, { queue: 3 });
    const disclosures = Array.from({ length: 5 }, (_, i) =>
      replica.sequencer.submit(pendingOf(replica, DISCLOSURE, i)),
    );
    const withdrawals = [1, 2].map((i) => replica.sequencer.submit(pendingOf(replica, WITHDRAWAL, i)));
    expect(await codeOf(disclosures[3]!)).toBe('LEDGER_BUSY');
    expect(await codeOf(disclosures[4]!)).toBe('LEDGER_BUSY');
    expect(await kinds(withdrawals)).toEqual(['appended', 'appended']);
    expect(store.stored).toHaveLength(5);
  });

  it('goes in batches of the given size', async () => {
    const store = new FaultyLog(new MemoryLog(), () => 'none');
    const replica = replicaOn(store, { batch: 4 });
    await kinds(Array.from({ length: 10 }, (_, i) => replica.sequencer.submit(pendingOf(replica, DISCLOSURE, i))));
    expect(store.appends).toBe(3);
  });
});

describe('within a batch', () => {
  it('changes go last, whatever came first', async () => {
    const store = new MemoryLog();
    const replica = replicaOn(store);
    await replica.sequencer.submit(pendingOf(replica, GRANT, 1));
    const withdrawal = replica.sequencer.submit(pendingOf(replica, WITHDRAWAL, 1));
    const disclosure = replica.sequencer.submit(pendingOf(replica, DISCLOSURE, 1));
    expect(await withdrawal).toMatchObject({ kind: 'appended', seq: 2 });
    expect(await disclosure).toMatchObject({ kind: 'appended', seq: 1 });
    expect(disclosuresWithoutConsent(store.stored)).toEqual([]);
  });

  it('a change that reads what an earlier change writes is stale', async () => {
    const store = new MemoryLog();
    const replica = replicaOn(store);
    const outcomes = [GRANT, GRANT].map((type) => replica.sequencer.submit(pendingOf(replica, type, 1)));
    expect(await kinds(outcomes)).toEqual(['appended', 'stale']);
    expect(store.stored).toHaveLength(1);
  });

  it('changes that do not meet share it', async () => {
    const store = new FaultyLog(new MemoryLog(), () => 'none');
    const replica = replicaOn(store);
    await kinds([1, 2, 3].map((consent) => replica.sequencer.submit(pendingOf(replica, GRANT, consent))));
    expect(store.appends).toBe(1);
  });
});

describe('a decision on what has changed since', () => {
  it('by this process, while its source was still answering, is stale', async () => {
    const store = new MemoryLog();
    const replica = replicaOn(store);
    await replica.sequencer.submit(pendingOf(replica, GRANT, 1));
    const decided = pendingOf(replica, DISCLOSURE, 1);
    const other = pendingOf(replica, DISCLOSURE, 2);
    await replica.sequencer.submit(pendingOf(replica, WITHDRAWAL, 1));
    expect(await replica.sequencer.submit(decided)).toEqual({ kind: 'stale' });
    expect(await replica.sequencer.submit(other)).toMatchObject({ kind: 'appended' });
  });

  it('by another process is stale, and the map shows it; what it does not touch goes on', async () => {
    const store = new MemoryLog();
    const [one, two] = [replicaOn(store), replicaOn(store)];
    await one.sequencer.submit(pendingOf(one, GRANT, 1));
    await two.sequencer.catchUp();
    expect(two.known.active.has(1)).toBe(true);
    const touched = pendingOf(two, DISCLOSURE, 1);
    const untouched = pendingOf(two, DISCLOSURE, 2);
    await one.sequencer.submit(pendingOf(one, WITHDRAWAL, 1));
    const outcomes = [two.sequencer.submit(touched), two.sequencer.submit(untouched)];
    expect(await kinds(outcomes)).toEqual(['stale', 'appended']);
    expect(two.known.active.has(1)).toBe(false);
  });
});

it('takes whoever decided before what it has forgotten for stale', async () => {
  const store = new MemoryLog();
  const replica = replicaOn(store);
  const decided = pendingOf(replica, DISCLOSURE, 1);
  const writes = new Set(Array.from({ length: 100_001 }, (_, i) => `name ${i}`));
  await replica.sequencer.submit(pendingOf(replica, GRANT, 2, { writes }));
  expect(await replica.sequencer.submit(decided)).toEqual({ kind: 'stale' });
  expect(await replica.sequencer.submit(pendingOf(replica, DISCLOSURE, 1))).toMatchObject({ kind: 'appended' });
});

describe('catching up', () => {
  it('shows a grant made elsewhere before it is missed', async () => {
    const store = new MemoryLog();
    const [one, two] = [replicaOn(store), replicaOn(store)];
    await one.sequencer.submit(pendingOf(one, GRANT, 1));
    expect(two.known.active.has(1)).toBe(false);
    expect(await two.sequencer.catchUp()).toBe(1);
    expect(two.known.active.has(1)).toBe(true);
  });

  it('reads a long tail page by page', async () => {
    const store = new MemoryLog();
    const [one, two] = [replicaOn(store, { queue: 5_000, batch: 1_000 }), replicaOn(store)];
    await kinds(Array.from({ length: 2_500 }, () => one.sequencer.submit(pendingOf(one, DISCLOSURE, 0))));
    expect(await two.sequencer.catchUp()).toBe(2_500);
  });
});

function failing(...faults: Fault[]): { store: MemoryLog; faulty: FaultyLog; replica: Replica } {
  const store = new MemoryLog();
  const faulty = new FaultyLog(store, () => faults.shift() ?? 'none');
  return { store, faulty, replica: replicaOn(faulty) };
}

describe('an append that fails', () => {
  it('before anything was sent is tried again, and recorded once', async () => {
    const { store, replica } = failing('lost');
    expect(await replica.sequencer.submit(pendingOf(replica, GRANT, 1))).toMatchObject({ kind: 'appended', seq: 0 });
    expect(store.stored).toHaveLength(1);
  });

  it('after the commit is found by its id, and the lease runs from the first attempt', async () => {
    const { store, replica } = failing('recorded, but nobody told');
    const outcomes = [1, 2, 3].map((consent) => replica.sequencer.submit(pendingOf(replica, GRANT, consent)));
    expect(await kinds(outcomes)).toEqual(['appended', 'appended', 'appended']);
    expect(await outcomes[0]).toMatchObject({ startedAt: 1 });
    expect(store.stored).toHaveLength(3);
    expect([...replica.known.active]).toEqual([1, 2, 3]);
    expect(replica.sequencer.position).toBe(3);
  });

  it('and arrives when the next attempt is under way is recorded once all the same', async () => {
    const { store, replica } = failing('arrives late');
    const outcomes = [1, 2, 3].map((consent) => replica.sequencer.submit(pendingOf(replica, GRANT, consent)));
    expect(await kinds(outcomes)).toEqual(['appended', 'appended', 'appended']);
    await sleep(10);
    expect(new Set(store.stored.map(({ id }) => hex(id))).size).toBe(store.stored.length);
    expect(store.stored).toHaveLength(3);
  });

  it('again and again ends in LEDGER_UNAVAILABLE', async () => {
    const { replica } = failing('lost', 'lost', 'lost');
    expect(await codeOf(replica.sequencer.submit(pendingOf(replica, GRANT, 1)))).toBe('LEDGER_UNAVAILABLE');
    expect(replica.known.active.has(1)).toBe(false);
    expect(await replica.sequencer.submit(pendingOf(replica, GRANT, 1))).toMatchObject({ kind: 'appended' });
  });

  it('because of one bad entry takes no other along', async () => {
    const store = new MemoryLog();
    const picky: LogStore<string> = {
      head: () => store.head(),
      tail: (from, limit) => store.tail(from, limit),
      append: (batch) =>
        batch.entries.some(({ changes }) => changes.includes('bad'))
          ? Promise.reject(new Error('no such column'))
          : store.append(batch),
    };
    const replica = replicaOn(picky);
    const good = [1, 2].map((consent) => replica.sequencer.submit(pendingOf(replica, GRANT, consent)));
    const bad = replica.sequencer.submit(pendingOf(replica, GRANT, 3, { changes: ['bad'] }));
    expect(await codeOf(bad)).toBe('LEDGER_UNAVAILABLE');
    expect(await kinds(good)).toEqual(['appended', 'appended']);
    expect(store.stored).toHaveLength(2);
  });

  it('while the store cannot be reached tells everybody, and the process goes on when it can', async () => {
    const { faulty, replica, store } = failing('recorded, but nobody told');
    const lost = replica.sequencer.submit(pendingOf(replica, GRANT, 1));
    await nextTurn();
    faulty.unreachable = true;
    expect(await codeOf(lost)).toBe('LEDGER_UNAVAILABLE');
    expect(await codeOf(replica.sequencer.submit(pendingOf(replica, GRANT, 2)))).toBe('LEDGER_UNAVAILABLE');
    faulty.unreachable = false;
    await replica.sequencer.submit(pendingOf(replica, GRANT, 3));
    // The first was recorded although nobody could be told: the map holds it, by the log.
    expect([...replica.known.active]).toEqual([1, 3]);
    expect(store.stored).toHaveLength(2);
  });
});

describe('the same question twice', () => {
  const idempotency = new Uint8Array(16).fill(5);

  it('is answered with the first receipt, and appended once', async () => {
    const store = new MemoryLog();
    const replica = replicaOn(store);
    const first = await replica.sequencer.submit(pendingOf(replica, DISCLOSURE, 1, { idempotency }));
    const other = replica.sequencer.submit(pendingOf(replica, DISCLOSURE, 2));
    const again = await replica.sequencer.submit(pendingOf(replica, DISCLOSURE, 1, { idempotency }));
    expect(again).toMatchObject({ kind: 'repeated', receipt: first.kind === 'appended' ? first.receipt : undefined });
    expect((await other).kind).toBe('appended');
    expect(store.stored).toHaveLength(2);
  });

  it('in one batch too', async () => {
    const store = new MemoryLog();
    const replica = replicaOn(store);
    const outcomes = [1, 1].map((consent) =>
      replica.sequencer.submit(pendingOf(replica, DISCLOSURE, consent, { idempotency })),
    );
    expect(await kinds(outcomes)).toEqual(['appended', 'repeated']);
    expect(store.stored).toHaveLength(1);
  });
});

it('refuses an instant that the store does not share, and only that one', async () => {
  const store = new MemoryLog();
  store.now = 1_000_000;
  const replica = replicaOn(store);
  const at = [0, 995_000, 1_000_000, 1_005_001];
  const outcomes = at.map((instant) =>
    replica.sequencer.submit(pendingOf(replica, DISCLOSURE, 1, { entry: entryOf(DISCLOSURE, 1, instant) })),
  );
  expect(await Promise.all([outcomes[0]!, outcomes[3]!].map(codeOf))).toEqual(['LEDGER_CLOCK', 'LEDGER_CLOCK']);
  expect(await kinds(outcomes.slice(1, 3))).toEqual(['appended', 'appended']);
});

describe('a store that lost or changed what it had', () => {
  it('by going back to an older state stops the process', async () => {
    const store = new MemoryLog();
    const replica = replicaOn(store);
    await replica.sequencer.submit(pendingOf(replica, GRANT, 1));
    const head = await store.head();
    await replica.sequencer.submit(pendingOf(replica, WITHDRAWAL, 1));
    store.rollBack(head);
    expect(await codeOf(replica.sequencer.submit(pendingOf(replica, DISCLOSURE, 1)))).toBe('LEDGER_ROLLED_BACK');
    expect(await codeOf(replica.sequencer.submit(pendingOf(replica, DISCLOSURE, 1)))).toBe('LEDGER_ROLLED_BACK');
    expect(store.stored).toHaveLength(1);
  });

  it('and grew again with other entries stops the process', async () => {
    const store = new MemoryLog();
    const [one, two] = [replicaOn(store), replicaOn(store)];
    await one.sequencer.submit(pendingOf(one, GRANT, 1));
    await two.sequencer.catchUp();
    store.rollBack(EMPTY_HEAD);
    const three = replicaOn(store);
    await three.sequencer.submit(pendingOf(three, GRANT, 2));
    expect(await codeOf(two.sequencer.catchUp())).toBe('LEDGER_FORKED');
  });

  it('under a root that is not that of its frontier stops the process', async () => {
    const store = new MemoryLog();
    const { head } = grow(EMPTY_HEAD, [entryOf(GRANT, 1).leaf]);
    store.rollBack({ ...head, root: EMPTY_HEAD.root });
    expect(await codeOf(replicaOn(store).sequencer.catchUp())).toBe('LEDGER_FORKED');
  });
});

function apply(): void {
  throw new Error('out of memory');
}

it('folds from the store what its owner could not apply', async () => {
  const store = new MemoryLog();
  const replica = replicaOn(store);
  expect(await replica.sequencer.submit(pendingOf(replica, GRANT, 1, { apply }))).toMatchObject({ kind: 'appended' });
  expect(replica.sequencer.position).toBe(0);
  expect(await replica.sequencer.catchUp()).toBe(1);
  expect(replica.known.active.has(1)).toBe(true);
});

/** A small generator of the same numbers for the same seed, so that a failing history can be run again. */
function diceOf(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

interface Submits {
  readonly position: number;
  submit(pending: Pending<string>): Promise<Outcome>;
}

/** Two replicas on one store that breaks at random; everyone discloses, grants and withdraws. What went wrong, in words. */
async function wrongsIn(
  seed: number,
  sequencerOf: (store: LogStore<string>, known: ConsentReplica) => Submits,
): Promise<Set<string>> {
  const dice = diceOf(seed);
  const store = new MemoryLog();
  const faults: Fault[] = ['lost', 'recorded, but nobody told', 'arrives late'];
  const replicas = [0, 1].map(() => {
    const known = new ConsentReplica();
    const faulty = new FaultyLog(store, () => (dice(8) === 0 ? faults[dice(3)]! : 'none'));
    return { known, sequencer: sequencerOf(faulty, known) };
  });
  const acknowledged: { readonly id: string; readonly seq: number; readonly at: number }[] = [];
  const wrongs = new Set<string>();
  const ask = async (replica: (typeof replicas)[number], type: number, consent: number): Promise<void> => {
    const pending = pendingOf(replica, type, consent);
    for (let wait = dice(4); wait > 0; wait -= 1) await nextTurn(); // its source is answering
    const outcome = await Promise.race([replica.sequencer.submit(pending).catch(() => undefined), sleep(200)]);
    if (outcome?.kind !== 'appended') return;
    const id = hex(pending.entry.id);
    acknowledged.push({ id, seq: outcome.seq, at: store.stored.length });
    // Whoever looks at this very moment must find it durable.
    if (!store.stored.some((entry) => hex(entry.id) === id)) wrongs.add('acknowledged before it was durable');
  };
  const worker = async (): Promise<void> => {
    for (let i = 0; i < 40; i += 1) {
      const replica = replicas[dice(2)]!;
      const consent = dice(3);
      const active = replica.known.active.has(consent);
      if (dice(3) === 0) await ask(replica, active ? WITHDRAWAL : GRANT, consent);
      else if (active) await ask(replica, DISCLOSURE, consent);
      else await nextTurn();
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  await sleep(10); // the late ones
  if (disclosuresWithoutConsent(store.stored).length > 0) wrongs.add('disclosed after the withdrawal');
  const ids = store.stored.map(({ id }) => hex(id));
  if (new Set(ids).size < ids.length) wrongs.add('recorded twice');
  if (acknowledged.some(({ id, seq }) => ids[seq] !== id)) wrongs.add('acknowledged and not there');
  const { root } = grow(
    EMPTY_HEAD,
    store.stored.map(({ leaf }) => leaf),
  ).head;
  if (hex(root) !== hex((await store.head()).root)) wrongs.add('the root is not that of the entries');
  return wrongs;
}

describe('histories of two replicas on one failing store', () => {
  it.each([1, 2, 3, 4, 5, 6])('show nothing wrong, by seed %i', async (seed) => {
    const wrongs = await wrongsIn(seed, (store, known) => {
      const fold = known.foldTail.bind(known);
      const options = { store, position: 0, fold, sign: unsigned, monotonic: () => 0, queue: 1_000, batch: 100 };
      return new Sequencer<string>(options);
    });
    expect([...wrongs]).toEqual([]);
  });

  // The negative controls: the same histories must catch each of these mistakes, or they show nothing.
  it.each<[Mistake, string]>([
    ['keeps the order of arrival', 'disclosed after the withdrawal'],
    ['never looks at what was read', 'disclosed after the withdrawal'],
    ['resolves before the commit', 'acknowledged before it was durable'],
    ['believes a failure', 'recorded twice'],
  ])('catch a sequencer that %s', async (mistake, wrong) => {
    const found = new Set<string>();
    for (let seed = 1; seed <= 6 && !found.has(wrong); seed += 1) {
      const wrongs = await wrongsIn(seed, (store, known) => {
        return new CarelessSequencer(store, known.foldTail.bind(known), mistake);
      });
      for (const one of wrongs) found.add(one);
    }
    expect([...found]).toContain(wrong);
  });
});
