import type { Instant } from '#terms';
import type { Agency, Caller } from './agency.js';
import type { Review } from './change.js';
import type { Gate } from './gate.js';
import { isTied } from './tied.js';

/** What a second person at this agency must look at, as far as this one may see it; the most urgent first. */
export function openReviews(gate: Gate, agency: Agency, reader: Caller, at: Instant): readonly Review[] {
  return gate.known
    .reviewsOf(agency.id)
    .filter((review) => !isTied(gate, agency, reader, [review.person], at))
    .toSorted((one, other) => one.due - other.due);
}
