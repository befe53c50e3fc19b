import { random } from '../../../apps/gateway/src/random.js';
import { filler, grow, type SealedEntry } from '#ledger';
import { PostgresLog } from '#postgres';
import { LOG_ID, nextBody, plainEntry } from './contenders/entries.js';
import { openPool } from './pool.js';

export interface FillOrder {
  readonly url: string;
  readonly upTo: number;
  /** With plain bodies, or without content. */
  readonly entries: 'plain' | 'fillers';
}

export interface Filled {
  readonly size: number;
  readonly seconds: number;
}

const BATCH = 2_000;
const POLICY = random(32);

/** Brings a log to a size through the append that everybody uses, each entry with an idempotency key. */
export async function fill({ url, upTo, entries }: FillOrder): Promise<Filled> {
  const pool = openPool(url, 1);
  const began = performance.now();
  try {
    const store = await PostgresLog.open<never>(pool, LOG_ID, () => Promise.resolve());
    const make = (): SealedEntry =>
      entries === 'plain' ? plainEntry(nextBody()) : filler({ id: random(16), at: Date.now(), policy: POLICY });
    let known = await store.head();
    // The next batch is made while the store has this one.
    let under = Promise.resolve();
    while (known.size < upTo) {
      const from = known.size;
      const batch = Array.from({ length: Math.min(BATCH, upTo - from) }, () => ({
        entry: make(),
        idempotency: random(16),
        changes: [],
      }));
      const { head, tiles } = grow(
        known,
        batch.map(({ entry }) => entry.leaf),
      );
      await under;
      under = store.append({ from, entries: batch, head, tiles }).then(({ kind }) => {
        if (kind !== 'appended') throw new Error(`what nobody else writes to is ${kind}`);
      });
      known = head;
    }
    await under;
    return { size: known.size, seconds: (performance.now() - began) / 1000 };
  } finally {
    await pool.end();
  }
}
