import type { AgencyId, Instant, Role } from '#terms';
import type { Agency, Caller } from './agency.js';
import { type Committed, commitChange } from './commit-change.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';

export interface StandingRequest {
  readonly agency: AgencyId;
  readonly reason: string;
}

/**
 * Nothing is disclosed by this agency or to it any more, whatever was under way, and it is let in no more: acknowledged when
 * that holds at every replica. What it stated goes on protecting, and what she agreed to with it waits for its return.
 */
export function suspendAgency(
  gate: Gate,
  operator: Agency,
  caller: Caller,
  { agency, reason }: StandingRequest,
  at: Instant,
): Promise<Committed<void>> {
  checkOperator(gate, operator, agency);
  return commitChange(gate, operator, {
    at,
    caller,
    narrowing: true,
    plan: () => ({
      type: 'agency suspended',
      changes: [{ type: 'agency suspended', agency, order: { by: byOf(operator, caller), reason, at } }],
      reads: [],
      result: undefined,
    }),
  });
}

const SYSTEM = 'system' as Role;

/** Ends a suspension. It lets somebody in again, so a person must want it. */
export function resumeAgency(
  gate: Gate,
  operator: Agency,
  caller: Caller,
  { agency, reason }: StandingRequest,
  at: Instant,
): Promise<Committed<void>> {
  checkOperator(gate, operator, agency);
  if (caller.role === SYSTEM) throw new DisclosureError('NOT_ALLOWED', 'only a person can end a suspension');
  return commitChange(gate, operator, {
    at,
    caller,
    narrowing: false,
    plan: () => ({
      type: 'agency resumed',
      changes: [{ type: 'agency resumed', agency, order: { by: byOf(operator, caller), reason, at } }],
      reads: [],
      result: undefined,
    }),
  });
}

function checkOperator(gate: Gate, operator: Agency, agency: AgencyId): void {
  if (operator.id !== gate.operator) throw new DisclosureError('NOT_ALLOWED', 'only the operator says who is let in');
  // Nobody could end it, and no policy could be published meanwhile.
  if (agency === gate.operator) throw new DisclosureError('QUESTION_INVALID', 'the operator cannot suspend itself');
  if (!gate.directory.has(agency)) throw new DisclosureError('QUESTION_INVALID', 'this agency is not a member');
}

function byOf(operator: Agency, { officer }: Caller) {
  return { agency: operator.id, officer };
}
