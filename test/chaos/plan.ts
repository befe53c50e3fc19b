/**
 * What is done to whom, and when: drawn from a seed and nothing else, so that a run that failed can be had again.
 * @module
 */

/** A place in the way of one entry at which a process can end or stand still. */
export const POINTS = [
  'before the send',
  'after the send',
  'after the commit',
  'before the release',
  'after the release',
] as const;
export type Point = (typeof POINTS)[number];

export type Deed =
  | { readonly kind: 'kill'; readonly whom: string }
  /** The process ends itself the `nth` time that it comes there. */
  | { readonly kind: 'kill at'; readonly whom: string; readonly point: Point; readonly nth: number }
  | { readonly kind: 'stop'; readonly whom: string; readonly ms: number }
  | {
      readonly kind: 'stop at';
      readonly whom: string;
      readonly point: Point;
      readonly nth: number;
      readonly ms: number;
    }
  /** All processes of the database at once, as when a machine loses its memory. */
  | { readonly kind: 'kill postgres' }
  /** One backend; the postmaster then ends all others and recovers by itself. */
  | { readonly kind: 'kill backend'; readonly nth: number }
  | { readonly kind: 'stop postgres'; readonly ms: number };

export interface Step {
  /** How long the load runs undisturbed before it, in milliseconds. */
  readonly after: number;
  readonly deed: Deed;
}

export interface Cast {
  readonly gateways: readonly string[];
  readonly admins: readonly string[];
  /** The release lease in milliseconds: pauses are drawn from below it and from above. */
  readonly lease: number;
  /** The only deeds to be drawn; all where absent. */
  readonly only?: readonly Deed['kind'][];
}

/** A source of chance that repeats itself: the same seed, the same numbers (Mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws steps with exactly so many kills and pauses among them, in any order. */
export function drawPlan(seed: number, kills: number, pauses: number, cast: Cast): readonly Step[] {
  const random = chance(seed);
  const below = (bound: number): number => Math.floor(random() * bound);
  const one = <Item>(items: readonly Item[]): Item => {
    const item = items[below(items.length)];
    if (item === undefined) throw new RangeError('there is nobody to draw from');
    return item;
  };
  const anybody = [...cast.gateways, ...cast.gateways, ...cast.admins];
  // Shorter than the lease, about as long, much longer.
  const pause = (): number => Math.round(cast.lease * one([0.1, 0.6, 0.9, 1.1, 1.6, 3]) * (0.8 + 0.4 * random()));
  const nth = (): number => 1 + below(20);
  const killing = {
    kill: () => ({ kind: 'kill', whom: one(anybody) }),
    'kill at': () => ({ kind: 'kill at', whom: one(anybody), point: one(POINTS), nth: nth() }),
    'kill postgres': () => ({ kind: 'kill postgres' }),
    'kill backend': () => ({ kind: 'kill backend', nth: below(8) }),
  } satisfies Partial<Record<Deed['kind'], () => Deed>>;
  const pausing = {
    stop: () => ({ kind: 'stop', whom: one(anybody), ms: pause() }),
    'stop at': () => ({
      kind: 'stop at',
      whom: one(cast.gateways),
      point: one(POINTS.slice(0, 3)),
      nth: nth(),
      ms: pause(),
    }),
    'stop postgres': () => ({ kind: 'stop postgres', ms: pause() }),
  } satisfies Partial<Record<Deed['kind'], () => Deed>>;
  const draw = (deeds: Readonly<Record<string, () => Deed>>): Deed => {
    const allowed = Object.entries(deeds).filter(([kind]) => cast.only?.some((each) => each === kind) ?? true);
    return one(allowed)[1]();
  };
  const steps: Step[] = [];
  for (let [killed, paused] = [0, 0]; killed + paused < kills + pauses;) {
    const isPause = below(kills + pauses - killed - paused) < pauses - paused;
    if (isPause) paused += 1;
    else killed += 1;
    steps.push({ after: below(400), deed: draw(isPause ? pausing : killing) });
  }
  return steps;
}

export function isKill({ kind }: Deed): boolean {
  return kind.startsWith('kill');
}

/** A deed in words, as the harness prints it. */
export function inWords(deed: Deed): string {
  switch (deed.kind) {
    case 'kill':
      return `kill ${deed.whom}`;
    case 'kill at':
      return `kill ${deed.whom} ${deed.point}, time ${deed.nth}`;
    case 'stop':
      return `stop ${deed.whom} for ${deed.ms} ms`;
    case 'stop at':
      return `stop ${deed.whom} ${deed.point}, time ${deed.nth}, for ${deed.ms} ms`;
    case 'kill postgres':
      return 'kill PostgreSQL';
    case 'kill backend':
      return 'kill one backend of PostgreSQL';
    case 'stop postgres':
      return `stop PostgreSQL for ${deed.ms} ms`;
  }
}
