import { startDurablePostgres } from '../../postgres.js';
import { asOwner, setSynchronous, startStandby } from '../../standby.js';
import type { Spread } from '../figures.js';
import { refuseUnlessDurable } from '../exchange/databases.js';
import { checkpoint, createLog, SETTINGS } from './databases.js';
import { Rounds } from './rounds.js';
import { type Result, runWindow, type Site } from './site.js';

const ROUNDS = 3;
const SYNCHRONOUS = 'synchronous standby';
const ASYNCHRONOUS = 'asynchronous standby';

/** One primary whose commits wait for its standby, or do not; the standby follows all the while, on the same disk. */
export async function standby(site: Site): Promise<Readonly<Record<string, Spread>>> {
  const { say, seconds, cleanUp } = site;
  say('Starting a primary and its standby …');
  const starting = startDurablePostgres({ flags: SETTINGS });
  cleanUp(async () => (await starting).discard());
  const primary = await starting;
  await asOwner(primary, refuseUnlessDurable);
  const database = await createLog(primary, 'bench_followed');
  cleanUp(() => database.close());
  const following = startStandby(primary, SETTINGS);
  cleanUp(async () => (await following).discard());
  await following;
  const child = await site.startChild();
  await child.ask('open', { contender: 'ours', url: database.gateway, bodies: 'plain', receipts: 'not signed' });
  const run = async (synchronous: boolean, producers: number, until: { seconds: number }): Promise<Result> => {
    await setSynchronous(primary, synchronous);
    const result = await runWindow(primary, [{ child, database }], { producers, until });
    await setSynchronous(primary, false);
    return result;
  };
  for (const synchronous of [false, true]) await run(synchronous, 128, { seconds: 1 });
  await checkpoint(primary);
  const windows = new Map(
    [1, 128].flatMap((producers) =>
      [true, false].map((synchronous): [string, () => Promise<Result>] => [
        `${synchronous ? SYNCHRONOUS : ASYNCHRONOUS}, ${producers}`,
        () => run(synchronous, producers, { seconds }),
      ]),
    ),
  );
  const rounds = await Rounds.run(ROUNDS, windows, say);
  await child.stop();
  const ratio = (producers: number): Spread =>
    rounds.ratio(`${SYNCHRONOUS}, ${producers}`, `${ASYNCHRONOUS}, ${producers}`);
  return { sync_standby_vs_async_128: ratio(128), sync_standby_vs_async_1: ratio(1) };
}
