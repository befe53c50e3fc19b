import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#disclosure';

/** This process's monotonic clock, in milliseconds. */
export const monotonic = (): number => performance.now();

export const clock: Clock = {
  monotonic,
  async until(moment: number): Promise<void> {
    // A timer may ring a little early, and a lease may not.
    for (let left = moment - monotonic(); left > 0; left = moment - monotonic()) await sleep(Math.ceil(left));
  },
  after(milliseconds, ring) {
    const timer = setTimeout(ring, milliseconds);
    return () => clearTimeout(timer);
  },
};
