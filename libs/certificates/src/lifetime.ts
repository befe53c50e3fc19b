import type { Instant } from '#terms';
import { CertificateError } from './error.js';

const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
/** Agencies renew by machine, so a stolen key is of use for a season at most. */
export const MOST_DAYS = 90;
/** A peer whose clock runs a little late must not refuse what was issued a moment ago. */
const BACKDATED = 5 * MINUTE;

export interface Lifetime {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** From `at` for whole days; the whole span, with what it is backdated by, never exceeds `most`. */
export function lifetime(at: Instant, days: number, most: number): Lifetime {
  if (!Number.isInteger(days) || days < 1 || days > most)
    throw new CertificateError('CERTIFICATE_LIFETIME', `a lifetime is 1 to ${most} whole days`);
  return { notBefore: new Date(at - BACKDATED), notAfter: new Date(at - BACKDATED + days * DAY) };
}

/** When a list issued at `at` starts to count. */
export function backdated(at: Instant): Date {
  return new Date(at - BACKDATED);
}
