import { TILE_WIDTH, verifyInclusion } from '#ledger';
import { PostgresLog, proveInclusion, rootAt } from '#postgres';
import { LOG_ID } from './contenders/entries.js';
import { percentile } from '../figures.js';
import { openPool } from './pool.js';

export interface ProofOrder {
  readonly url: string;
  readonly count: number;
}

export interface Proven {
  readonly size: number;
  /** Milliseconds, from asking for a proof to having it. */
  readonly p50: number;
  readonly p99: number;
}

const WARM_UP = 20;

/**
 * Proofs of entries drawn at random from the whole log, one after the other, against the last size at which a checkpoint is
 * published; every one of them is verified.
 */
export async function prove({ url, count }: ProofOrder): Promise<Proven> {
  const pool = openPool(url, 1);
  try {
    const store = await PostgresLog.open<never>(pool, LOG_ID, () => Promise.resolve());
    const head = await store.head();
    const size = head.size - (head.size % TILE_WIDTH);
    const root = await rootAt(pool, size);
    const took: number[] = [];
    for (let i = -WARM_UP; i < count; i += 1) {
      const index = Math.floor(Math.random() * size);
      const began = performance.now();
      const proof = await proveInclusion(pool, index, size);
      if (i >= 0) took.push(performance.now() - began);
      const [entry] = await store.tail(index, 1);
      if (entry === undefined || !verifyInclusion(index, size, entry.leaf, proof, root))
        throw new Error(`the proof of entry ${index} does not verify`);
    }
    took.sort((a, b) => a - b);
    return { size, p50: percentile(took, 0.5), p99: percentile(took, 0.99) };
  } finally {
    await pool.end();
  }
}
