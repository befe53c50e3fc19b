import { type DurablePostgres, startDurablePostgres } from '../postgres.js';
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

/** A machine that does something else besides may keep a mistake from mattering once; not so often. */
const TRIES = 4;

/**
 * Lets a wrong gateway run where its mistake matters, and says whether it was noticed. What leaves the server as it was
 * runs on the one that is given.
 */
export async function tryVariant(
  variant: Variant,
  seed: number,
  shared: () => Promise<DurablePostgres>,
  say: (line: string) => void,
): Promise<Tried> {
  for (let tries = 1; ; tries += 1) {
    const tried = await tryOnce(variant, seed + 1_000 * (tries - 1), shared, say);
    if (tried.caught || tries === TRIES) return tried;
    say(`not caught the ${tries === 1 ? 'first' : 'next'} time`);
  }
}

async function tryOnce(
  variant: Variant,
  seed: number,
  shared: () => Promise<DurablePostgres>,
  say: (line: string) => void,
): Promise<Tried> {
  switch (variant.needs) {
    case 'failover':
      return judged(variant, await failOverOnce({ seed, say, variant: variant.name }));
    case 'load':
      return tryOn(await shared(), variant, seed, [], say);
    case 'pauses':
      return tryOn(await shared(), variant, seed, PAUSES, say);
    case 'kills of the database': {
      const flags = variant.name === 'forgetful-database' ? ['synchronous_commit=off'] : [];
      const own = await startDurablePostgres({ flags });
      try {
        return await tryOn(own, variant, seed, drawPlan(seed, 4, 0, { ...CAST, only: ['kill postgres'] }), say);
      } finally {
        await own.discard();
      }
    }
  }
}

const CAST = { ...castOf(LOAD), lease: LEASE };
/** How much is done where nothing else has to happen. */
const ENOUGH = 1_500;
/** With releases in hand: for less than a lease, and for long enough that a withdrawal is acknowledged meanwhile. */
const PAUSES: readonly Step[] = Array.from({ length: 8 }, (_, i) => ({
  after: 50,
  deed: {
    kind: 'stop at',
    whom: CAST.gateways[i % CAST.gateways.length] ?? '',
    point: 'after the commit',
    nth: 3 + i,
    ms: LEASE * (i % 4 < 2 ? 6 : 0.6),
  },
}));

async function tryOn(
  postgres: DurablePostgres,
  variant: Variant,
  seed: number,
  plan: readonly Step[],
  say: (line: string) => void,
): Promise<Tried> {
  const load = new Load({ ...LOAD, patience: 10_000, seed, postgres, variant: variant.name, say });
  try {
    await load.start();
    await load.perform(plan);
    await load.untilDone(plan.length === 0 ? ENOUGH : 0, 20_000);
    return judged(variant, await load.finish());
  } finally {
    await load.close();
  }
}

function judged(variant: Variant, { verdict }: LoadResult): Tried {
  const violations: Record<string, number> = {};
  for (const { fault } of verdict.violations) violations[fault] = (violations[fault] ?? 0) + 1;
  const caughtBy: readonly Fault[] = variant.caughtBy;
  const first = verdict.violations.find(({ fault }) => caughtBy.includes(fault));
  return { caught: first !== undefined, first: first === undefined ? '' : `${first.fault}: ${first.what}`, violations };
}
