import { type Assertion, type Stated, mayAssert } from '#matching';
import type { Fact, FactId, HandleId, Instant } from '#terms';
import type { Agency, Caller } from './agency.js';
import { keyOf } from './change.js';
import { type Committed, commitChange } from './commit-change.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';
import { ownHandle } from './own-handle.js';
import { isTied, joinedWith } from './tied.js';

export interface CorrectionRequest {
  readonly subject: HandleId;
  /** A statement of this very agency. */
  readonly fact: FactId;
  readonly reason: string;
  /** What it states instead, about the same fact and the same unit. Without it the statement is taken back. */
  readonly instead?: {
    readonly value: Stated;
    readonly basis: string;
    readonly reason?: string;
    readonly until?: Instant;
  };
}

/**
 * An agency takes back what it has stated, or states something else instead. What others stated stays, and the most protective
 * of it decides as before. It takes the right to make the statement, for it may open what the statement kept closed; only one
 * that may close something waits for the lease.
 */
export function correctFact(
  gate: Gate,
  agency: Agency,
  caller: Caller,
  { subject, fact: id, reason, instead }: CorrectionRequest,
  at: Instant,
): Promise<Committed<FactId | undefined>> {
  const by = { agency: agency.id, role: caller.role };
  return commitChange<FactId | undefined>(gate, agency, {
    at,
    caller,
    narrowing: mayNarrow(gate, subject, id, instead?.value),
    plan: () => {
      const { person } = ownHandle(gate.known, agency, subject);
      const wrong = gate.known.assertionsOf(person).find((each) => each.id === id);
      const fact = wrong === undefined ? undefined : gate.policy.vocabulary.facts.get(wrong.fact);
      // THREAT: his brother takes back what his agency stated about him.
      const isHidden = isTied(gate, agency, caller, [person], at);
      if (wrong === undefined || fact === undefined || wrong.by.agency !== agency.id || isHidden)
        throw new DisclosureError('FACT_UNKNOWN', 'the agency has stated no such fact about her');
      const { value, towards } = wrong;
      const tie = towards === undefined ? {} : { towards };
      mayAssert(fact, { value, ...tie, at, ...(wrong.reason !== undefined && { reason: wrong.reason }) }, by);
      const stated = instead === undefined ? undefined : restate(gate, wrong, { ...instead, ...tie }, by, at);
      if (stated !== undefined) mayAssert(fact, stated, by);
      return {
        type: 'fact corrected',
        changes: [
          {
            type: 'fact corrected',
            fact: id,
            person,
            ...(stated !== undefined && { instead: stated }),
            by: { agency: agency.id, officer: caller.officer },
            reason,
            at,
          },
        ],
        reads: [...joinedWith(gate, [person])].map(keyOf.person),
        result: stated?.id,
      };
    },
  });
}

function restate(
  gate: Gate,
  { person, fact }: Assertion,
  said: Pick<Assertion, 'value' | 'basis' | 'reason' | 'until' | 'towards'>,
  by: Assertion['by'],
  at: Instant,
): Assertion {
  return { ...said, id: Buffer.from(gate.random(16)).toString('hex') as FactId, person, fact, by, at };
}

/** Whether what holds afterwards may protect more than what held before. What cannot be compared may. */
function mayNarrow(gate: Gate, subject: HandleId, id: FactId, after: Stated | undefined): boolean {
  const person = gate.known.handle(subject)?.person;
  const wrong = person === undefined ? undefined : gate.known.assertionsOf(person).find((each) => each.id === id);
  const fact = wrong === undefined ? undefined : gate.policy.vocabulary.facts.get(wrong.fact);
  if (wrong === undefined || fact === undefined) return true;
  const [before, then] = [rankOf(fact, wrong.value), rankOf(fact, after ?? fact.ifNobodyHasSaid)];
  return before === undefined || then === undefined || then < before;
}

/** 0 protects most; `unknown` still more where the order leaves it out. Of dates, counts and lists nothing is said. */
function rankOf({ protectiveOrder }: Fact, value: Stated): number | undefined {
  return typeof value === 'string' ? protectiveOrder.indexOf(value) : undefined;
}
