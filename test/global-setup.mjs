// Runs before Jest's own transforms: plain Node strips the types of the launcher.
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../apps/sandbox/postgres/embedded.ts';

/** What the gateway refuses to run on; tests that speak of durability start their own with test/postgres.ts. */
const FAST_AND_FORGETFUL = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300'];

export default async function setUp({ maxWorkers }) {
  // No test may reach a database that somebody needs.
  delete process.env.DATABASE_URL;
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  chmodSync(folder, 0o711);
  const postgres = await startEmbeddedPostgres({ dir: join(folder, 'postgres'), flags: FAST_AND_FORGETFUL });
  globalThis.posternTest = { postgres, folder };
  const { host, port, user, password } = postgres;
  const client = new Client({ host, port, user, password, database: 'postgres' });
  await client.connect();
  for (let worker = 1; worker <= maxWorkers; worker++) await client.query(`CREATE DATABASE test_${worker}`);
  await client.end();
  process.env.TEST_PG = JSON.stringify({ host, port, user, password });
}
