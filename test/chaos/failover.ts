import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DurablePostgres, startDurablePostgres } from '../postgres.js';
import { asOwner, setSynchronous, type Standby, startStandby } from '../standby.js';
import type { ActOptions, ActResult } from './act.js';
import { Load, type LoadResult } from './load.js';
import { chance } from './plan.js';
import { familyOf, signal } from './processes.js';
import { LOAD, resultOf } from './under-load.js';
import type { VariantName } from './variants.js';

const WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

/** How much an asynchronous standby misses. */
const MISSED = 100;

/** A primary that waits for its standby; it is killed, and the standby takes its place. */
export async function failover({ seed, say, kills }: ActOptions): Promise<ActResult> {
  const results: LoadResult[] = [];
  for (let round = 0; round < Math.max(1, kills); round += 1)
    results.push(await failOverOnce({ seed: seed + round, say, variant: 'none' }));
  return results.map(resultOf).reduce((sum, one) => ({
    ...sum,
    violations: [...sum.violations, ...one.violations],
    residual: sum.residual + one.residual,
    operations: sum.operations + one.operations,
    releases: sum.releases + one.releases,
    kills: sum.kills + one.kills,
    pauses: sum.pauses + one.pauses,
    seconds: sum.seconds + one.seconds,
    notes: [...(sum.notes ?? []), ...(one.notes ?? [])],
  }));
}

export async function failOverOnce({
  seed,
  say,
  variant,
}: {
  readonly seed: number;
  readonly say: (line: string) => void;
  readonly variant: VariantName;
}): Promise<LoadResult> {
  const random = chance(seed);
  const synchronous = variant !== 'asynchronous-standby';
  const primary = await startDurablePostgres();
  const door = await openDoor(primary.port);
  const load = new Load({
    ...LOAD,
    seed,
    postgres: primary,
    variant,
    say,
    // Everybody reaches the database by one address, behind which it may be exchanged.
    address: () => ({ host: '127.0.0.1', port: door.port }),
  });
  let standby: Standby | undefined;
  try {
    await load.start();
    standby = await startStandby(primary);
    if (synchronous) await setSynchronous(primary, true);
    await load.untilAllWork('it has a standby');
    await sleep(500 + 1_000 * random());
    if (synchronous && random() < 0.7) {
      say('the standby stands still; whoever waits for it is cut off');
      signal(familyOf(standby.postgres.pid), 'SIGSTOP');
      const cut = await cutOffWaiting(primary, random() < 0.5 ? 'pg_cancel_backend' : 'pg_terminate_backend');
      say(`${cut} commits were cut off`);
    } else if (!synchronous) {
      // What an asynchronous standby has not received when it is needed; nor does it lie in its socket.
      signal(familyOf(standby.postgres.pid), 'SIGSTOP');
      await asOwner(primary, (owner) => owner.query('SELECT pg_terminate_backend(pid) FROM pg_stat_replication'));
      await load.untilDone(load.operations + MISSED, 20_000);
    }
    say('kill the primary, promote the standby');
    await load.crashDatabase(false);
    signal(familyOf(standby.postgres.pid), 'SIGCONT');
    await asOwner(standby.postgres, async (owner) => {
      if (synchronous) await owner.query("ALTER SYSTEM SET synchronous_standby_names = ''");
      await owner.query('SELECT pg_promote(true, 30)');
      await owner.query('SELECT pg_reload_conf()');
    });
    load.moveTo(standby.postgres);
    door.leadTo(standby.postgres.port);
    await load.untilAllWork('the standby was promoted');
    await sleep(500);
    return await load.finish();
  } finally {
    await load.close();
    door.close();
    await standby?.discard();
    await primary.discard();
  }
}

/** Commits whose wait for the standby is cancelled: committed here, and nowhere else. */
async function cutOffWaiting(primary: DurablePostgres, how: string): Promise<number> {
  return asOwner(primary, async (owner) => {
    let cut = 0;
    for (let i = 0; i < 40; i += 1) {
      const { rowCount } = await owner.query(`SELECT ${how}(pid) FROM (${WAITING}) AS waiting`);
      cut += rowCount ?? 0;
      await sleep(25);
    }
    return cut;
  });
}

interface Door {
  readonly port: number;
  leadTo(port: number): void;
  close(): void;
}

/** One address that leads to one port or another; who was inside when it changes is put out. */
async function openDoor(to: number): Promise<Door> {
  let target = to;
  const open = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      open.add(one);
      one.setNoDelay(true);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const put = (): void => open.forEach((each) => each.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(port) {
      target = port;
      put();
    },
    close() {
      server.close();
      put();
    },
  };
}
