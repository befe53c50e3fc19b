import { LogStore } from '../src/log-store.js';
import { grow } from '../src/merkle.js';
import { Outcome, Pending } from '../src/sequencer.js';
import { StoredEntry } from '../src/entry.js';

/**
 * Sequencers that look right and are wrong, each by one mistake: what the checks of the real one must catch.
 */
export type Mistake =
  /** Takes a batch as it came: a withdrawal may lie before a disclosure that had not seen it. */
  | 'keeps the order of arrival'
  /** After a lost compare-and-set, or a change of its own, appends what was decided before. */
  | 'never looks at what was read'
  /** Says `appended` when it has sent the batch. */
  | 'resolves before the commit'
  /** Takes an append that failed for one that was not recorded, and sends it again under the next size. */
  | 'believes a failure';

interface Waiting<Change> {
  readonly pending: Pending<Change>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

export class CarelessSequencer<Change> {
  position = 0;
  readonly #store: LogStore<Change>;
  readonly #fold: (tail: readonly StoredEntry[]) => Promise<readonly ReadonlySet<string>[]>;
  readonly #mistake: Mistake;
  #queue: Waiting<Change>[] = [];
  #running = false;
  readonly #lastWrite = new Map<string, number>();

  constructor(
    store: LogStore<Change>,
    fold: (tail: readonly StoredEntry[]) => Promise<readonly ReadonlySet<string>[]>,
    mistake: Mistake,
  ) {
    this.#store = store;
    this.#fold = fold;
    this.#mistake = mistake;
  }

  submit(pending: Pending<Change>): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ pending, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0)
      await this.#turn().catch((error: unknown) => this.#queue.splice(0).forEach(({ reject }) => reject(error)));
    this.#running = false;
  }

  async #turn(): Promise<void> {
    let head = await this.#store.head();
    const tail = await this.#store.tail(this.position, head.size - this.position);
    const written = await this.#fold(tail);
    tail.forEach(({ seq }, i) => written[i]!.forEach((name) => this.#lastWrite.set(name, seq)));
    this.position = head.size;
    const stale = (one: Waiting<Change>): boolean =>
      this.#mistake !== 'never looks at what was read' &&
      [...one.pending.reads].some((name) => (this.#lastWrite.get(name) ?? -1) >= one.pending.basis);
    for (const one of this.#queue.filter(stale)) one.resolve({ kind: 'stale' });
    const waiting = this.#queue.filter((one) => !stale(one));
    const batch =
      this.#mistake === 'keeps the order of arrival'
        ? waiting
        : waiting.toSorted((a, b) => a.pending.writes.size - b.pending.writes.size);
    this.#queue = [];
    if (batch.length === 0) return;
    const grown = grow(
      head,
      batch.map(({ pending }) => pending.entry.leaf),
    );
    head = grown.head;
    const answer = (): void =>
      batch.forEach(({ resolve }, i) =>
        resolve({ kind: 'appended', seq: this.position + i, receipt: new Uint8Array(0), startedAt: 0 }),
      );
    if (this.#mistake === 'resolves before the commit') answer();
    try {
      const entries = batch.map(({ pending }) => pending);
      const appended = await this.#store.append({ from: this.position, entries, head, tiles: grown.tiles });
      if (appended.kind === 'appended') answer();
      else this.#queue.unshift(...batch);
    } catch (error) {
      if (this.#mistake === 'believes a failure') this.#queue.unshift(...batch);
      else batch.forEach(({ reject }) => reject(error));
    }
  }
}
