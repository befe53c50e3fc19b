import type { Serial } from '#certificates';
import type { AgencyId, Instant } from '#terms';
import type { Agency, Caller } from './agency.js';
import { type Committed, commitChange } from './commit-change.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';

export interface RevocationRequest {
  /** Whose certificate it is. */
  readonly agency: AgencyId;
  readonly serial: Serial;
  readonly reason: string;
}

/**
 * Takes back the trust in one certificate: the operator in anybody's, an agency in its own. Acknowledged when nobody is let
 * in with it anywhere, and nothing that came with it goes on. It cannot be taken back: whoever is trusted again gets another.
 */
export function revokeCertificate(
  gate: Gate,
  by: Agency,
  caller: Caller,
  { agency, serial, reason }: RevocationRequest,
  at: Instant,
): Promise<Committed<void>> {
  if (by.id !== gate.operator && by.id !== agency)
    throw new DisclosureError('NOT_ALLOWED', 'an agency revokes certificates of its own');
  if (!gate.directory.has(agency)) throw new DisclosureError('QUESTION_INVALID', 'this agency is not a member');
  const order = { by: { agency: by.id, officer: caller.officer }, reason, at };
  return commitChange(gate, by, {
    at,
    caller,
    narrowing: true,
    plan: () => ({
      type: 'certificate revoked',
      changes: [{ type: 'certificate revoked', agency, serial, order }],
      reads: [],
      result: undefined,
    }),
  });
}
