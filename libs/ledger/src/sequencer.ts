import { SealedEntry, StoredEntry } from './entry.js';
import { LedgerError, LedgerErrorCode } from './error.js';
import { Appended, LogStore, SubmittedEntry } from './log-store.js';
import { grow, Head, rootOf } from './merkle.js';
import { Receipt } from './receipt.js';

/** An entry on its way into the log. */
export interface Pending<Change> extends SubmittedEntry<Change> {
  /**
   * `sequencer.position` taken before anything was read that this entry rests on. Whatever was written to `reads` at or
   * after it makes the entry stale.
   */
  readonly basis: number;
  /** Names of what the entry's decision rests on: joined persons, links, agency, unit, officer, certificate, policies. */
  readonly reads: ReadonlySet<string>;
  /** Names of what the entry changes; empty of a disclosure that changes nothing. */
  readonly writes: ReadonlySet<string>;
  /** Whether it takes something away that others may do. Such an entry is taken however much waits already. */
  readonly narrows?: boolean;
  /** Brings the owner's map up to date. Called in the log's order, after the commit and before `submit` resolves. */
  apply(seq: number): void;
}

export type Outcome =
  /** Durable. `startedAt` is the monotonic clock (ms) before the append was sent: the release lease runs from there. */
  | { readonly kind: 'appended'; readonly seq: number; readonly receipt: Uint8Array; readonly startedAt: number }
  /** Something it read has changed since `basis`, and the owner's map shows it. Nothing was recorded: decide again. */
  | { readonly kind: 'stale' }
  /** Recorded before, under the same idempotency. The first receipt again, and never a second release. */
  | {
      readonly kind: 'repeated';
      readonly entryId: Uint8Array;
      readonly leaf: Uint8Array;
      readonly receipt: Uint8Array;
    };

export interface SequencerOptions<Change> {
  readonly store: LogStore<Change>;
  /** The size of the log that the owner's map already holds. */
  readonly position: number;
  /**
   * Brings entries that others appended (or that this process appended without learning of it) into the owner's map, in
   * order; returns for each what it wrote. May be called again with entries it has seen, if it failed before.
   */
  readonly fold: (tail: readonly StoredEntry[]) => Promise<readonly ReadonlySet<string>[]>;
  /** Signs an entry's receipt, on a thread of its own; `signReceipt` with the log's id and key. */
  readonly sign: (receipt: Receipt) => Promise<Uint8Array>;
  /** A monotonic clock in milliseconds, such as `performance.now`. */
  readonly monotonic: () => number;
  /** How many entries may wait; one more is refused with `LEDGER_BUSY`, unless it narrows. */
  readonly queue: number;
  /** How many entries go into one append at most. */
  readonly batch: number;
}

/** How far an entry's instant may be from the store's clock, in milliseconds. */
export const CLOCK_TOLERANCE = 5_000;

const TAIL = 1_000;
const REMEMBERED_WRITES = 100_000;

interface Waiting<Change> {
  readonly pending: Pending<Change>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: LedgerError) => void;
  /** Appends that failed without telling whether they were recorded. From the first on, the entry goes alone. */
  failures: number;
  /** The clock before the first append that may have recorded the entry; the lease must not run from a later one. */
  startedAt: number | undefined;
}

/**
 * The one way into the log for one process: group commit without a timer. While one append is under way, whatever else
 * is submitted waits; all of it goes into the next. The store's compare-and-set orders the processes, and is at the same
 * time the fence against deciding on what has changed: if the size has not moved, nothing unseen exists.
 *
 * INVARIANT: `submit` resolves with `appended` only after the store has said that the entry is durable.
 * INVARIANT: no entry lies in the log after an entry that wrote what it read and that its decision had not seen.
 * INVARIANT: between turns, `#known` has size `#position`, and all of it is in the owner's map.
 *
 * @example
 * const sequencer = new Sequencer({ store, position: 0, fold, sign, monotonic, queue: 4096, batch: 1000 });
 * const basis = sequencer.position; // then read the map and decide
 * const outcome = await sequencer.submit({ entry, basis, reads, writes, changes: [], apply: () => {} });
 * if (outcome.kind === 'appended') release();
 */
