import type { ConsentId, Instant, PersonId, Vocabulary } from '#terms';
import type { Directive, Draft, Member } from './consent.js';
import { checkShape, checkWords } from './scope.js';

export interface DraftInput {
  readonly id: ConsentId;
  readonly person: PersonId;
  readonly directive: Directive;
  readonly preparedBy: Member;
  readonly preparedAt: Instant;
}

/** A directive put into words, each of them known to the vocabulary. It covers nothing until it is recorded. */
export function draft(input: DraftInput, vocabulary: Vocabulary): Draft {
  checkShape(input.directive);
  checkWords(input.directive, vocabulary);
  return { state: 'draft', ...input };
}
