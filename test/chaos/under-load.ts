import { startDurablePostgres } from '../postgres.js';
import type { ActOptions, ActResult } from './act.js';
import { castOf, Load, type LoadResult } from './load.js';
import { drawPlan } from './plan.js';
import { LEASE } from './world.js';

/** Two gateways and two admins, as in the design's measurements. */
export const LOAD = { gateways: 2, admins: 2, producers: 64, think: 10, patience: 60_000 } as const;

/** Random kills and pauses of everybody, the database among them. */
export async function underLoad({ kills, seed, operations, producers, say }: ActOptions): Promise<ActResult> {
  const postgres = await startDurablePostgres();
  const load = new Load({ ...LOAD, producers, seed, postgres, variant: 'none', say });
  try {
    await load.start();
    await load.perform(drawPlan(seed, kills, Math.ceil(kills / 2), { ...castOf(LOAD), lease: LEASE }));
    await load.untilDone(operations, 3_600_000);
    return resultOf(await load.finish());
  } finally {
    await load.close();
    await postgres.discard();
  }
}

export function resultOf({ verdict, ...counts }: LoadResult): ActResult {
  const { late, repeated, halted } = counts;
  return {
    ...verdict,
    ...counts,
    notes: [
      `${late} came too late to be released and were not; ${repeated} were asked before; ` +
        `${verdict.residual} left late because they were stopped in the act`,
      ...halted.map((why) => `halted: ${why}`),
    ],
  };
}
