import { randomBytes } from 'node:crypto';
import type { Client, Pool } from 'pg';
import { EMPTY_HEAD, grow, HASH_SIZE, type Head } from '#ledger';
import { migrate, readLeaves } from '#postgres';
import type { TestDatabase } from '../../postgres.js';
import { asOwner } from '../../standby.js';
import { CREATE_PLAIN } from './contenders/plain.js';
import { markOf } from './drive.js';
import { openPool } from './pool.js';

/** Server settings beside those that PostgreSQL ships with, for everybody alike. No checkpoint comes of itself. */
export const SETTINGS = [
  'shared_buffers=1GB',
  'min_wal_size=4GB',
  'max_wal_size=8GB',
  'checkpoint_timeout=1h',
] as const;

const ROLE = { name: 'bench_gateway', password: randomBytes(18).toString('base64url') };

/** A database under load, and what of its content has been held against what was acknowledged. */
export interface Database {
  readonly name: string;
  /** As its owner reaches it. */
  readonly owner: string;
  /** As a gateway does, which may append and read. */
  readonly gateway: string;
  /** Throws unless all that was acknowledged since the last call, and nothing else, has been recorded. */
  check(acknowledged: number, marks: number): Promise<void>;
  close(): Promise<void>;
}

export async function createLog(server: TestDatabase, name: string): Promise<Database> {
  await createDatabase(server, `CREATE DATABASE ${name}`);
  const owner = urlOf({ ...server, database: name });
  await migrate(owner, ROLE);
  return databaseOf(server, name, EMPTY_HEAD);
}

/** The copy of a log as it is now. */
export async function copyLog(server: TestDatabase, from: string, name: string): Promise<Database> {
  await createDatabase(server, `DROP DATABASE IF EXISTS ${name}`);
  await createDatabase(server, `CREATE DATABASE ${name} TEMPLATE ${from}`);
  return openLog(server, name);
}

/** A log that exists; what is in it already is taken for right. */
export async function openLog(server: TestDatabase, name: string): Promise<Database> {
  return databaseOf(server, name, await asOwner({ ...server, database: name }, headOf));
}

function databaseOf(server: TestDatabase, name: string, begun: Head): Database {
  const owner = urlOf({ ...server, database: name });
  const pool = openPool(owner, 1);
  let checked = begun;
  return {
    name,
    owner,
    gateway: urlOf({ ...server, database: name, user: ROLE.name, password: ROLE.password }),
    async check(acknowledged, marks) {
      const head = await headOf(pool);
      const recorded = await growOver(pool, checked, head.size);
      if (head.size - checked.size !== acknowledged || recorded.marks !== marks)
        throw new Error(`${name} has ${head.size - checked.size} new entries, ${acknowledged} were acknowledged`);
      if (Buffer.compare(recorded.head.root, head.root) !== 0)
        throw new Error(`the root of ${name} does not follow from its entries`);
      checked = head;
    },
    close: () => pool.end(),
  };
}

export async function createPlain(server: TestDatabase, name: string): Promise<Database> {
  await createDatabase(server, `CREATE DATABASE ${name}`);
  const owner = urlOf({ ...server, database: name });
  const pool = openPool(owner, 1);
  await pool.query(CREATE_PLAIN);
  let checked = 0;
  return {
    name,
    owner,
    gateway: owner,
    async check(acknowledged, marks) {
      const { rows } = await pool.query<{ count: number; marks: number; last: string | null }>(
        `SELECT count(*)::int AS count, coalesce(bit_xor(('x' || encode(substr(body, 1, 4), 'hex'))::bit(32)::int), 0) AS marks,
                max(seq) AS last
           FROM recorded WHERE seq > $1`,
        [checked],
      );
      const [row] = rows;
      if (row?.count !== acknowledged || row.marks !== marks)
        throw new Error(`${name} has ${row?.count} new rows, ${acknowledged} were acknowledged`);
      checked = Number(row.last ?? checked);
    },
    close: () => pool.end(),
  };
}

async function headOf(client: Pool | Client): Promise<Head> {
  const { rows } = await client.query<{ size: string; frontier: Buffer; root: Buffer }>(
    'SELECT size, frontier, root FROM ledger.head',
  );
  const [row] = rows;
  if (row === undefined) throw new Error('there is no log');
  return { ...row, size: Number(row.size) };
}

async function growOver(pool: Pool, from: Head, to: number): Promise<{ readonly head: Head; readonly marks: number }> {
  let head = from;
  let marks = 0;
  for await (const packed of readLeaves(pool, from.size, to)) {
    const leaves = Array.from({ length: packed.length / HASH_SIZE }, (_, i) =>
      packed.subarray(HASH_SIZE * i, HASH_SIZE * (i + 1)),
    );
    head = grow(head, leaves).head;
    for (const leaf of leaves) marks ^= markOf(leaf);
  }
  return { head, marks };
}

async function createDatabase(server: TestDatabase, statement: string): Promise<void> {
  await asOwner(server, (client) => client.query(statement));
}

/**
 * Before the first window, and not before each: whoever touches a page first after a checkpoint writes all of it to the
 * log, which in use happens once in minutes, and would otherwise be all that the windows show of random indexes.
 */
export async function checkpoint(server: TestDatabase): Promise<void> {
  await asOwner(server, (client) => client.query('CHECKPOINT'));
}

export function urlOf({ host, port, user, password, database }: TestDatabase): string {
  return `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}
