import { type Stated, type Towards, mayAssert } from '#matching';
import type { FactId, FactName, HandleId, Instant } from '#terms';
import type { Agency, Caller } from './agency.js';
import { type Committed, commitChange } from './commit-change.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';
import { ownHandle } from './own-handle.js';

export interface FactRequest {
  readonly subject: HandleId;
  readonly fact: FactName;
  readonly value: Stated;
  /** For a tie: whom it speaks of. */
  readonly towards?: Towards;
  readonly basis: string;
  readonly reason?: string;
  readonly until?: Instant;
}

/**
 * An agency states something about a person it knows. It is added to what others stated, and never replaces it: the most
 * protective living statement decides. Any statement may narrow, so each is acknowledged only when it holds everywhere.
 */
export function assertFact(
  gate: Gate,
  agency: Agency,
  caller: Caller,
  request: FactRequest,
  at: Instant,
): Promise<Committed<FactId>> {
  const fact = gate.policy.vocabulary.facts.get(request.fact);
  if (fact === undefined) throw new DisclosureError('QUESTION_INVALID', 'this is not a fact of the vocabulary');
  const by = { agency: agency.id, role: caller.role };
  const { subject, ...said } = request;
  mayAssert(fact, { ...said, at }, by);
  return commitChange(gate, agency, {
    at,
    caller,
    narrowing: true,
    plan: () => {
      const { person } = ownHandle(gate.known, agency, subject);
      const id = Buffer.from(gate.random(16)).toString('hex') as FactId;
      return {
        type: 'fact asserted',
        changes: [{ type: 'fact asserted', assertion: { ...said, id, person, by, at } }],
        reads: [],
        result: id,
      };
    },
  });
}
