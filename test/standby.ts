/**
 * A standby of a PostgreSQL under test.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type DurablePostgres, startDurablePostgres, type TestDatabase } from './postgres.js';

const STANDBY = 'postern_standby';

export interface Standby {
  readonly postgres: DurablePostgres;
  discard(): Promise<void>;
}

/** Copies the running primary's files, and starts a standby on them; returns once it follows. */
export async function startStandby(primary: DurablePostgres, flags: readonly string[] = []): Promise<Standby> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-standby-'));
  const home = join(folder, 'postgres');
  const data = join(home, 'data');
  chmodSync(folder, 0o711);
  mkdirSync(home, { mode: 0o711 });
  await asOwner(primary, async (owner) => {
    await owner.query("SELECT pg_backup_start('standby', true)");
    // Files that vanish while they are copied are none that the standby needs.
    run('sh', '-c', 'cp -a "$1/." "$2" 2>/dev/null || test -d "$2/data"', 'copy', primary.home, home);
    const { rows } = await owner.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    writeFileSync(join(data, 'backup_label'), rows[0]?.labelfile ?? '');
  });
  rmSync(join(data, 'postmaster.pid'), { force: true });
  const { host, port, user, password } = primary;
  writeFileSync(join(data, 'standby.signal'), '');
  writeFileSync(
    join(data, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=${host} port=${port} user=${user} password=${password} application_name=${STANDBY}'\n`,
  );
  run('chown', '-R', '--reference', data, join(data, 'backup_label'), join(data, 'standby.signal'));
  const postgres = await startDurablePostgres({ folder, flags });
  const following = `SELECT FROM pg_stat_replication WHERE application_name = '${STANDBY}' AND state = 'streaming'`;
  await asOwner(primary, async (owner) => {
    while ((await owner.query(following)).rowCount === 0) await sleep(50);
  });
  return {
    postgres,
    async discard() {
      await postgres.discard();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** From when this returns, every commit of the primary waits until its standby has it; or none does. */
export async function setSynchronous(primary: TestDatabase, synchronous: boolean): Promise<void> {
  const state = synchronous ? 'sync' : 'async';
  await asOwner(primary, async (owner) => {
    await owner.query(`ALTER SYSTEM SET synchronous_standby_names = '${synchronous ? STANDBY : ''}'`);
    await owner.query('SELECT pg_reload_conf()');
    const inState = `SELECT FROM pg_stat_replication WHERE application_name = '${STANDBY}' AND sync_state = '${state}'`;
    while ((await owner.query(inState)).rowCount === 0) await sleep(50);
  });
}

/** Does something as the database's owner, on a connection of its own. */
export async function asOwner<Result>(
  { host, port, user, password, database }: TestDatabase,
  act: (owner: Client) => Promise<Result>,
): Promise<Result> {
  const owner = new Client({ host, port, user, password, database });
  owner.on('error', () => undefined);
  await owner.connect();
  try {
    return await act(owner);
  } finally {
    await owner.end();
  }
}

function run(command: string, ...words: readonly string[]): void {
  execFileSync(command, [...words], { stdio: ['ignore', 'pipe', 'pipe'] });
}
