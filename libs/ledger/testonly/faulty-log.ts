import { StoredEntry } from '../src/entry.js';
import { Appended, Batch, LogStore } from '../src/log-store.js';
import { Head } from '../src/merkle.js';

/** What may become of one append. */
export type Fault =
  | 'none'
  /** The connection broke before the statement was sent. */
  | 'lost'
  /** The connection broke after the commit. */
  | 'recorded, but nobody told'
  /** The connection broke, and the statement arrives when everybody has gone on. */
  | 'arrives late';

/** A store behind a connection that breaks: `fault` is asked at each append. */
export class FaultyLog implements LogStore<string> {
  readonly #store: LogStore<string>;
  readonly #fault: () => Fault;
  appends = 0;
  /** While set, the store does not answer at all. */
  unreachable = false;

  constructor(store: LogStore<string>, fault: () => Fault) {
    this.#store = store;
    this.#fault = fault;
  }

  async head(settled?: boolean): Promise<Head> {
    this.#reach();
    return this.#store.head(settled);
  }

  async append(batch: Batch<string>): Promise<Appended> {
    this.#reach();
    this.appends += 1;
    const fault = this.#fault();
    if (fault === 'none') return this.#store.append(batch);
    if (fault === 'recorded, but nobody told') await this.#store.append(batch);
    if (fault === 'arrives late') setTimeout(() => void this.#store.append(batch), 2);
    throw new Error(`the connection broke: ${fault}`);
  }

  async tail(from: number, limit: number): Promise<readonly StoredEntry[]> {
    this.#reach();
    return this.#store.tail(from, limit);
  }

  #reach(): void {
    if (this.unreachable) throw new Error('the database does not answer');
  }
}
