import type { Instant, QuestionId, Role } from '#terms';
import type { Agency, Caller } from './agency.js';
import type { Finding } from './change.js';
import { keyOf } from './change.js';
import { type Committed, commitChange } from './commit-change.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';
import { isTied, joinedWith } from './tied.js';

const SYSTEM = 'system' as Role;

/**
 * A second person at the discloser says whether what left in a danger should have. Nothing that left comes back by it; it is
 * there for whoever asks how often the glass is broken, and by whom, without need.
 */
export function closeReview(
  gate: Gate,
  agency: Agency,
  caller: Caller,
  id: QuestionId,
  { verdict, note }: Pick<Finding, 'verdict' | 'note'>,
  at: Instant,
): Promise<Committed<void>> {
  if (caller.role === SYSTEM) throw new DisclosureError('NOT_ALLOWED', 'only a person can review this, not a system');
  return commitChange(gate, agency, {
    at,
    caller,
    narrowing: false,
    plan: () => {
      const review = gate.known.review(id);
      if (review === undefined || review.agency !== agency.id || isTied(gate, agency, caller, [review.person], at))
        throw new DisclosureError('QUESTION_UNKNOWN', 'no such review waits for your agency');
      // THREAT: whoever let it out finds that it was right to.
      if (review.involved.some((one) => one.agency === agency.id && one.officer === caller.officer))
        throw new DisclosureError('NOT_ALLOWED', 'whoever asked for it, or confirmed the danger, does not review it');
      const { person } = review;
      const finding = { verdict, note, by: caller.officer, at };
      return {
        type: 'review closed',
        changes: [{ type: 'review closed', review: id, person, finding }],
        reads: [...joinedWith(gate, [person])].map(keyOf.person),
        result: undefined,
      };
    },
  });
}
