import { DatabaseError, Pool, PoolClient, QueryConfig } from 'pg';
import {
  Appended,
  Batch,
  Head,
  HASH_SIZE,
  LedgerError,
  LogStore,
  RepeatedEntry,
  SealedEntry,
  StoredEntry,
  SubmittedEntry,
  TILE_WIDTH,
} from '#ledger';

/** What one entry changes in the projections. */
export interface Projected<Change> {
  readonly seq: number;
  readonly change: Change;
}

/** Writes projections on the connection that appends, in the same transaction. What it throws undoes the append. */
export type Project<Change> = (client: PoolClient, changes: readonly Projected<Change>[]) => Promise<void>;

const APPEND = 'SELECT ledger.append($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13) AS appended';

/**
 * THREAT: a gateway that stands still between its append and its commit holds the head's lock, and nobody could record her
 * withdrawal anywhere until it wakes up. The server undoes what it held after a second; the entries go again later.
 */
const BEGIN = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '1s'";

const HEAD = `
SELECT size, frontier, root, current_setting('synchronous_standby_names') <> '' AS awaited FROM ledger.head`;

/** Writes nothing but its own commit, which waits for the standby as every commit before it should have. */
const SETTLE = "SELECT pg_logical_emit_message(true, 'postern', '')";

/**
 * What PostgreSQL says beside a commit whose wait for the standby somebody cancelled: it is recorded here, perhaps nowhere
 * else, and gone after a failover. The driver takes it for a success.
 */
const NOT_REPLICATED = '01000';

const ENTRY = `
SELECT e.seq, e.header, e.commitment, e.leaf, c.salt, c.ciphertext, c.key_ids, c.wrapped
  FROM ledger.entry e LEFT JOIN ledger.content c ON c.seq = e.seq`;
const TAIL = `${ENTRY} WHERE e.seq >= $1 AND e.seq < $2 ORDER BY e.seq`;
// The first condition is the index's, the second the question.
const FIND = `${ENTRY}
  WHERE substr(e.header, octet_length(e.header) - 15, 4) = substr($1::bytea, 1, 4)
    AND substr(e.header, octet_length(e.header) - 15) = $1::bytea LIMIT 1`;

/**
 * The log on PostgreSQL. Reads and writes go to the primary: a replica may show what has been undone.
 *
 * @example
 * const store = await PostgresLog.open(pool, logIdOf(origin), writeProjections);
 * const sequencer = new Sequencer({ store, position: (await store.head()).size, fold, sign, monotonic, queue, batch });
 */
export class PostgresLog<Change> implements LogStore<Change> {
  readonly #pool: Pool;
  readonly #project: Project<Change>;

  private constructor(pool: Pool, project: Project<Change>) {
    this.#pool = pool;
    this.#project = project;
  }

  /** Begins the log, or continues it; refuses a database that holds another one. */
  static async open<Change>(pool: Pool, logId: Uint8Array, project: Project<Change>): Promise<PostgresLog<Change>> {
    await pool.query('SELECT ledger.open($1)', [Buffer.from(logId)]);
    return new PostgresLog(pool, project);
  }

  async head(settled = false): Promise<Head> {
    const { rows } = await this.#pool.query<HeadRow>({ name: 'ledger head', text: HEAD });
    const [row] = rows;
    if (row === undefined) throw new LedgerError('LEDGER_UNAVAILABLE', 'this database holds no log');
    // A standby has received what lies before this commit once it has received this commit.
    if (settled && row.awaited) await this.#settle();
    return { size: Number(row.size), frontier: row.frontier, root: row.root };
  }

