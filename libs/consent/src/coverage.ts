import type { AgencyId, ConsentId, FieldName, Instant, Level, PersonId, Purpose } from '#terms';
import type { Consent } from './consent.js';

export interface CoverageAsk {
  readonly discloser: AgencyId;
  readonly recipient: AgencyId;
  readonly purpose: Purpose;
  readonly at: Instant;
  readonly fields: readonly FieldName[];
  /**
   * The two persons at the ends of the direct link: only their permits count. Refusals of every consent handed in
   * count, so hand in those of all her joined persons.
   */
  readonly permitsOf: ReadonlySet<PersonId>;
}

/** `draft`, `pending`, `void` and `inert` decide as `not_asked`. */
export type CoverageState = 'agreed' | 'not_asked' | 'refused' | 'withdrawn' | 'expired';

export interface FieldCoverage {
  readonly state: CoverageState;
  /** Above nothing only when agreed. */
  readonly level: Level;
  /** The consents this answer rests on: the permits relied on, or the refusals that decided. Sorted. */
  readonly resting: readonly ConsentId[];
  /** The earliest end among the permits relied on. */
  readonly validUntil?: Instant;
}

export interface Coverage {
  readonly fields: ReadonlyMap<FieldName, FieldCoverage>;
  /** The earliest end among all permits relied on. */
  readonly validUntil?: Instant;
}

/** What she allows from this discloser to this recipient for this purpose, field by field, at this instant. */
export function coverage(consents: readonly Consent[], ask: CoverageAsk): Coverage {
  throw new Error(`not yet ${consents.length} ${ask.discloser}`);
}
