import { SealedEntry, StoredEntry } from './entry.js';
import { Head, TileRoot } from './merkle.js';

/**
 * Where the log lives. Several processes write to one store; the only thing that orders them is the compare-and-set on
 * the head's size.
 */
export interface LogStore<Change> {
  /**
   * The head as last committed. Never an older one than this store has shown this process before. With `settled`, only
   * once everything below it is as durable as what `append` calls `appended`: somebody else may have been cut off between
   * the two.
   */
  head(settled?: boolean): Promise<Head>;

  /**
   * Appends the whole batch or nothing of it, if the log still has `batch.from` entries. When it resolves with
   * `appended`, entries, tiles, head and projections are durable together. When it throws, nobody knows: the batch may
   * be recorded, may not, or may yet be, as long as a statement sent is still under way. Sending the same batch again is
   * safe, since at most one of two batches from the same size can be appended.
   */
  append(batch: Batch<Change>): Promise<Appended>;

  /** Up to `limit` committed entries from `from` on, in order, without a gap. */
  tail(from: number, limit: number): Promise<readonly StoredEntry[]>;
}

export interface Batch<Change> {
  /** The size that the log must have; the first entry becomes this index. */
  readonly from: number;
  readonly entries: readonly SubmittedEntry<Change>[];
  /** The head that follows, computed over all entries. */
  readonly head: Head;
  /** The tiles that the entries filled. */
  readonly tiles: readonly TileRoot[];
}

export interface SubmittedEntry<Change> {
  readonly entry: SealedEntry;
  /** A keyed hash (16 bytes) of the caller's own name for what it asked; at most one entry ever has it. */
  readonly idempotency?: Uint8Array | undefined;
  /** What the entry changes in the projections, written in the same transaction; empty of one that changes nothing. */
  readonly changes: readonly Change[];
}

export type Appended =
  | { readonly kind: 'appended' }
  /** The log has another size. Nothing was appended. */
  | { readonly kind: 'moved' }
  /** Some were recorded before under the same idempotency. Nothing was appended, not even the others. */
  | { readonly kind: 'repeated'; readonly entries: readonly RepeatedEntry[] }
  /** An instant is too far from the store's clock, which says `now` (ms since 1970). Nothing was appended. */
  | { readonly kind: 'skewed'; readonly now: number };

export interface RepeatedEntry {
  /** Which of the batch's entries. */
  readonly position: number;
  /** The id and leaf of the entry recorded before. */
  readonly entryId: Uint8Array;
  readonly leaf: Uint8Array;
}
