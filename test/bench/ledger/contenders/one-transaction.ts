import type { PoolClient } from 'pg';
import { random } from '../../../../apps/gateway/src/random.js';
import { grow, type SealedEntry } from '#ledger';
import type { Contender } from './contender.js';
import { nextBody, plainEntry } from './entries.js';
import { openPool } from '../pool.js';

const POOL = 32;
// One journey for two statements: nothing between them depends on an answer.
const BEGIN = 'BEGIN; SELECT size, frontier FROM ledger.head FOR UPDATE';
const APPEND = 'SELECT ledger.append($1,1,$2,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11) AS appended';

/** A transaction for each entry, which holds the head's row from before it reads the tree until its commit. */
export function openOneTransaction(url: string): Contender {
  const pool = openPool(url, POOL, { pipeline: true });
  return {
    async record() {
      const entry = plainEntry(nextBody());
      const client = await pool.connect();
      try {
        await append(client, entry);
      } finally {
        client.release();
      }
      return entry.leaf;
    },
    close: () => pool.end(),
  };
}

async function append(client: PoolClient, entry: SealedEntry): Promise<void> {
  // Of several statements in one query, the driver answers with an array of results; its types know of one.
  const results = (await client.query(BEGIN)) as unknown as readonly {
    readonly rows: readonly { readonly size: string; readonly frontier: Buffer }[];
  }[];
  const row = results[1]?.rows[0];
  if (row === undefined) throw new Error('there is no head');
  const size = Number(row.size);
  const { head, tiles } = grow({ size, frontier: row.frontier, root: new Uint8Array(0) }, [entry.leaf]);
  const { header, content } = entry;
  if (content === undefined) throw new Error('every entry here has content');
  const packed = Buffer.concat([entry.leaf, content.salt, header, content.ciphertext]);
  const [at, end] = [64 + header.length, packed.length];
  const appending = client.query<{ appended: boolean }>({
    name: 'append one',
    text: APPEND,
    values: [
      size,
      Date.now(), // It was decided long ago where many wait; nobody but the clock's guard asks when.
      packed,
      `{64,${at},${end},0,${end},${end},${end},0}`,
      `{${Buffer.from(random(16)).toString('hex')}}`,
      '{}',
      Buffer.from(head.frontier),
      Buffer.from(head.root),
      `{${tiles.map(({ level }) => level).join()}}`,
      `{${tiles.map(({ index }) => index).join()}}`,
      Buffer.concat(tiles.map(({ root }) => root)),
    ],
  });
  // Sent without waiting: the head is not kept locked for one more journey. Behind a failed append it is a rollback.
  const committing = client.query('COMMIT');
  const [{ rows }] = await Promise.all([appending, committing]);
  if (rows[0]?.appended !== true) throw new Error('the head moved under its lock');
}
