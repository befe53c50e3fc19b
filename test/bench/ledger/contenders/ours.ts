import { generateKeyPairSync } from 'node:crypto';
import { random } from '../../../../apps/gateway/src/random.js';
import { type Receipt, RECEIPT_SIZE, type SealedEntry, Sequencer, signReceipt } from '#ledger';
import { PostgresLog } from '#postgres';
import type { Contender } from './contender.js';
import { LOG_ID, nextBody, plainEntry, sealedEntry } from './entries.js';
import { openPool } from '../pool.js';

/** As the gateway has them. */
const [QUEUE, BATCH, POOL] = [4_096, 512, 4];
const NOTHING: ReadonlySet<string> = new Set();

export interface OursOptions {
  readonly url: string;
  readonly bodies: 'plain' | 'sealed';
  readonly receipts: 'signed' | 'not signed';
}

/** The sequencer on its store, as a gateway joins them; only that nobody's map has to be kept up to date. */
export async function openOurs({ url, bodies, receipts }: OursOptions): Promise<Contender> {
  const pool = openPool(url, POOL);
  const store = await PostgresLog.open<never>(pool, LOG_ID, () => Promise.resolve());
  const { privateKey } = generateKeyPairSync('ed25519');
  const unsigned = Promise.resolve(new Uint8Array(RECEIPT_SIZE));
  const sequencer = new Sequencer<never>({
    store,
    position: (await store.head()).size,
    fold: (tail) => Promise.resolve(tail.map(() => NOTHING)),
    sign: receipts === 'signed' ? (receipt: Receipt) => signReceipt(LOG_ID, receipt, privateKey) : () => unsigned,
    monotonic: () => performance.now(),
    queue: QUEUE,
    batch: BATCH,
  });
  const make: (body: Uint8Array) => SealedEntry = bodies === 'sealed' ? sealedEntry : plainEntry;
  let asked = 0;
  return {
    async record() {
      asked += 1;
      const basis = sequencer.position;
      const entry = make(nextBody());
      const outcome = await sequencer.submit({
        entry,
        idempotency: random(16),
        basis,
        reads: new Set(['policy', 'agency shelter', `handle ${asked % 1_000}`, `person ${asked % 1_000}`]),
        writes: NOTHING,
        changes: [],
        apply: () => undefined,
      });
      if (outcome.kind !== 'appended') throw new Error(`an entry of nobody else's is ${outcome.kind}`);
      return entry.leaf;
    },
    close: () => pool.end(),
  };
}
