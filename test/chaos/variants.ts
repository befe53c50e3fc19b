import type { Pool, PoolClient } from 'pg';
import {
  type Appended,
  type Batch,
  type Head,
  type LogStore,
  grow,
  type Outcome,
  type Pending,
  type StoredEntry,
} from '#ledger';
import { PostgresLog } from '#postgres';
import type { Fault } from './check.js';
import { projectConsents, type ConsentChange } from './world.js';

/**
 * Ways to build a gateway, or to run its database, that look right and are wrong. Each must be caught: a checker that lets
 * one of them pass says nothing about the real one.
 */
export interface Variant {
  readonly name: string;
  /** What is wrong with it, in one line. */
  readonly mistake: string;
  /** What the checker must say. Any one of them is enough, and at least one must be there. */
  readonly caughtBy: readonly Fault[];
  /** What it takes for the mistake to matter. */
  readonly needs: 'load' | 'pauses' | 'kills of the database' | 'failover';
}

export const VARIANTS = [
  {
    name: 'ttl-cache',
    mistake: 'decides from a copy of the consents that is up to 50 ms old',
    caughtBy: ['disclosed without consent'],
    needs: 'load',
  },
  {
    name: 'read-then-append',
    mistake: 'reads the consent, then appends, and does not look whether it still stands',
    caughtBy: ['disclosed without consent'],
    needs: 'load',
  },
  {
    name: 'same-statement',
    mistake: 'reads the consent in the statement that locks the head; its snapshot is older than the lock',
    caughtBy: ['disclosed without consent'],
    needs: 'load',
  },
  {
    name: 'mixed-batch',
    mistake: 'appends a batch as it came, state changes among the rest',
    caughtBy: ['disclosed without consent'],
    needs: 'load',
  },
  {
    name: 'no-lease',
    mistake: 'releases whenever the append has been answered, however long that took',
    caughtBy: ['released after acknowledgement'],
    needs: 'pauses',
  },
  {
    name: 'ack-at-commit',
    mistake: 'acknowledges a withdrawal as soon as it is recorded',
    caughtBy: ['released after acknowledgement'],
    needs: 'pauses',
  },
  {
    name: 'releases-twice',
    mistake: 'takes a repeated question for a new one, and releases again',
    caughtBy: ['released twice'],
    needs: 'load',
  },
  {
    name: 'stale-leader',
    mistake: 'does not look whether its compare-and-set had found the row',
    caughtBy: ['lost'],
    needs: 'load',
  },
  {
    name: 'replies-first',
    mistake: 'acknowledges when it has sent the append',
    caughtBy: ['lost', 'released without entry'],
    needs: 'kills of the database',
  },
  {
    name: 'per-replica-logs',
    mistake: 'each gateway writes a log of its own, and reads those of the others beforehand',
    caughtBy: ['released after acknowledgement'],
    needs: 'load',
  },
  {
    name: 'forgetful-database',
    mistake: 'runs with synchronous_commit off',
    caughtBy: ['lost'],
    needs: 'kills of the database',
  },
  {
    name: 'asynchronous-standby',
    mistake: 'promotes a standby that nobody waits for',
    caughtBy: ['lost'],
    needs: 'failover',
  },
] as const satisfies readonly Variant[];

export type VariantName = (typeof VARIANTS)[number]['name'] | 'none';

/** The part of a sequencer that gateways use. */
export interface Writer {
  readonly position: number;
  submit(pending: Pending<ConsentChange>): Promise<Outcome>;
  catchUp(): Promise<number>;
}

/** `stale-leader`: hears that the log has moved, and says that it has appended. */
export class UnheedingStore implements LogStore<ConsentChange> {
  readonly #store: LogStore<ConsentChange>;

  constructor(store: LogStore<ConsentChange>) {
    this.#store = store;
  }

  head(settled?: boolean): Promise<Head> {
    return this.#store.head(settled);
  }

  async append(batch: Batch<ConsentChange>): Promise<Appended> {
    const appended = await this.#store.append(batch);
    return appended.kind === 'moved' ? { kind: 'appended' } : appended;
  }

  tail(from: number, limit: number): Promise<readonly StoredEntry[]> {
    return this.#store.tail(from, limit);
  }
}

