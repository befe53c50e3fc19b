import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { EMPTY_HEAD, grow, type Head, logIdOf, type SubmittedEntry } from '#ledger';
import { migrate, PostgresLog } from '#postgres';
import { type DurablePostgres, startDurablePostgres } from '../postgres.js';
import { Entries } from './world.js';

/**
 * A database that waits for a standby which is not there. Whoever cancels the wait leaves an entry that is committed here
 * and nowhere else: it would be gone after a failover.
 */
const logId = logIdOf('standby.example/postern');
const entries = new Entries(logId, randomBytes);
const WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

let postgres: DurablePostgres;
let owner: Pool;
let gateway: Pool;
let store: PostgresLog<string>;

beforeAll(async () => {
  postgres = await startDurablePostgres();
  const { host, port, user, password, database } = postgres;
  owner = new Pool({ host, port, user, password, database });
  await migrate(`postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`, {
    name: 'gateway',
    password: 'only here',
  });
  gateway = new Pool({ host, port, user: 'gateway', password: 'only here', database, max: 4 });
  for (const pool of [owner, gateway]) pool.on('error', () => undefined);
  store = await PostgresLog.open<string>(gateway, logId, () => Promise.resolve());
}, 60_000);

afterAll(async () => {
  await gateway.end();
  await owner.end();
  await postgres.discard();
});

/** Tells the database to wait for a standby of this name; nobody has it. */
async function waitFor(standby: string): Promise<void> {
  await owner.query('SET synchronous_commit = local');
  await owner.query(`ALTER SYSTEM SET synchronous_standby_names = '${standby}'`);
  await owner.query('SELECT pg_reload_conf()');
  while ((await owner.query('SHOW synchronous_standby_names')).rows[0]?.synchronous_standby_names !== standby)
    await sleep(5);
}

async function untilOneWaits(): Promise<number> {
  for (;;) {
    const { rows } = await owner.query<{ pid: number }>(WAITING);
    if (rows[0] !== undefined) return rows[0].pid;
    await sleep(5);
  }
}

async function append(from: Head, changes: readonly string[]): Promise<{ kind: string }> {
  const entry = entries.make('disclosure', 1);
  const { head, tiles } = grow(from, [entry.leaf]);
  const submitted: SubmittedEntry<string> = { entry, changes };
  return store.append({ from: from.size, entries: [submitted], head, tiles });
}

describe.each([
  ['a disclosure', []],
  ['a change', ['a change']],
])('%s is recorded, and no standby has it', (_, changes) => {
  it.each(['pg_cancel_backend', 'pg_terminate_backend'])(
    '%s: its fate is unknown',
    async (cut) => {
      const head = await store.head().catch(() => EMPTY_HEAD);
      await waitFor('nobody');
      const appending = append(head, changes).then(
        ({ kind }) => kind,
        () => 'unknown',
      );
      const pid = await untilOneWaits();
      await owner.query(`SELECT ${cut}(${pid})`);
      expect(await appending).toBe('unknown');

      // The entry can be seen here; nobody may be shown it before a standby has it.
      const { rows } = await owner.query<{ size: string }>('SELECT size FROM ledger.head');
      expect(Number(rows[0]?.size)).toBe(head.size + 1);
      let shown = false;
      const looking = store.head(true).then((seen) => {
        shown = true;
        return seen;
      });
      await untilOneWaits();
      expect(shown).toBe(false);
      await waitFor('');
      expect((await looking).size).toBe(head.size + 1);
    },
    60_000,
  );
});
