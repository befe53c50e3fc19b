/**
 * The databases that tests use: a fast shared one, and durable ones that may be killed.
 * @module
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../apps/sandbox/postgres/embedded.js';

export interface TestDatabase {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/**
 * This Jest worker's own database. Files that run in the same worker share it one after the other, so each begins by
 * clearing or naming what it uses.
 */
export function testDatabase(): TestDatabase {
  const text = process.env['TEST_PG'];
  if (text === undefined) throw new Error('TEST_PG is not set: run the tests with npm test or npm run jest');
  const server = JSON.parse(text) as Omit<TestDatabase, 'database'>;
  return { ...server, database: `test_${process.env['JEST_WORKER_ID'] ?? '1'}` };
}

export interface DurablePostgres extends TestDatabase {
  /** Where its files lie; the data in `data`. */
  readonly home: string;
  /** Of the postmaster that runs now. */
  readonly pid: number;
  /** Kills the server outright, in the middle of whatever it does. */
  crash(): Promise<void>;
  /** Starts it again on the same data and the same port. */
  restart(): Promise<void>;
  discard(): Promise<void>;
}

export interface DurableOptions {
  /** Server settings beside those that PostgreSQL ships with. */
  readonly flags?: readonly string[];
  /** Holds the data, and is left to whoever made it; a folder of its own where absent. */
  readonly folder?: string;
}

/** A server of its own with `fsync` and `synchronous_commit` as PostgreSQL ships them, unless told otherwise. */
export async function startDurablePostgres({
  flags = [],
  folder: given,
}: DurableOptions = {}): Promise<DurablePostgres> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'postern-durable-'));
  chmodSync(folder, 0o711);
  const dir = join(folder, 'postgres');
  let running: EmbeddedPostgres = await startEmbeddedPostgres({ dir, flags });
  const { host, port, user, password, database } = running;
  return {
    host,
    port,
    user,
    password,
    database,
    home: dir,
    get pid() {
      return running.pid;
    },
    async crash() {
      if (isRunning(running.pid)) process.kill(running.pid, 'SIGKILL');
      while (isRunning(running.pid)) await sleep(10);
      await running.stop();
    },
    async restart() {
      await running.stop();
      running = await startEmbeddedPostgres({ dir, port, flags });
    },
    async discard() {
      await running.discard();
      if (given === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
