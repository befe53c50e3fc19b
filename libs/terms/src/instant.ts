/**
 * A moment, in whole milliseconds since 1970-01-01T00:00:00Z. One is taken when a request arrives and is passed to
 * everything that request touches: two clocks in one decision could let a release outlive its end.
 */
declare const instant: unique symbol;
export type Instant = number & { readonly [instant]: true };

/** @example instantOf(Date.UTC(2026, 10, 22)) */
export function instantOf(millisecondsSinceEpoch: number): Instant {
  if (!Number.isSafeInteger(millisecondsSinceEpoch))
    throw new RangeError('an instant is a whole number of milliseconds');
  return millisecondsSinceEpoch as Instant;
}
