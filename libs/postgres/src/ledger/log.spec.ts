import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Pool } from 'pg';
import {
  type Appended,
  EMPTY_HEAD,
  filler,
  grow,
  Head,
  LogStore,
  logIdOf,
  Pending,
  PersonKey,
  seal,
  SealedEntry,
  Sequencer,
  SubmittedEntry,
  unseal,
  verifyConsistency,
  verifyInclusion,
} from '#ledger';
import { PostgresLog, Project } from './log.js';
import { proveConsistency, proveInclusion } from './proofs.js';
import { CREATE_LEDGER, ledgerGrants } from './schema.js';

const logId = logIdOf('postern.example/test');
const policy = createHash('sha256').update('policy').digest();
const hers: PersonKey = { id: randomBytes(16), secret: createSecretKey(randomBytes(32)) };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

let owner: Pool;
let gateway: Pool;
let database: string;

beforeAll(async () => {
  const server = JSON.parse(process.env['TEST_PG'] ?? '{}') as { host: string; port: number };
  database = `ledger_${randomBytes(6).toString('hex')}`;
  const admin = new Client({ ...server, database: 'postgres' });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${database}`);
  await admin.end();
  owner = new Pool({ ...server, database });
  await owner.query(CREATE_LEDGER);
  await owner.query(`CREATE ROLE ${database}; ${ledgerGrants(database)}`);
  await owner.query(`CREATE TABLE note (seq bigint, word text NOT NULL); GRANT INSERT ON note TO ${database}`);
  gateway = new Pool({ ...server, database, max: 4, options: `-c role=${database}` });
  gateway.on('error', () => {}); // connections that a test kills while they are idle
});

afterAll(async () => {
  await gateway.end();
  await owner.end();
});

const writeNotes: Project<string> = async (client, changes) => {
  for (const { seq, change } of changes) {
    await client.query('INSERT INTO public.note VALUES ($1, $2)', [seq, change === 'NULL' ? null : change]);
  }
};

const open = (): Promise<PostgresLog<string>> => PostgresLog.open(gateway, logId, writeNotes);

function entryOf(body: string, at = Date.now()): SealedEntry {
  return seal(logId, { id: randomBytes(16), type: 2, at, policy, body: Buffer.from(body), keys: [hers] }, randomBytes);
}

const plain = (entry: SealedEntry): SubmittedEntry<string> => ({ entry, changes: [] });

async function append(store: LogStore<string>, from: Head, entries: readonly SubmittedEntry<string>[]) {
  const { head, tiles } = grow(
    from,
    entries.map(({ entry }) => entry.leaf),
  );
  return store.append({ from: from.size, entries, head, tiles });
}

async function codeOf(query: Promise<unknown>): Promise<string> {
  const error: unknown = await query.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof Error && 'code' in error ? String(error.code) : 'no error';
}

describe('the log on PostgreSQL', () => {
  it('begins empty, and refuses to be another log', async () => {
    const store = await open();
    expect(await store.head()).toEqual({ size: 0, frontier: Buffer.alloc(0), root: Buffer.from(EMPTY_HEAD.root) });
    await open();
    await expect(PostgresLog.open(gateway, logIdOf('another'), writeNotes)).rejects.toThrow('holds another log');
  });

  it('gives back what was appended, fillers too, each entry readable by its key', async () => {
    const store = await open();
    const bare = filler({ id: randomBytes(16), at: Date.now(), policy });
    const entries = [entryOf('one'), bare, entryOf('two')];
    const before = await store.head();
    expect(await append(store, before, entries.map(plain))).toEqual({ kind: 'appended' });
    const tail = await store.tail(before.size, 10);
    expect(tail.map(({ seq }) => seq)).toEqual([0, 1, 2].map((i) => before.size + i));
    expect(tail.map(({ leaf }) => hex(leaf))).toEqual(entries.map(({ leaf }) => hex(leaf)));
    expect(unseal(logId, tail[2]!, hers).toString()).toBe('two');
    expect(tail[1]).toMatchObject({ content: undefined, keys: [], commitment: Buffer.alloc(32) });
    expect((await store.find(entries[2]!.id))?.seq).toBe(before.size + 2);
    expect(await store.find(randomBytes(16))).toBeUndefined();
  });

  it('appends nothing to a log that has moved', async () => {
    const store = await open();
    const before = await store.head();
    await append(store, before, [plain(entryOf('mine'))]);
    expect(await append(store, before, [plain(entryOf('late'))])).toEqual({ kind: 'moved' });
    expect((await store.head()).size).toBe(before.size + 1);
  });

  it('appends nothing of a batch in which something was recorded before, and says what', async () => {
    const store = await open();
    const first = { ...plain(entryOf('asked')), idempotency: randomBytes(16) };
    await append(store, await store.head(), [first]);
    const before = await store.head();
    const repeated = { ...plain(entryOf('asked again')), idempotency: first.idempotency };
    const batch = [plain(entryOf('new')), { ...plain(entryOf('newer')), idempotency: randomBytes(16) }, repeated];
    const { id: entryId, leaf } = first.entry;
    expect(await append(store, before, batch)).toEqual({ kind: 'repeated', entries: [{ position: 2, entryId, leaf }] });
    const withChange = [{ ...repeated, changes: ['unwritten'] }];
    expect(await append(store, before, withChange)).toMatchObject({ kind: 'repeated' });
    expect(await store.head()).toEqual(before);
  });

  it('goes on for others while one gateway stands still between its append and its commit', async () => {
    const store = await open();
    const before = await store.head();
    const other: { appended?: Promise<Appended> } = {};
    const standsStill = await PostgresLog.open<string>(gateway, logId, async (client, changes) => {
      other.appended = append(store, before, [plain(entryOf('her word'))]);
      await other.appended;
      await writeNotes(client, changes);
    });
    const late = append(standsStill, before, [{ ...plain(entryOf('stood still')), changes: ['a note'] }]);
    await expect(late).rejects.toThrow(/connection/i);
    expect(await other.appended).toEqual({ kind: 'appended' });
    const tail = await store.tail(before.size, 10);
    expect(tail.map((entry) => unseal(logId, entry, hers).toString())).toEqual(['her word']);
  });

  it('refuses an instant more than five seconds from its own clock', async () => {
    const store = await open();
    const before = await store.head();
    for (const skew of [-6_000, 7_000, -3_600_000]) {
      const asked = Date.now();
      const skewed = entryOf('skewed', asked + skew);
      const outcome = await append(store, before, [plain(entryOf('fine')), plain(skewed)]);
      expect(outcome.kind).toBe('skewed');
      const now = outcome.kind === 'skewed' ? outcome.now : 0;
      expect(now).toBeGreaterThanOrEqual(asked);
      expect(now).toBeLessThanOrEqual(Date.now());
    }
    expect(await store.head()).toEqual(before);
  });

  it('writes projections with the entry or neither', async () => {
    const store = await open();
    const before = await store.head();
    await append(store, before, [plain(entryOf('quiet')), { entry: entryOf('loud'), changes: ['one', 'two'] }]);
    const { rows } = await owner.query('SELECT seq::int, word FROM note WHERE seq >= $1 ORDER BY word', [before.size]);
    expect(rows).toEqual(['one', 'two'].map((word) => ({ seq: before.size + 1, word })));
    const after = await store.head();
    await expect(append(store, after, [{ entry: entryOf('bad'), changes: ['fine', 'NULL'] }])).rejects.toThrow('null');
    expect(await store.head()).toEqual(after);
    expect((await owner.query('SELECT FROM note WHERE seq >= $1', [after.size])).rows).toEqual([]);
  });

  it('keeps checkpoints, none beyond its end, and of one size the first', async () => {
    const store = await open();
    const { size } = await store.head();
    await store.keepCheckpoint(size, 'first');
    await store.keepCheckpoint(size, 'second');
    expect(await store.newestCheckpoint()).toEqual({ size, note: 'first' });
    expect(await store.checkpoints(size)).toEqual(['first']);
    await expect(store.keepCheckpoint(size + 1, 'early')).rejects.toThrow('beyond the log');
  });
});

describe('the gateway', () => {
  const ROW = `decode(repeat('00', 32), 'hex')`;
  it.each([
    ['insert an entry', `INSERT INTO ledger.entry VALUES (999, NULL, ${ROW}, ${ROW}, ${ROW})`],
    ['change an entry', 'UPDATE ledger.entry SET header = header'],
    ['delete an entry', 'DELETE FROM ledger.entry'],
    ['empty the log', 'TRUNCATE ledger.entry'],
    ['delete content', 'DELETE FROM ledger.content'],
    ['exchange content', 'UPDATE ledger.content SET salt = salt'],
    ['set the head', 'UPDATE ledger.head SET size = 0'],
    ['change a tile', 'UPDATE ledger.tile SET root = root'],
    ['delete a checkpoint', 'DELETE FROM ledger.checkpoint'],
    ['take the triggers away', 'ALTER TABLE ledger.entry DISABLE TRIGGER ALL'],
  ])('may not %s', async (_, sql) => {
    expect(await codeOf(gateway.query(sql))).toBe('42501'); // insufficient privilege
  });

  it('may not append an entry whose leaf is not that of its header and content', async () => {
    const store = await open();
    const before = await store.head();
    const [one, two] = [entryOf('one'), entryOf('two')];
    const forged = { ...one, content: two.content };
    expect(await codeOf(append(store, before, [plain(forged)]))).toBe('23514'); // check violation
    expect(await store.head()).toEqual(before);
  });
});

describe('even the owner of the database', () => {
  it.each([
    ['change an entry', 'UPDATE ledger.entry SET header = header'],
    ['delete an entry', 'DELETE FROM ledger.entry'],
    ['empty the log', 'TRUNCATE ledger.entry'],
    ['delete content', 'DELETE FROM ledger.content'],
    ['shrink the log', "UPDATE ledger.head SET size = 0, frontier = ''"],
    ['remove the head', 'DELETE FROM ledger.head'],
  ])('does not by accident %s', async (_, sql) => {
    expect(await codeOf(owner.query(sql))).toBe('55000');
  });

  it('cannot store a leaf that does not follow, nor one without a header', async () => {
    const row = `decode(repeat('00', 32), 'hex')`;
    const forged = `INSERT INTO ledger.entry VALUES (999, NULL, ${row}, ${row}, ${row})`;
    expect(await codeOf(owner.query(forged))).toBe('23514');
    expect(await codeOf(owner.query(`INSERT INTO ledger.entry VALUES (999, NULL, ${row}, NULL, ${row})`))).toBe(
      '23502',
    );
  });
});

async function sequencerOn(store: LogStore<string>): Promise<Sequencer<string>> {
  return new Sequencer<string>({
    store,
    position: (await store.head()).size,
    fold: (tail) => Promise.resolve(tail.map(() => new Set<string>())),
    sign: ({ entryId }) => Promise.resolve(entryId),
    monotonic: () => performance.now(),
    queue: 5_000,
    batch: 500,
  });
}

function pendingOf(sequencer: Sequencer<string>, body: string, changes: readonly string[] = []): Pending<string> {
  return {
    entry: entryOf(body),
    idempotency: randomBytes(16),
    basis: sequencer.position,
    reads: new Set(),
    writes: new Set(),
    changes,
    apply: () => undefined,
  };
}

async function storedBytes(): Promise<number> {
  const { rows } = await owner.query<{ bytes: number }>(
    `SELECT sum(pg_total_relation_size(c.oid))::int AS bytes FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'ledger' AND c.relkind = 'r'`,
  );
  return rows[0]?.bytes ?? 0;
}

describe('sequencers on it', () => {
  it('share one log: everything acknowledged is where it was said to be, and proofs lead to it', async () => {
    const store = await open();
    const from = await store.head();
    const sequencers = [await sequencerOn(store), await sequencerOn(await open())];
    const submitted = Array.from({ length: 700 }, async (_, i) => {
      const sequencer = sequencers[i % 2]!;
      const pending = pendingOf(sequencer, `entry ${i}`, i % 50 === 0 ? ['mark'] : []);
      const outcome = await sequencer.submit(pending);
      return { id: hex(pending.entry.id), seq: outcome.kind === 'appended' ? outcome.seq : -1 };
    });
    const acknowledged = await Promise.all(submitted);
    const head = await store.head();
    expect(head.size).toBe(from.size + 700);
    const stored = await store.tail(0, head.size);
    expect(acknowledged.filter(({ id, seq }) => hex(stored[seq]?.id ?? new Uint8Array(0)) !== id)).toEqual([]);
    expect(
      hex(
        grow(
          EMPTY_HEAD,
          stored.map(({ leaf }) => leaf),
        ).head.root,
      ),
    ).toBe(hex(head.root));
    for (const index of [0, 255, 256, 511, head.size - 1]) {
      const proof = await proveInclusion(owner, index, head.size);
      expect(verifyInclusion(index, head.size, stored[index]!.leaf, proof, head.root)).toBe(true);
    }
    for (const earlier of [1, 256, 300, head.size]) {
      const { root } = grow(
        EMPTY_HEAD,
        stored.slice(0, earlier).map(({ leaf }) => leaf),
      ).head;
      const proof = await proveConsistency(owner, earlier, head.size);
      expect(verifyConsistency(earlier, head.size, proof, root, head.root)).toBe(true);
    }
    await expect(proveInclusion(owner, 0, head.size + 300)).rejects.toThrow('are missing');

    // What was kept for those proofs, and what was then too short to be kept, is of no harm once the log has grown.
    const [first] = sequencers;
    await Promise.all(Array.from({ length: 300 }, (_, i) => first!.submit(pendingOf(first!, `later ${i}`, []))));
    const { size, root } = await store.head();
    expect(size).toBe(head.size + 300);
    for (const index of [0, 255, head.size - 1, 255]) {
      const proof = await proveInclusion(owner, index, size);
      expect(verifyInclusion(index, size, stored[index]!.leaf, proof, root)).toBe(true);
    }
    expect(verifyConsistency(head.size, size, await proveConsistency(owner, head.size, size), head.root, root)).toBe(
      true,
    );
  });

  it('find out what became of appends whose connections were cut', async () => {
    const store = await open();
    const sequencer = await sequencerOn(store);
    const stop = new AbortController();
    const cutting = (async () => {
      while (!stop.signal.aborted) {
        await owner.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = $1 AND pid <> pg_backend_pid() AND query LIKE 'SELECT ledger.append%'`,
          [database],
        );
        await sleep(7);
      }
    })();
    const acknowledged: { readonly id: string; readonly seq: number }[] = [];
    for (let i = 0; i < 30; i += 1) {
      await Promise.all(
        Array.from({ length: 5 }, async (_, n) => {
          const pending = pendingOf(sequencer, `entry ${i}`, n === 0 ? ['mark'] : []);
          const outcome = await sequencer.submit(pending).catch(() => undefined);
          if (outcome?.kind === 'appended') acknowledged.push({ id: hex(pending.entry.id), seq: outcome.seq });
        }),
      );
    }
    stop.abort();
    await cutting;
    const stored = await store.tail(0, (await store.head()).size);
    expect(acknowledged.filter(({ id, seq }) => hex(stored[seq]?.id ?? new Uint8Array(0)) !== id)).toEqual([]);
    expect(new Set(stored.map(({ id }) => hex(id))).size).toBe(stored.length);
    expect(acknowledged.length).toBeGreaterThan(0);
  });
});

it('stores a disclosure of 400 bytes about two persons in at most 1,000 bytes', async () => {
  const store = await open();
  const persons = Array.from({ length: 1_000 }, () =>
    [0, 1].map(() => ({ id: randomBytes(16), secret: createSecretKey(randomBytes(32)) })),
  );
  const before = await storedBytes();
  let head = await store.head();
  for (let batch = 0; batch < 100; batch += 1) {
    const entries = Array.from({ length: 100 }, (_, i) => {
      const keys = persons[(batch * 100 + i) % persons.length]!;
      const unsealed = { id: randomBytes(16), type: 2, at: Date.now(), policy, body: randomBytes(400), keys };
      return { entry: seal(logId, unsealed, randomBytes), idempotency: randomBytes(16), changes: [] };
    });
    const grown = grow(
      head,
      entries.map(({ entry }) => entry.leaf),
    );
    await store.append({ from: head.size, entries, ...grown });
    head = grown.head;
  }
  const perEntry = ((await storedBytes()) - before) / 10_000;
  process.stdout.write(`stored per disclosure of 400 bytes, two persons: ${perEntry.toFixed(0)} bytes\n`);
  expect(perEntry).toBeLessThanOrEqual(1_000);
});
