import type { Spread } from '../figures.js';
import { checkpoint, createLog, type Database } from './databases.js';
import { Rounds } from './rounds.js';
import { type Loaded, runWindow, type Site } from './site.js';

const ROUNDS = 3;
const PRODUCERS = 128;
const TOGETHER = 'two replicas, one log';
const APART = 'two processes, a log each';

/** Two processes on one log, against the same two processes' like with nothing between them. */
export async function replicas(site: Site): Promise<Readonly<Record<string, Spread>>> {
  const { server, say, seconds, cleanUp } = site;
  say(`Two processes, ${PRODUCERS} producers each: on one log, and on two …`);
  // One after the other: they share the role that gateways connect as.
  const create = async (name: string): Promise<Database> => {
    const database = await createLog(server, name);
    cleanUp(() => database.close());
    return database;
  };
  const [shared, first, second] = [
    await create('bench_shared'),
    await create('bench_first'),
    await create('bench_second'),
  ];
  const open = async (database: Database): Promise<Loaded> => {
    const child = await site.startChild();
    await child.ask('open', { contender: 'ours', url: database.gateway, bodies: 'plain', receipts: 'not signed' });
    return { child, database };
  };
  const together = [await open(shared), await open(shared)];
  const apart = [await open(first), await open(second)];
  for (const each of [together, apart]) await runWindow(server, each, { producers: PRODUCERS, until: { seconds: 1 } });
  await checkpoint(server);
  const order = { producers: PRODUCERS, until: { seconds } };
  const windows = new Map([
    [TOGETHER, () => runWindow(server, together, order)],
    [APART, () => runWindow(server, apart, order)],
  ]);
  const rounds = await Rounds.run(ROUNDS, windows, say);
  for (const { child } of [...together, ...apart]) await child.stop();
  return {
    two_replicas_vs_independent: rounds.ratio(TOGETHER, APART),
    p99_two_replicas_vs_independent: rounds.ratio(TOGETHER, APART, ({ p99 }) => p99),
  };
}
