// One process of the load: a gateway that many ask at once, or an admin. It is told by its starter what to do, may be
// killed or stopped at any time, and ends with its starter.
import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import {
  type Appended,
  type Batch,
  type Head,
  LedgerError,
  logIdOf,
  type LogStore,
  type Outcome,
  Sequencer,
  signReceipt,
  type StoredEntry,
} from '#ledger';
import { PostgresLog } from '#postgres';
import { CarelessSequencer } from '../../libs/ledger/testonly/careless-sequencer.js';
import type { FromWorker, Orders, Progress, ToWorker } from './orders.js';
import { chance, type Point } from './plan.js';
import { type Event, Recorder } from './records.js';
import { HastyStore, LockingWriter, UnheedingStore, type Writer } from './variants.js';
import {
  CONSENTS,
  type ConsentChange,
  DRIFT,
  Entries,
  LEASE,
  loadStanding,
  nameOf,
  NOTHING,
  projectConsents,
  Standing,
} from './world.js';

/** CLOCK_MONOTONIC, the same for every process of this machine. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
/** To a starter that may be gone; then this process is about to end as well. */
const say = (message: FromWorker): void => void process.send?.(message, () => undefined);

let armed: { readonly point: Point; nth: number; readonly signal: 'SIGKILL' | 'SIGSTOP' } | undefined;

/** Where this process ends or stands still, if it was told to do so here. */
function reach(point: Point): void {
  if (armed?.point !== point) return;
  armed.nth -= 1;
  if (armed.nth > 0) return;
  const { signal } = armed;
  armed = undefined;
  process.kill(process.pid, signal);
}

/** The store, with the places in it at which the process can end. */
class Waylaid implements LogStore<ConsentChange> {
  readonly #store: LogStore<ConsentChange>;

  constructor(store: LogStore<ConsentChange>) {
    this.#store = store;
  }

  head(settled?: boolean): Promise<Head> {
    return this.#store.head(settled);
  }

  async append(batch: Batch<ConsentChange>): Promise<Appended> {
    reach('before the send');
    const appended = this.#store.append(batch);
    // Twice around, and the statement is on its way.
    setImmediate(() => setImmediate(() => reach('after the send')));
    const answer = await appended;
    reach('after the commit');
    return answer;
  }

  tail(from: number, limit: number): Promise<readonly StoredEntry[]> {
    return this.#store.tail(from, limit);
  }
}

/** Writers that do not know what a repeated question is; that is not what is wrong with them here. */
const ASKS_ONCE: ReadonlySet<string> = new Set(['same-statement', 'mixed-batch']);

interface Leaving {
  readonly event: Extract<Event, { event: 'released' }>;
  /** When its append was sent: the lease runs from there. */
  readonly startedAt: number;
}

class Worker {
  readonly #orders: Orders;
  readonly #log: Writer;
  readonly #store: LogStore<ConsentChange>;
  readonly #standing: Standing;
  readonly #pool: Pool;
  readonly #entries: Entries;
  readonly #recorder: Recorder;
  readonly #random: () => number;
  readonly progress: { -readonly [Key in keyof Progress]: Progress[Key] } = {
    done: 0,
    released: 0,
    refused: 0,
    changes: 0,
    late: 0,
    repeated: 0,
    unavailable: 0,
  };
  #ending = false;
  #leaving: Leaving[] = [];
  #telling: Event[] = [];
  #scheduled = false;
  /** `ttl-cache`: what it believes stands. */
  #cached: ReadonlyMap<number, Uint8Array> = new Map();

  private constructor(
    orders: Orders,
    log: Writer,
    store: LogStore<ConsentChange>,
    standing: Standing,
    pool: Pool,
    logId: Uint8Array,
  ) {
    this.#orders = orders;
    this.#log = log;
    this.#store = store;
    this.#standing = standing;
    this.#pool = pool;
    this.#entries = new Entries(logId, randomBytes);
    this.#recorder = new Recorder(openSync(orders.records, 'a'), now);
    const name = createHash('sha256').update(orders.name).digest().readUInt32LE(0);
    this.#random = chance(orders.seed ^ name ^ (orders.incarnation * 2_654_435_761));
  }

