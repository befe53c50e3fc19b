import { type Fact, UNKNOWN } from '#terms';
import { MatchingError } from './error.js';

/**
 * Where a word stands in a fact's order, 0 the most protective. `unknown` protects most where the order leaves it out.
 * A stored word that the vocabulary does not know is an error: whatever place it were given could open something.
 */
export function rankOf(fact: Fact, word: string): number {
  const rank = fact.protectiveOrder.indexOf(word);
  if (rank >= 0) return rank;
  if (word === UNKNOWN) return -1;
  throw new MatchingError('MATCHING_FACT_UNKNOWN', `a word of ${fact.name} is not in the vocabulary`);
}

/** Whether a statement of this word protects more than saying nothing would. */
export function narrows(fact: Fact, word: string): boolean {
  const silence = fact.ifNobodyHasSaid;
  const rank = rankOf(fact, word);
  return typeof silence === 'string' && rank < rankOf(fact, silence);
}
