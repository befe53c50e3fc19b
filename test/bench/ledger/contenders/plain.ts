import type { Contender } from './contender.js';
import { nextBody } from './entries.js';
import { openPool } from '../pool.js';

/** What both plain contenders write to: bodies, and a number by which each can be found. */
export const CREATE_PLAIN = `
CREATE TABLE recorded (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)`;

const BATCH = 1_000;
const INSERT_BATCH = `
INSERT INTO recorded (body)
  SELECT substr($1::bytea, offsets[i] + 1, offsets[i + 1] - offsets[i])
    FROM (VALUES ($2::int[])) AS given (offsets), generate_series(1, cardinality(offsets) - 1) AS i`;

interface Waiting {
  readonly body: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Everything that waits goes into the next insert, up to 1,000 rows, as it does with us: no tree, no checks. */
export function openPlainBatches(url: string): Contender {
  const pool = openPool(url, 1);
  let queue: Waiting[] = [];
  let running = false;

  async function run(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.slice(0, BATCH);
      queue = queue.slice(BATCH);
      try {
        await pool.query({ name: 'insert batch', text: INSERT_BATCH, values: packed(batch) });
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      // What has come in meanwhile shares the next insert.
      await new Promise((resolve) => setImmediate(resolve));
    }
    running = false;
  }

  return {
    async record() {
      const body = nextBody();
      await new Promise<void>((resolve, reject) => {
        queue.push({ body, resolve, reject });
        if (running) return;
        running = true;
        setImmediate(() => void run());
      });
      return body;
    },
    close: () => pool.end(),
  };
}

function packed(batch: readonly Waiting[]): [Buffer, string] {
  const offsets = [0];
  let end = 0;
  for (const { body } of batch) offsets.push((end += body.length));
  const bytes = Buffer.allocUnsafe(end);
  batch.forEach(({ body }, i) => bytes.set(body, offsets[i]));
  return [bytes, `{${offsets.join()}}`];
}

const ROWS_POOL = 32;

/** One insert, and so one commit, for each body; PostgreSQL lets commits that come together share one flush. */
export function openPlainRows(url: string): Contender {
  const pool = openPool(url, ROWS_POOL);
  return {
    async record() {
      const body = nextBody();
      await pool.query({ name: 'insert row', text: 'INSERT INTO recorded (body) VALUES ($1)', values: [body] });
      return body;
    },
    close: () => pool.end(),
  };
}
