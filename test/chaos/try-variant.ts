import { startDurablePostgres } from '../postgres.js';
import type { Fault } from './check.js';
import { failOverOnce } from './failover.js';
import { castOf, Load, type LoadResult } from './load.js';
import { drawPlan, type Step } from './plan.js';
import { LOAD } from './under-load.js';
import type { VARIANTS } from './variants.js';
import { LEASE } from './world.js';

export interface Tried {
  readonly caught: boolean;
  readonly first: string;
  readonly violations: Readonly<Record<string, number>>;
}

type Variant = (typeof VARIANTS)[number];

/** Lets a wrong gateway run where its mistake matters, and says whether it was noticed. */
export async function tryVariant(variant: Variant, seed: number, say: (line: string) => void): Promise<Tried> {
  if (variant.needs === 'failover') return judged(variant, await failOverOnce({ seed, say, variant: variant.name }));
  const flags = variant.name === 'forgetful-database' ? ['synchronous_commit=off'] : [];
  const postgres = await startDurablePostgres({ flags });
  const load = new Load({ ...LOAD, patience: 5_000, seed, postgres, variant: variant.name, say });
  try {
    await load.start();
    await load.perform(planFor(variant, seed));
    await load.untilDone(variant.needs === 'load' ? 2_500 : 0, 20_000);
    return judged(variant, await load.finish());
  } finally {
    await load.close();
    await postgres.discard();
  }
}

function judged(variant: Variant, { verdict }: LoadResult): Tried {
  const violations: Record<string, number> = {};
  for (const { fault } of verdict.violations) violations[fault] = (violations[fault] ?? 0) + 1;
  const caughtBy: readonly Fault[] = variant.caughtBy;
  const first = verdict.violations.find(({ fault }) => caughtBy.includes(fault));
  return { caught: first !== undefined, first: first === undefined ? '' : `${first.fault}: ${first.what}`, violations };
}

function planFor({ needs }: Variant, seed: number): readonly Step[] {
  const cast = { ...castOf(LOAD), lease: LEASE };
  switch (needs) {
    case 'load':
      return [];
    case 'pauses':
      return drawPlan(seed, 0, 6, { ...cast, only: ['stop', 'stop at'] });
    case 'kills of the database':
      return drawPlan(seed, 4, 0, { ...cast, only: ['kill postgres'] });
    case 'failover':
      return [];
  }
}
