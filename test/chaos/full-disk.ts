import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDurablePostgres } from '../postgres.js';
import { type ActOptions, type ActResult, COULD_NOT, sentenceOf } from './act.js';
import { Load } from './load.js';
import { chance } from './plan.js';
import { run, stateOf } from './processes.js';
import { LOAD, resultOf } from './under-load.js';

const SIZE = '192m';
const ROUNDS = 3;

/** The database lies on a small disk of its own, which is full from one moment to the next. */
export async function fullDisk({ seed, say }: ActOptions): Promise<ActResult | { readonly [COULD_NOT]: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-small-'));
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${SIZE},mode=0711`, 'postern-chaos', folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return { [COULD_NOT]: `a small disk cannot be mounted: ${sentenceOf(error)}` };
  }
  const random = chance(seed);
  const postgres = await startDurablePostgres({ folder, flags: ['max_wal_size=64MB', 'min_wal_size=32MB'] });
  const load = new Load({ ...LOAD, seed, postgres, variant: 'none', say });
  const ballast = join(folder, 'ballast');
  try {
    await load.start();
    for (let round = 0; round < ROUNDS; round += 1) {
      await sleep(500 * random());
      fill(ballast);
      const before = load.operations;
      await sleep(1_500 + 1_500 * random());
      say(`the disk is full: ${load.operations - before} operations were still acknowledged`);
      rmSync(ballast);
      const ended = [undefined, 'Z'].includes(stateOf(postgres.pid));
      say(ended ? 'PostgreSQL had ended; there is room again, and it is started' : 'there is room again');
      if (ended) await postgres.restart();
      if (!(await load.untilAllWork('the disk was full'))) break;
    }
    return resultOf(await load.finish());
  } finally {
    await load.close();
    await postgres.discard();
    run('umount', folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Until nothing more fits. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let size = 2 ** 20; size >= 2 ** 12;) {
      const chunk = Buffer.alloc(size, 1);
      try {
        for (;;) if (writeSync(file, chunk) < size) break;
      } catch {
        // Not so much any more.
      }
      size /= 4;
    }
  } finally {
    closeSync(file);
  }
}
