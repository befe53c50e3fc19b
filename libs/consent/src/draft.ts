import type { ConsentId, Instant, PersonId, Vocabulary } from '#terms';
import type { Directive, Draft, Member } from './consent.js';

export interface DraftInput {
  readonly id: ConsentId;
  readonly person: PersonId;
  readonly directive: Directive;
  readonly preparedBy: Member;
  readonly preparedAt: Instant;
}

/** A directive put into words, each of them known to the vocabulary. */
export function draft(input: DraftInput, vocabulary: Vocabulary): Draft {
  throw new Error(`not yet: ${input.id} ${vocabulary.digest}`);
}
