import { withdrawAll } from '#consent';
import type { AgencyId, HandleId, Instant } from '#terms';
import type { Agency, Caller } from './agency.js';
import { keyOf } from './change.js';
import { type Committed, commitChange, inOneTime } from './commit-change.js';
import type { Gate } from './gate.js';

export interface WithdrawalRequest {
  readonly subject: HandleId;
  /** Whom she no longer wants to receive anything; `everyone` ends every release. What law shares without one needs her refusal. */
  readonly from: AgencyId | 'everyone';
}

/**
 * She says stop, to any member, by any means, and it holds. Every release of hers that lets the named agency receive
 * anything ends, whoever recorded it. Acknowledged only when no replica can still release under one of them.
 *
 * The reply is the same whether there was anything to withdraw, and for a handle that is nobody's, and it comes after the
 * same time: it shows nobody what she had agreed to.
 */
export function recordWithdrawal(
  gate: Gate,
  agency: Agency,
  caller: Caller,
  request: WithdrawalRequest,
  at: Instant,
): Promise<Committed<void>> {
  const recorded = commitChange<void>(gate, agency, {
    at,
    caller,
    narrowing: true,
    plan: () => {
      const handle = gate.known.handle(request.subject);
      const joined = handle?.agency === agency.id ? [...gate.known.joined(handle.person)] : [];
      const stop =
        request.from === 'everyone'
          ? { kind: 'everything' as const }
          : { kind: 'flow' as const, recipient: request.from };
      const heardBy = { agency: agency.id, officer: caller.officer };
      const ended = withdrawAll(
        joined.flatMap((person) => gate.known.consentsOf(person)),
        stop,
        heardBy,
        at,
      );
      return {
        type: 'consent withdrawn',
        changes: ended.map((consent) => ({ type: 'consent withdrawn' as const, consent })),
        // The handle too: nobody's here, it may be somebody's at the replica that has just opened it.
        reads: [keyOf.handle(request.subject), ...joined.map(keyOf.person)],
        result: undefined,
      };
    },
  });
  return inOneTime(gate, recorded);
}