/** `replies-first`: says that it has appended, and appends. */
export class HastyStore implements LogStore<ConsentChange> {
  readonly #store: LogStore<ConsentChange>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: LogStore<ConsentChange>) {
    this.#store = store;
  }

  async head(settled?: boolean): Promise<Head> {
    await this.#last;
    return this.#store.head(settled);
  }

  async append(batch: Batch<ConsentChange>): Promise<Appended> {
    const before = this.#last;
    this.#last = before.then(() => this.#store.append(batch)).catch(() => undefined);
    await before;
    return { kind: 'appended' };
  }

  tail(from: number, limit: number): Promise<readonly StoredEntry[]> {
    return this.#store.tail(from, limit);
  }
}

const LOCK_AND_LOOK = `
WITH head AS MATERIALIZED (SELECT size, frontier, root FROM ledger.head FOR UPDATE),
  standing AS MATERIALIZED (SELECT coalesce(array_agg(id), '{}') AS ids FROM chaos.consent WHERE granted IS NOT NULL)
SELECT size, frontier, root, ids FROM head, standing`;

interface Waiting {
  readonly pending: Pending<ConsentChange>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * `same-statement`: locks the head and reads the consents in one statement, which at READ COMMITTED sees the consents as
 * they were before it waited for the lock. Needs no map, and no compare-and-set either.
 */
export class LockingWriter implements Writer {
  position = 0;
  readonly #pool: Pool;
  readonly #logId: Uint8Array;
  readonly #now: () => number;
  #queue: Waiting[] = [];
  #running = false;

  constructor(pool: Pool, logId: Uint8Array, now: () => number) {
    this.#pool = pool;
    this.#logId = logId;
    this.#now = now;
  }

  submit(pending: Pending<ConsentChange>): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ pending, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      setImmediate(() => void this.#run());
    });
  }

  catchUp(): Promise<number> {
    return Promise.resolve(this.position);
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, 512);
      await this.#append(batch).catch((error: unknown) => batch.forEach(({ reject }) => reject(error)));
    }
    this.#running = false;
  }

  async #append(batch: readonly Waiting[]): Promise<void> {
    const startedAt = this.#now();
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      const { rows } = await client.query<{ size: string; frontier: Buffer; root: Buffer; ids: number[] }>(
        LOCK_AND_LOOK,
      );
      const [head] = rows;
      if (head === undefined) throw new Error('there is no log');
      const standing = new Set(head.ids);
      const may = ({ pending }: Waiting): boolean =>
        pending.writes.size > 0 || pending.reads.size === 0 || standing.has(pending.entry.id[0] ?? 0);
      batch.filter((one) => !may(one)).forEach(({ resolve }) => resolve({ kind: 'stale' }));
      const entries = batch.filter(may).toSorted((a, b) => a.pending.writes.size - b.pending.writes.size);
      const from = Number(head.size);
      const leaves = entries.map(({ pending }) => pending.entry.leaf);
      const grown = grow({ size: from, frontier: head.frontier, root: head.root }, leaves);
      const store = await PostgresLog.open<ConsentChange>(onlyOf(client), this.#logId, projectConsents);
      if (entries.length > 0) {
        const { kind } = await store.append({ from, entries: entries.map(({ pending }) => pending), ...grown });
        if (kind !== 'appended') throw new Error(`with the head locked, the log says: ${kind}`);
      }
      await client.query('COMMIT');
      entries.forEach(({ pending, resolve }, i) => {
        pending.apply(from + i);
        resolve({ kind: 'appended', seq: from + i, receipt: new Uint8Array(0), startedAt });
      });
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  }
}

/** A pool of one connection, whose transaction is under way already. */
function onlyOf(client: PoolClient): Pool {
  const within = {
    query: (what: { text: string } | string, values?: unknown[]) =>
      /^(BEGIN|COMMIT)/.test(typeof what === 'string' ? what : what.text)
        ? Promise.resolve({ rows: [] })
        : client.query(what as string, values),
    on: () => within,
    off: () => within,
    release: () => undefined,
  };
  return { ...within, connect: () => Promise.resolve(within) } as unknown as Pool;
}
