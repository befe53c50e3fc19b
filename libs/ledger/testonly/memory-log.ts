import { StoredEntry } from '../src/entry.js';
import { CLOCK_TOLERANCE } from '../src/sequencer.js';
import { Appended, Batch, LogStore } from '../src/log-store.js';
import { EMPTY_HEAD, Head } from '../src/merkle.js';

/** A log in memory that keeps a store's promises, for tests that break them one at a time. */
export class MemoryLog<Change = string> implements LogStore<Change> {
  #head: Head = EMPTY_HEAD;
  readonly stored: StoredEntry[] = [];
  readonly changes: Change[] = [];
  /** The store's clock. */
  now = 0;
  readonly #byIdempotency = new Map<string, StoredEntry>();

  head(): Promise<Head> {
    return Promise.resolve(this.#head);
  }

  async append(batch: Batch<Change>): Promise<Appended> {
    await new Promise((resolve) => setImmediate(resolve));
    if (batch.from !== this.#head.size) return { kind: 'moved' };
    if (batch.entries.some(({ entry }) => Math.abs(entry.at - this.now) > CLOCK_TOLERANCE)) {
      return { kind: 'skewed', now: this.now };
    }
    const entries = batch.entries.flatMap(({ idempotency }, position) => {
      const before = idempotency === undefined ? undefined : this.#byIdempotency.get(hex(idempotency));
      return before === undefined ? [] : [{ position, entryId: before.id, leaf: before.leaf }];
    });
    if (entries.length > 0) return { kind: 'repeated', entries };
    batch.entries.forEach(({ entry, idempotency, changes }, i) => {
      const { id, header, commitment, leaf, content, keys } = entry;
      const stored = { seq: batch.from + i, id, header, commitment, leaf, content, keys };
      this.stored.push(stored);
      if (idempotency !== undefined) this.#byIdempotency.set(hex(idempotency), stored);
      this.changes.push(...changes);
    });
    this.#head = batch.head;
    return { kind: 'appended' };
  }

  tail(from: number, limit: number): Promise<readonly StoredEntry[]> {
    return Promise.resolve(this.stored.slice(from, from + limit));
  }

  /** Loses everything from `size` on, as a restored backup does. */
  rollBack(head: Head): void {
    this.#head = head;
    this.stored.length = head.size;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
