import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client as PgClient } from 'pg';
import { startDurablePostgres } from '../postgres.js';
import { type ActOptions, type ActResult, COULD_NOT, sentenceOf } from './act.js';
import { castOf, Load } from './load.js';
import { chance } from './plan.js';
import { run } from './processes.js';
import { LOAD, resultOf } from './under-load.js';

type Orders = Pick<ActOptions, 'seed' | 'kills'>;

const inside = process.argv[1]?.endsWith('partitions.js') === true;
const networkOf = (i: number) => ({
  name: `postern-gw${i}-${process.pid}`,
  ours: `10.77.${i}.1`,
  theirs: `10.77.${i}.2`,
});

/**
 * Each gateway in a network of its own, from which packets get lost: to the database, from it, or both. The database is in
 * a network of its own too, which nothing leaves; so is whoever does all this, in a process of its own.
 */
export async function partitions(options: ActOptions): Promise<ActResult | { readonly [COULD_NOT]: string }> {
  const network = `postern-db-${process.pid}`;
  try {
    run('nft', '--version');
    run('ip', 'netns', 'add', network);
  } catch (error) {
    return { [COULD_NOT]: `networks and packet filters cannot be made: ${sentenceOf(error)}` };
  }
  try {
    const program = join(import.meta.dirname, 'partitions.js');
    const orders: Orders = { seed: options.seed, kills: options.kills };
    const words = ['netns', 'exec', network, process.execPath, '--enable-source-maps', program, JSON.stringify(orders)];
    const child = spawn('ip', words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let result: ActResult | undefined;
    child.on('message', (message: ActResult) => (result = message));
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    if (result === undefined) throw new Error(`the partitions ended with ${code} and without a result`);
    return result;
  } finally {
    run('ip', 'netns', 'del', network);
  }
}

async function perform({ seed }: Orders, say: (line: string) => void): Promise<ActResult> {
  const random = chance(seed);
  const networks = castOf(LOAD).gateways.map((name, i) => ({ gateway: name, ...networkOf(i + 1) }));
  run('ip', 'link', 'set', 'lo', 'up');
  const postgres = await startDurablePostgres({ flags: ['listen_addresses=*'] });
  const { host, port, user, password, database } = postgres;
  const owner = new PgClient({ host, port, user, password, database });
  await owner.connect();
  appendFileSync(join(postgres.home, 'data', 'pg_hba.conf'), '\nhost all all 10.77.0.0/16 scram-sha-256\n');
  await owner.query('SELECT pg_reload_conf()');
  await owner.end();
  let partitioned = 0;
  let load: Load | undefined;
  try {
    for (const { name, ours, theirs } of networks) {
      const [near, far] = [`n${name.slice(-8)}`, `f${name.slice(-8)}`];
      run('ip', 'netns', 'add', name);
      run('ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', name);
      run('ip', 'addr', 'add', `${ours}/24`, 'dev', near);
      run('ip', 'link', 'set', near, 'up');
      run('ip', '-n', name, 'addr', 'add', `${theirs}/24`, 'dev', far);
      run('ip', '-n', name, 'link', 'set', far, 'up');
      run('ip', '-n', name, 'link', 'set', 'lo', 'up');
    }
    run(
      'nft',
      'add table inet postern; add chain inet postern in { type filter hook input priority 0; }; add chain inet postern out { type filter hook output priority 0; }',
    );
    const of = (name: string) => networks.find(({ gateway }) => gateway === name);
    load = new Load({
      ...LOAD,
      seed,
      postgres,
      variant: 'none',
      say,
      dress: (name) => ({ words: of(name) === undefined ? [] : ['ip', 'netns', 'exec', of(name)?.name ?? ''] }),
      address: (name) => ({ host: of(name)?.ours ?? host, port }),
    });
    await load.start();
    for (const lost of ['there', 'back', 'both', 'there', 'back', 'both'] as const) {
      const whom = networks[Math.floor(random() * networks.length)];
      if (whom === undefined) break;
      const ms = Math.round(300 + 3_000 * random());
      await sleep(500 * random());
      say(`${whom.gateway} and the database lose each other for ${ms} ms: ${lost}`);
      if (lost !== 'back') run('nft', `add rule inet postern in ip saddr ${whom.theirs} drop`);
      if (lost !== 'there') run('nft', `add rule inet postern out ip daddr ${whom.theirs} drop`);
      await sleep(ms);
      run('nft', 'flush table inet postern');
      partitioned += 1;
      if (!(await load.untilAllWork(`packets were lost: ${lost}`))) break;
    }
    const result = resultOf(await load.finish());
    return { ...result, notes: [...(result.notes ?? []), `${partitioned} times packets were lost`] };
  } finally {
    await load?.close();
    await postgres.discard();
    for (const { name } of networks) run('ip', 'netns', 'del', name);
  }
}

if (inside) {
  const orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
  const result = await perform(orders, (line) => void process.stdout.write(`${line}\n`));
  process.send?.(result, () => process.exit(0));
}