  async append(batch: Batch<Change>): Promise<Appended> {
    const statement = appendOf(batch);
    const changes = batch.entries.flatMap((entry, i) =>
      entry.changes.map((change) => ({ seq: batch.from + i, change })),
    );
    try {
      if (changes.length > 0) return await this.#appendAndProject(statement, changes);
      // One statement commits itself: where the connection breaks, it is recorded whole or not at all.
      return await this.#commit(async (client) => {
        const { rows } = await client.query<AppendRow>(statement);
        return { kind: rows[0]?.appended === true ? 'appended' : 'moved' };
      });
    } catch (error) {
      const refusal = refusalIn(error);
      // What was recorded before may be so in this place only; nobody is told of it until it is not.
      if (refusal.kind === 'repeated') await this.head(true);
      return refusal;
    }
  }

  #appendAndProject(statement: QueryConfig, changes: readonly Projected<Change>[]): Promise<Appended> {
    return this.#commit(async (client, end) => {
      try {
        await client.query(BEGIN);
        // The append first: its lock on the head orders the projections of all processes as it orders their entries.
        const { rows } = await client.query<AppendRow>(statement);
        if (rows[0]?.appended !== true) {
          await client.query('ROLLBACK');
          return { kind: 'moved' };
        }
        await this.#project(client, changes);
        // Crash before the commit: neither entries nor projections. During it: both or neither, and nobody was told.
        await client.query('COMMIT');
        return { kind: 'appended' };
      } catch (error) {
        // Where not even this gets through, the connection is closed, and the server undoes what it held open.
        await client.query('ROLLBACK').catch((cause: unknown) => {
          end(new Error('the connection broke while it appended', { cause }));
        });
        throw error;
      }
    });
  }

  #settle(): Promise<void> {
    return this.#commit(async (client) => void (await client.query(SETTLE)));
  }

  /** Runs what commits on a connection of its own; throws where the commit is not where it should be. */
  async #commit<Result>(act: (client: PoolClient, end: (why: Error) => void) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect();
    // A connection that breaks between two queries says so by an event, which would end the process if nobody heard it.
    let broken: Error | undefined;
    const onError = (error: Error): void => void (broken = error);
    let warned = false;
    const onNotice = ({ code }: { readonly code?: string | undefined }): void =>
      void (warned ||= code === NOT_REPLICATED);
    client.on('error', onError);
    client.on('notice', onNotice);
    try {
      const result = await act(client, onError);
      if (warned) throw new LedgerError('LEDGER_UNAVAILABLE', 'recorded here, and perhaps on no standby');
      return result;
    } finally {
      client.off('error', onError);
      client.off('notice', onNotice);
      client.release(broken);
    }
  }

  async tail(from: number, limit: number): Promise<readonly StoredEntry[]> {
    const { rows } = await this.#pool.query<EntryRow>({
      name: 'ledger tail',
      text: TAIL,
      values: [from, from + limit],
    });
    return rows.map(storedOf);
  }

  /** All entries below `size`, in order, a page at a time. */
  async *entries(size: number): AsyncGenerator<StoredEntry> {
    const page = 1_000;
    for (let from = 0; from < size; from += page) yield* await this.tail(from, Math.min(page, size - from));
  }

  /** The roots of the full tiles of 256 leaves below `size`, in order. */
  async tiles(size: number): Promise<readonly Uint8Array[]> {
    const text = 'SELECT root FROM ledger.tile WHERE level = 0 AND index < $1 ORDER BY index';
    const { rows } = await this.#pool.query<{ root: Buffer }>(text, [Math.floor(size / TILE_WIDTH)]);
    return rows.map(({ root }) => root);
  }

  /** The entry of this id, or nothing. */
  async find(id: Uint8Array): Promise<StoredEntry | undefined> {
    const { rows } = await this.#pool.query<EntryRow>({ name: 'ledger find', text: FIND, values: [Buffer.from(id)] });
    return rows[0] === undefined ? undefined : storedOf(rows[0]);
  }

  /** Keeps a signed checkpoint; of one already kept of that size, the first stays. */
  async keepCheckpoint(size: number, note: string): Promise<void> {
    await this.#commit((client) => client.query('SELECT ledger.keep_checkpoint($1, $2)', [size, note]));
  }

  /** All signed checkpoints up to `size`, the smallest first. */
  async checkpoints(size: number): Promise<readonly string[]> {
    const text = 'SELECT note FROM ledger.checkpoint WHERE size <= $1 ORDER BY size';
    const { rows } = await this.#pool.query<{ note: string }>(text, [size]);
    return rows.map(({ note }) => note);
  }

  /** The newest signed checkpoint, or nothing. */
  async newestCheckpoint(): Promise<{ readonly size: number; readonly note: string } | undefined> {
    const text = 'SELECT size, note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1';
    const { rows } = await this.#pool.query<{ size: string; note: string }>(text);
    return rows[0] === undefined ? undefined : { size: Number(rows[0].size), note: rows[0].note };
  }

  /** The newest signed checkpoints at multiples of 256, where scheduled ones lie; the newest first. */
  async scheduledCheckpoints(limit: number): Promise<readonly string[]> {
    const text = 'SELECT note FROM ledger.checkpoint WHERE size % $1 = 0 ORDER BY size DESC LIMIT $2';
    const { rows } = await this.#pool.query<{ note: string }>(text, [TILE_WIDTH, limit]);
    return rows.map(({ note }) => note);
  }
}