  static async open(orders: Orders): Promise<Worker> {
    const logId = logIdOf(orders.origin);
    const poolTo = (database: string): Pool => {
      const pool = new Pool({ ...orders.database, database, max: 4, keepAlive: true });
      pool.on('error', () => undefined);
      return pool;
    };
    const pool = poolTo(orders.database.database);
    const plain = await PostgresLog.open<ConsentChange>(pool, logId, projectConsents);
    const { standing, position } = await loadStanding(pool);
    const store = new Waylaid(disguise(orders, plain));
    const key = createPrivateKey(orders.key);
    const fold = (tail: readonly StoredEntry[]) => Promise.resolve(standing.fold(tail));
    const log = writerOn({ orders, store, pool, logId, position, fold, key });
    for (const other of orders.others) await follow(poolTo(other), logId, standing);
    return new Worker(orders, log, store, standing, pool, logId);
  }

  async run(): Promise<void> {
    const { producers, owns } = this.#orders;
    const cache = setInterval(() => (this.#cached = new Map(this.#standing.grants)), 50);
    const heads = setInterval(() => void this.#showHead(), 100);
    const reports = setInterval(() => say({ progress: this.progress }), 50);
    const asking = Array.from({ length: producers }, () => this.#keepAsking());
    await Promise.all([...asking, ...owns.map((consent) => this.#keepChanging(consent))]);
    for (const timer of [cache, heads, reports]) clearInterval(timer);
    this.#flush();
  }

  end(): void {
    this.#ending = true;
  }

  /** As a gateway signs checkpoints: of the head that the store shows it. */
  async #showHead(): Promise<void> {
    const head = await this.#store.head(true).catch(() => undefined);
    if (head === undefined || head.size === 0) return;
    this.#tell({ event: 'head', size: head.size, root: head.root });
  }

  async #keepAsking(): Promise<void> {
    const { think } = this.#orders;
    while (!this.#ending) {
      const shared = this.#random() < 0.01 && !ASKS_ONCE.has(this.#orders.variant);
      // Now and then all gateways are asked the same question at about the same time, as by an agency that tries again.
      const operation = shared
        ? createHash('sha256')
            .update(`asked everywhere ${Math.floor(now() / 25)}`)
            .digest()
            .subarray(0, 16)
        : randomBytes(16);
      const consent = shared ? (operation[0] ?? 0) % CONSENTS : Math.floor(this.#random() * CONSENTS);
      await this.#ask(operation, consent);
      if (think > 0) await sleep(think * this.#random());
    }
  }

  async #ask(operation: Uint8Array, consent: number): Promise<void> {
    const invoked = now();
    for (let tries = 0; tries < 6 && !this.#ending; tries += 1) {
      try {
        if (await this.#tryToAnswer(operation, consent, invoked)) return;
      } catch (error) {
        // Nothing was released. Whoever asked asks again, and means the same question.
        await this.#failed(error);
      }
    }
  }

  /** One way through: decide, record, release. False where it has to be decided again. */
  async #tryToAnswer(operation: Uint8Array, consent: number, invoked: number): Promise<boolean> {
    const { variant } = this.#orders;
    const unfenced = variant === 'ttl-cache' || variant === 'read-then-append';
    let basis = this.#log.position;
    let grant = await this.#grantOf(consent);
    if (grant === undefined && this.#random() < 0.02) {
      // Before a refusal: a grant made elsewhere may avert it.
      basis = await this.#log.catchUp();
      grant = await this.#grantOf(consent);
    }
    await this.#askSource();
    if (unfenced) basis = this.#log.position;
    const entry = this.#entries.make(grant === undefined ? 'refusal' : 'disclosure', consent);
    const unread = unfenced || (variant === 'same-statement' && grant === undefined);
    const outcome = await this.#log.submit({
      entry,
      idempotency: operation,
      basis,
      reads: unread ? NOTHING : new Set([nameOf(consent)]),
      writes: NOTHING,
      changes: [],
      apply: () => undefined,
    });
    if (outcome.kind === 'stale') return false;
    const { id, leaf } =
      outcome.kind === 'repeated' ? { id: outcome.entryId, leaf: outcome.leaf } : { id: entry.id, leaf: entry.leaf };
    const seq = outcome.kind === 'appended' ? outcome.seq : undefined;
    const told = { consent, entry: id, leaf, seq, invoked } as const;
    const releasesAgain = outcome.kind === 'repeated' && variant === 'releases-twice';
    if (grant === undefined || (outcome.kind === 'repeated' && !releasesAgain)) {
      this.progress[outcome.kind === 'repeated' ? 'repeated' : 'refused'] += 1;
      const kind = grant === undefined ? 'refusal' : 'disclosure';
      this.#tell({ event: 'acknowledged', kind, repeated: outcome.kind === 'repeated', ...told });
    } else {
      const startedAt = outcome.kind === 'appended' ? outcome.startedAt : now();
      this.#leaving.push({ event: { event: 'released', operation, grant, ...told }, startedAt });
      this.#schedule();
    }
    return true;
  }

  async #grantOf(consent: number): Promise<Uint8Array | undefined> {
    const { variant } = this.#orders;
    if (variant === 'ttl-cache') return this.#cached.get(consent);
    if (variant !== 'read-then-append' && variant !== 'same-statement') return this.#standing.grants.get(consent);
    const { rows } = await this.#pool.query<{ granted: Buffer | null }>({
      name: 'granted',
      text: 'SELECT granted FROM chaos.consent WHERE id = $1',
      values: [consent],
    });
    return rows[0]?.granted ?? undefined;
  }

  /** Most sources answer at once, some take a while, a few take longer than the lease. */
  async #askSource(): Promise<void> {
    const drawn = this.#random();
    if (drawn < 0.01) await sleep(1.2 * LEASE + 150 * this.#random());
    else if (drawn < 0.06) await sleep(20 * this.#random());
  }

  async #keepChanging(consent: number): Promise<void> {
    while (!this.#ending) {
      await sleep(800 * this.#random());
      if (!this.#standing.grants.has(consent)) {
        await this.#change('grant', consent);
        await sleep(100 + 3_000 * this.#random());
      }
      const word = this.#change('withdrawal', consent);
      // Half of them do not wait for the acknowledgement before they grant anew.
      if (this.#random() < 0.5) await word;
      else await Promise.race([word, sleep(5 + 25 * this.#random())]);
    }
  }

  async #change(kind: 'grant' | 'withdrawal', consent: number): Promise<void> {
    const operation = randomBytes(16);
    const invoked = now();
    let entry = this.#entries.make(kind, consent);
    const names = new Set([nameOf(consent)]);
    for (let tries = 0; tries < 6 && !this.#ending; tries += 1) {
      try {
        const basis = await this.#log.catchUp();
        const grant = kind === 'grant' ? entry.id : null;
        const outcome: Outcome = await this.#log.submit({
          entry,
          idempotency: operation,
          basis,
          reads: names,
          writes: names,
          changes: [{ consent, grant }],
          apply: () => this.#standing.apply(kind, consent, entry.id),
        });
        if (outcome.kind === 'stale') continue;
        if (kind === 'withdrawal' && this.#orders.variant !== 'ack-at-commit') await this.#outlastLeases();
        const seq = outcome.kind === 'appended' ? outcome.seq : undefined;
        const { id, leaf } =
          outcome.kind === 'repeated'
            ? { id: outcome.entryId, leaf: outcome.leaf }
            : { id: entry.id, leaf: entry.leaf };
        const repeated = outcome.kind === 'repeated';
        this.#tell({ event: 'acknowledged', kind, repeated, consent, entry: id, leaf, seq, invoked });
        this.progress.changes += 1;
        return;
      } catch (error) {
        await this.#failed(error);
        // What failed may be recorded: a new entry under the same name finds out.
        entry = this.#entries.make(kind, consent);
      }
    }
  }

  /** Until no replica can still release under what was recorded before this moment. */
  async #outlastLeases(): Promise<void> {
    const over = now() + LEASE * (1 + DRIFT);
    for (let left = over - now(); left > 0; left = over - now()) await sleep(Math.ceil(left));
  }

  async #failed(error: unknown): Promise<void> {
    this.progress.unavailable += 1;
    if (error instanceof LedgerError && (error.code === 'LEDGER_ROLLED_BACK' || error.code === 'LEDGER_FORKED')) {
      say({ halted: `${error.code}: ${error.message}` });
      await sleep(60_000);
    }
    await sleep(10 + 40 * this.#random());
  }

  #tell(event: Event): void {
    this.#telling.push(event);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  /** Whatever waits leaves now, if its lease still runs: one look at the clock, and then the write. */
  #flush(): void {
    this.#scheduled = false;
    const leaving = this.#leaving;
    const telling = this.#telling;
    this.#leaving = [];
    this.#telling = [];
    if (leaving.length > 0) reach('before the release');
    const at = now();
    const inTime = leaving.filter(({ startedAt }) => this.#orders.variant === 'no-lease' || at - startedAt < LEASE);
    this.progress.late += leaving.length - inTime.length;
    this.progress.released += inTime.length;
    const events = [...telling, ...inTime.map(({ event }) => event)];
    this.progress.done += events.filter(({ event }) => event !== 'head').length;
    if (events.length > 0) this.#recorder.write(events, at);
    if (inTime.length > 0) reach('after the release');
  }
}

function disguise({ variant }: Orders, store: LogStore<ConsentChange>): LogStore<ConsentChange> {
  if (variant === 'stale-leader') return new UnheedingStore(store);
  return variant === 'replies-first' ? new HastyStore(store) : store;
}

interface Means {
  readonly orders: Orders;
  readonly store: LogStore<ConsentChange>;
  readonly pool: Pool;
  readonly logId: Uint8Array;
  readonly position: number;
  readonly fold: (tail: readonly StoredEntry[]) => Promise<readonly ReadonlySet<string>[]>;
  readonly key: ReturnType<typeof createPrivateKey>;
}

function writerOn({ orders, store, pool, logId, position, fold, key }: Means): Writer {
  if (orders.variant === 'same-statement') return new LockingWriter(pool, logId, now);
  if (orders.variant === 'mixed-batch') {
    const careless = new CarelessSequencer<ConsentChange>(store, fold, 'keeps the order of arrival');
    careless.position = position;
    return Object.assign(careless, { catchUp: () => Promise.resolve(careless.position) });
  }
  return new Sequencer<ConsentChange>({
    store,
    position,
    fold,
    sign: (receipt) => signReceipt(logId, receipt, key),
    monotonic: now,
    queue: 4_096,
    batch: 512,
  });
}

/** `per-replica-logs`: takes in what another has written, again and again. */
async function follow(pool: Pool, logId: Uint8Array, standing: Standing): Promise<void> {
  const store = await PostgresLog.open<ConsentChange>(pool, logId, projectConsents);
  let position = 0;
  const read = async (): Promise<void> => {
    const tail = await store.tail(position, 1_000);
    standing.fold(tail);
    position += tail.length;
  };
  await read();
  const again = (): void =>
    void read()
      .finally(() => setTimeout(again, 5))
      .catch(() => undefined);
  again();
}

let worker: Worker | undefined;
process.on('message', (message: ToWorker) => {
  if ('orders' in message) void begin(message.orders);
  else if ('arm' in message) armed = { ...message.arm };
  else if ('disarm' in message) armed = undefined;
  else worker?.end();
});
process.once('disconnect', () => process.exit(0));

async function begin(orders: Orders): Promise<void> {
  worker = await opened(orders);
  await worker.run();
  process.send?.({ ended: worker.progress } satisfies FromWorker, () => process.exit(0));
}

/** Where the database is just coming back, it is waited for. */
async function opened(orders: Orders): Promise<Worker> {
  for (;;) {
    try {
      return await Worker.open(orders);
    } catch {
      await sleep(100);
    }
  }
}

say({ ready: true });