export class Sequencer<Change> {
  readonly #options: SequencerOptions<Change>;
  #position: number;
  /** The tree as this process has followed it; undefined until the store has been asked. */
  #known: Head | undefined;
  /** Whether the store's head, as far as this process can tell, is `#known`. */
  #current = false;
  #queue: Waiting<Change>[] = [];
  #catchingUp: { resolve: (size: number) => void; reject: (error: LedgerError) => void }[] = [];
  #running = false;
  #halted: LedgerError | undefined;
  /** Who wrote a name last, in the order of writing. */
  readonly #lastWrite = new Map<string, number>();
  /** Writes below this index may have been forgotten: whoever decided before it is stale. */
  #rememberedFrom = 0;

  constructor(options: SequencerOptions<Change>) {
    this.#options = options;
    this.#position = options.position;
    this.#rememberedFrom = options.position;
  }

  /** Every entry below this index is in the owner's map. Take it before reading the map. */
  get position(): number {
    return this.#position;
  }

  /**
   * Appends one entry, together with whatever else waits. Throws `LEDGER_BUSY` (nothing recorded), `LEDGER_CLOCK`
   * (nothing recorded), or `LEDGER_UNAVAILABLE` (unknown: release nothing; a repeat under the same idempotency tells).
   */
  submit(pending: Pending<Change>): Promise<Outcome> {
    if (this.#halted !== undefined) return Promise.reject(this.#halted);
    // THREAT: whoever fills the queue with questions must not keep her from saying stop.
    if (this.#queue.length >= this.#options.queue && pending.narrows !== true) {
      return Promise.reject(new LedgerError('LEDGER_BUSY', `${this.#queue.length} entries wait already`));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ pending, resolve, reject, failures: 0, startedAt: undefined });
      this.#wake();
    });
  }

  /**
   * Brings the owner's map up to the store's head, and returns its size. One read where nothing has moved. Before a
   * refusal that a grant made elsewhere might have averted.
   */
  catchUp(): Promise<number> {
    if (this.#halted !== undefined) return Promise.reject(this.#halted);
    return new Promise((resolve, reject) => {
      this.#catchingUp.push({ resolve, reject });
      this.#wake();
    });
  }

  #wake(): void {
    if (this.#running) return;
    this.#running = true;
    // Not at once: what arrives in the same turn of the event loop then shares the first append.
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 || this.#catchingUp.length > 0) {
      await this.#turn();
      // What has come in while the store worked is heard first: it shares the next append rather than waiting it out.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#running = false;
  }

  /** One turn: see what others did, choose, append. Nothing in it throws; every failure reaches those who wait. */
  async #turn(): Promise<void> {
    const catchingUp = this.#catchingUp.splice(0);
    if (!this.#current || catchingUp.length > 0) {
      try {
        await this.#follow();
      } catch (cause) {
        const error = unavailable(cause);
        for (const one of catchingUp) one.reject(error);
        // Crash point: those whose append failed may be recorded, and nobody is told so. Nothing was released for them.
        for (const one of this.#queue.splice(0)) one.reject(error);
        return;
      }
      for (const one of catchingUp) one.resolve(this.#position);
    }
    const batch = this.#choose();
    if (batch.length > 0) await this.#append(batch);
  }

  /** Folds what the store holds beyond our position, and checks that its root follows from its entries. */
  async #follow(): Promise<void> {
    const { store, fold } = this.#options;
    // An entry whose append failed may be found in the log and still be lost with it: whoever is told, is told later.
    const head = await store.head(this.#queue.some(({ failures }) => failures > 0));
    if (head.size < this.#position) {
      // A restored backup, or a standby promoted without the last commits: what was acknowledged is gone. Appending on
      // top of it would bury the gap under a log that verifies.
      this.#halt('LEDGER_ROLLED_BACK', `the store has ${head.size} entries, ${this.#position} were acknowledged`);
    }
    if (Buffer.compare(rootOf(head.frontier), head.root) !== 0) {
      this.#halt('LEDGER_FORKED', `the store's root of size ${head.size} is not that of its frontier`);
    }
    while (this.#position < head.size) {
      const tail = await store.tail(this.#position, Math.min(TAIL, head.size - this.#position));
      if (tail.length === 0 || tail.some((entry, i) => entry.seq !== this.#position + i)) {
        this.#halt('LEDGER_FORKED', `the store's entries from ${this.#position} on have a gap`);
      }
      const written = await fold(tail);
      if (this.#known !== undefined)
        this.#known = grow(
          this.#known,
          tail.map(({ leaf }) => leaf),
        ).head;
      // From here to the end of the block nothing waits: position, writes and tree move together.
      tail.forEach((entry, i) => this.#remember(entry.seq, written[i] ?? new Set()));
      this.#position += tail.length;
      this.#acknowledgeFound(tail);
    }
    if (this.#known !== undefined && Buffer.compare(this.#known.root, head.root) !== 0) {
      this.#halt('LEDGER_FORKED', `the store's root of size ${head.size} does not follow from its entries`);
    }
    this.#known = head;
    this.#current = true;
  }

  /** Those whose append failed without a word and whose entry is in the log after all. */
  #acknowledgeFound(tail: readonly StoredEntry[]): void {
    const suspects = this.#queue.filter((one) => one.failures > 0);
    if (suspects.length === 0) return;
    const seqOf = new Map(tail.map((entry) => [idKey(entry.id), entry.seq]));
    for (const one of suspects) {
      const seq = seqOf.get(idKey(one.pending.entry.id));
      if (seq === undefined || one.startedAt === undefined) continue;
      this.#queue.splice(this.#queue.indexOf(one), 1);
      const { startedAt } = one;
      this.#settle(one, receiptOf(one), (receipt) => this.#appended(one, seq, receipt, startedAt));
    }
  }

  /**
   * Takes the next batch from the queue, and answers those that are stale. Entries that change nothing go first, state
   * changes last: in one batch, a withdrawal before a disclosure that had not seen it would put a disclosure without
   * consent into the log. A change that reads what an earlier change of the batch writes waits, and is stale next turn.
   */
  #choose(): Waiting<Change>[] {
    const reading: Waiting<Change>[] = [];
    const writing: Waiting<Change>[] = [];
    const written = new Set<string>();
    const repeats = new Set<string>();
    const kept: Waiting<Change>[] = [];
    let closed = false;
    for (const one of this.#queue) {
      const { pending } = one;
      const taken = reading.length + writing.length;
      if (this.#isStale(pending)) {
        one.resolve({ kind: 'stale' });
        continue;
      }
      const repeat = pending.idempotency === undefined ? undefined : idKey(pending.idempotency);
      const waits =
        closed ||
        taken === this.#options.batch ||
        (one.failures > 0 && taken > 0) ||
        (repeat !== undefined && repeats.has(repeat)) ||
        (pending.writes.size > 0 && meets(pending.reads, written));
      if (waits) {
        kept.push(one);
        continue;
      }
      if (one.failures > 0) closed = true;
      if (repeat !== undefined) repeats.add(repeat);
      for (const name of pending.writes) written.add(name);
      (pending.writes.size === 0 ? reading : writing).push(one);
    }
    this.#queue = kept;
    return [...reading, ...writing];
  }

  async #append(batch: readonly Waiting<Change>[]): Promise<void> {
    const { store, sign, monotonic } = this.#options;
    const from = this.#position;
    const { head, tiles } = grow(
      this.#known!,
      batch.map(({ pending }) => pending.entry.leaf),
    );
    const startedAt = monotonic();
    // Crash before the store has the batch: nothing is recorded, nobody was told anything.
    let appended: Appended;
    let receipts: Uint8Array[];
    try {
      // The store works; receipts are signed meanwhile. None is handed out before the store has said `appended`.
      // Crash while the store works: recorded whole or not at all, and nobody was told. A repeat finds out which.
      [appended, receipts] = await Promise.all([
        store.append({ from, entries: batch.map(({ pending }) => pending), head, tiles }),
        Promise.all(batch.map((one) => sign(receiptOf(one)))),
      ]);
    } catch (cause) {
      this.#unknown(batch, startedAt, cause);
      return;
    }
    switch (appended.kind) {
      case 'appended':
        this.#known = head;
        // Crash from here on: recorded, perhaps not acknowledged, not released. That is the safe direction.
        this.#apply(batch, from);
        batch.forEach((one, i) => this.#appended(one, from + i, receipts[i]!, startedAt));
        return;
      case 'moved':
        this.#current = false;
        this.#queue.unshift(...batch);
        return;
      case 'repeated': {
        const before = new Map(appended.entries.map((entry) => [entry.position, entry]));
        const others = batch.filter((one, i) => {
          const entry = before.get(i);
          if (entry !== undefined) {
            const { entryId, leaf } = entry;
            this.#settle(one, { entryId, leaf }, (receipt) =>
              one.resolve({ kind: 'repeated', entryId, leaf, receipt }),
            );
          }
          return entry === undefined;
        });
        this.#queue.unshift(...others);
        return;
      }
      case 'skewed':
        this.#refuseSkewed(batch, appended.now);
        return;
    }
  }

  #apply(batch: readonly Waiting<Change>[], from: number): void {
    let applied = true;
    batch.forEach(({ pending }, i) => {
      this.#remember(from + i, pending.writes);
      if (!applied) return;
      try {
        pending.apply(from + i);
        this.#position = from + i + 1;
      } catch {
        // The map misses what the log holds. Let it be folded from the store before anything else is decided.
        applied = false;
        this.#known = undefined;
        this.#current = false;
      }
    });
  }

  /**
   * The append failed: recorded, not recorded, or still on its way. All of the batch goes again, each entry alone, so
   * that a bad one cannot take its neighbours along; but first the tail is read, and whoever is in it is answered. The
   * failed append may yet arrive: then ours loses the compare-and-set, and the tail tells.
   */
  #unknown(batch: readonly Waiting<Change>[], startedAt: number, cause: unknown): void {
    this.#current = false;
    const again = batch.filter((one) => {
      one.failures += 1;
      one.startedAt ??= startedAt;
      if (one.failures > 2) one.reject(unavailable(cause));
      return one.failures <= 2;
    });
    this.#queue.unshift(...again);
  }

  #refuseSkewed(batch: readonly Waiting<Change>[], now: number): void {
    const distance = (one: Waiting<Change>): number => Math.abs(one.pending.entry.at - now);
    // At the very edge the store's comparison and ours may differ: the furthest goes in any case.
    const furthest = Math.max(...batch.map(distance));
    const others = batch.filter((one) => {
      if (distance(one) <= CLOCK_TOLERANCE && distance(one) < furthest) return true;
      one.reject(new LedgerError('LEDGER_CLOCK', `decided ${distance(one)} ms from the store's clock`));
      return false;
    });
    this.#queue.unshift(...others);
  }

  #appended(one: Waiting<Change>, seq: number, receipt: Uint8Array, startedAt: number): void {
    one.resolve({ kind: 'appended', seq, receipt, startedAt: Math.min(startedAt, one.startedAt ?? startedAt) });
  }

  #settle(one: Waiting<Change>, receipt: Receipt, answer: (signed: Uint8Array) => void): void {
    void this.#options.sign(receipt).then(answer, (cause) => one.reject(unavailable(cause)));
  }

  #isStale({ basis, reads }: Pending<Change>): boolean {
    if (basis < this.#rememberedFrom) return true;
    for (const name of reads) {
      if ((this.#lastWrite.get(name) ?? -1) >= basis) return true;
    }
    return false;
  }

  #remember(seq: number, writes: ReadonlySet<string>): void {
    for (const name of writes) {
      this.#lastWrite.delete(name); // so that the map stays in the order of writing
      this.#lastWrite.set(name, seq);
    }
    if (this.#lastWrite.size <= REMEMBERED_WRITES) return;
    for (const [name, at] of this.#lastWrite) {
      if (this.#lastWrite.size <= REMEMBERED_WRITES / 2) break;
      this.#lastWrite.delete(name);
      this.#rememberedFrom = at + 1;
    }
  }

  #halt(code: LedgerErrorCode, message: string): never {
    this.#halted = new LedgerError(code, message);
    throw this.#halted;
  }
}

function receiptOf({ pending }: { readonly pending: { readonly entry: SealedEntry } }): Receipt {
  return { entryId: pending.entry.id, leaf: pending.entry.leaf };
}

function idKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function meets(names: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const name of others) if (names.has(name)) return true;
  return false;
}

function unavailable(cause: unknown): LedgerError {
  if (cause instanceof LedgerError) return cause;
  return new LedgerError('LEDGER_UNAVAILABLE', 'the log cannot be reached, or refused the entry', { cause });
}