interface HeadRow {
  readonly awaited: boolean;
  readonly size: string;
  readonly frontier: Buffer;
  readonly root: Buffer;
}

interface AppendRow {
  readonly appended: boolean;
}

interface EntryRow {
  readonly seq: string;
  readonly header: Buffer;
  readonly commitment: Buffer;
  readonly leaf: Buffer;
  readonly salt: Buffer | null;
  readonly ciphertext: Buffer | null;
  readonly key_ids: string[] | null;
  readonly wrapped: Buffer | null;
}

const ID = 16;
const WRAPPED = 40;
const FIXED = 2 * HASH_SIZE;

/** The batch as one packed buffer and its offsets: node-postgres would turn a `bytea[]` into hexadecimal text. */
function appendOf(batch: Batch<unknown>): QueryConfig {
  const { entries, head, tiles } = batch;
  const packed = Buffer.allocUnsafe(entries.reduce((size, { entry }) => size + sizeOf(entry), 0));
  const offsets: number[] = [];
  const keys: string[] = [];
  let at = FIXED * entries.length;
  let earliest = Infinity;
  let latest = -Infinity;
  entries.forEach(({ entry }, i) => {
    const { header, content } = entry;
    packed.set(entry.leaf, FIXED * i);
    packed.fill(0, FIXED * i + HASH_SIZE, FIXED * (i + 1));
    if (content !== undefined) packed.set(content.salt, FIXED * i + HASH_SIZE);
    const ciphertext = at + header.length;
    const wrapped = ciphertext + (content?.ciphertext.length ?? 0);
    offsets.push(at, ciphertext, wrapped, keys.length);
    packed.set(header, at);
    if (content !== undefined) packed.set(content.ciphertext, ciphertext);
    at = wrapped;
    for (const { key, wrapped: bytes } of entry.keys) {
      keys.push(hex(key));
      packed.set(bytes, at);
      at += WRAPPED;
    }
    earliest = Math.min(earliest, entry.at);
    latest = Math.max(latest, entry.at);
  });
  offsets.push(at, at, at, keys.length);
  return {
    name: 'ledger append',
    text: APPEND,
    values: [
      batch.from,
      entries.length,
      earliest,
      latest,
      packed,
      `{${offsets.join()}}`,
      idempotencies(entries),
      `{${keys.join()}}`,
      Buffer.from(head.frontier),
      Buffer.from(head.root),
      `{${tiles.map(({ level }) => level).join()}}`,
      `{${tiles.map(({ index }) => index).join()}}`,
      Buffer.concat(tiles.map(({ root }) => root)),
    ],
  };
}

function sizeOf({ header, content, keys }: SealedEntry): number {
  return FIXED + header.length + (content?.ciphertext.length ?? 0) + WRAPPED * keys.length;
}

function idempotencies(entries: readonly SubmittedEntry<unknown>[]): string | null {
  if (entries.every(({ idempotency }) => idempotency === undefined)) return null;
  return `{${entries.map(({ idempotency }) => (idempotency === undefined ? 'NULL' : hex(idempotency))).join()}}`;
}

/** What the append function refused, and so certainly undid; any other error leaves it unknown, and is thrown on. */
function refusalIn(error: unknown): Appended {
  if (error instanceof DatabaseError && error.detail !== undefined) {
    if (error.code === 'LG001') return { kind: 'repeated', entries: repeatsIn(Buffer.from(error.detail, 'hex')) };
    if (error.code === 'LG002') return { kind: 'skewed', now: Number(error.detail) };
  }
  throw error;
}

function repeatsIn(bytes: Buffer): RepeatedEntry[] {
  const entries: RepeatedEntry[] = [];
  const size = 4 + ID + HASH_SIZE;
  for (let at = 0; at < bytes.length; at += size) {
    const entryId = bytes.subarray(at + 4, at + 4 + ID);
    entries.push({ position: bytes.readInt32BE(at), entryId, leaf: bytes.subarray(at + 4 + ID, at + size) });
  }
  return entries;
}

function storedOf(row: EntryRow): StoredEntry {
  const { header, commitment, leaf, salt, ciphertext, wrapped } = row;
  return {
    seq: Number(row.seq),
    id: header.subarray(header.length - ID),
    header,
    commitment,
    leaf,
    content: salt === null || ciphertext === null ? undefined : { salt, ciphertext },
    keys: (row.key_ids ?? []).map((key, i) => ({
      key: Buffer.from(key.replaceAll('-', ''), 'hex'),
      wrapped: wrapped?.subarray(WRAPPED * i, WRAPPED * (i + 1)) ?? new Uint8Array(0),
    })),
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
