import type { Instant } from '#terms';
import type { PermitEnd, RefusalEnd } from './consent.js';

/** The ends a screen offers besides `once`. There is no default. */
export const OFFERED_DAYS = [7, 30, 90] as const;

export function endAfterDays(days: (typeof OFFERED_DAYS)[number], from: Instant): PermitEnd {
  throw new Error(`not yet ${days} ${from}`);
}
/** The first instant at which it is over; undefined for a refusal that stands until she lifts it. */
export function endsAt(end: PermitEnd | RefusalEnd, recordedAt: Instant): Instant | undefined {
  throw new Error(`not yet ${end.kind} ${recordedAt}`);
}
