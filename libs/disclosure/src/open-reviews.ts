import type { Instant } from '#terms';
import type { Agency, Caller } from './agency.js';
import type { BrokenGlass, Review } from './change.js';
import type { Gate } from './gate.js';
import { isTied } from './tied.js';

/** A review, and what was said where somebody's word alone had opened it. */
export interface OpenReview {
  readonly review: Review;
  readonly glass?: BrokenGlass;
}

/** What a second person at this agency must look at, as far as this one may see it; the most urgent first. */
export function openReviews(gate: Gate, agency: Agency, reader: Caller, at: Instant): readonly OpenReview[] {
  return gate.known
    .reviewsOf(agency.id)
    .filter((review) => !isTied(gate, agency, reader, [review.person], at))
    .toSorted((one, other) => one.due - other.due)
    .map((review) => {
      const glass = gate.known
        .brokenGlassOf(review.person)
        .find(({ decision }) => review.decision !== undefined && decision === review.decision);
      return { review, ...(glass !== undefined && { glass }) };
    });
}
