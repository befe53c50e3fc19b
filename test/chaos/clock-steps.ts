import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOCK_TOLERANCE } from '#ledger';
import { startDurablePostgres } from '../postgres.js';
import { type ActOptions, type ActResult, COULD_NOT } from './act.js';
import { castOf, Load } from './load.js';
import { chance } from './plan.js';
import { now } from './processes.js';
import { LOAD, resultOf } from './under-load.js';

/** Seconds by which a gateway's wall clock is wrong. */
const STEPS = [3_600, -3_600, 2, -2, 60, -10] as const;

/** Wall clocks of gateways step, one after the other; their monotonic clocks do not. */
export async function clockSteps({ seed, say }: ActOptions): Promise<ActResult | { readonly [COULD_NOT]: string }> {
  const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');
  if (library === undefined || !existsSync(library))
    return { [COULD_NOT]: 'libfaketime is not there (Debian: apt-get install libfaketime)' };
  const random = chance(seed);
  const folder = mkdtempSync(join(tmpdir(), 'postern-clocks-'));
  const fileOf = (name: string): string => join(folder, name.replace(' ', '-'));
  const set = (name: string, seconds: number): void =>
    writeFileSync(fileOf(name), `${seconds < 0 ? '' : '+'}${seconds}s`);
  const names = castOf(LOAD);
  for (const name of [...names.gateways, ...names.admins]) set(name, 0);
  const postgres = await startDurablePostgres();
  const load = new Load({
    ...LOAD,
    seed,
    postgres,
    variant: 'none',
    say,
    dress: (name) => ({
      env: {
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: fileOf(name),
        FAKETIME_NO_CACHE: '1',
        DONT_FAKE_MONOTONIC: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
    }),
  });
  try {
    await load.start();
    for (const step of STEPS) {
      const whom = names.gateways[Math.floor(random() * names.gateways.length)] ?? 'gateway 1';
      say(`the clock of ${whom} steps by ${step} s`);
      set(whom, step);
      const from = now();
      await sleep(1_500);
      if (Math.abs(step * 1_000) > CLOCK_TOLERANCE) load.clockWasWrong({ by: whom, from, until: now() });
      set(whom, 0);
      if (!(await load.untilAllWork('its clock was set right'))) break;
    }
    return resultOf(await load.finish());
  } finally {
    await load.close();
    await postgres.discard();
    rmSync(folder, { recursive: true, force: true });
  }
}
