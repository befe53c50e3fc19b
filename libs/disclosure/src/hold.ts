import type { HandleId, Instant, OfficerId } from '#terms';
import type { Agency } from './agency.js';
import { type Committed, commitChange } from './commit-change.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';

/** Keeps one agency's copy of her from being erased, by order or by retention, until the hold is lifted. */
export function placeHold(
  gate: Gate,
  operator: Agency,
  order: { readonly subject: HandleId; readonly by: OfficerId; readonly basis: string },
  at: Instant,
): Promise<Committed<void>> {
  const { subject, by, basis } = order;
  return commitChange<void>(gate, operator, {
    at,
    narrowing: false,
    plan: () => ({
      type: 'hold placed',
      changes: [{ type: 'hold placed', person: personOf(gate, subject), hold: { by, basis, at } }],
      reads: [],
      result: undefined,
    }),
  });
}

export function liftHold(
  gate: Gate,
  operator: Agency,
  order: { readonly subject: HandleId; readonly by: OfficerId },
  at: Instant,
): Promise<Committed<void>> {
  return commitChange<void>(gate, operator, {
    at,
    narrowing: false,
    plan: () => {
      const person = personOf(gate, order.subject);
      if (gate.known.holdOn(person) === undefined)
        throw new DisclosureError('NOT_ALLOWED', 'no hold lies on this handle');
      return {
        type: 'hold lifted',
        changes: [{ type: 'hold lifted', person, by: order.by, at }],
        reads: [],
        result: undefined,
      };
    },
  });
}

function personOf(gate: Gate, subject: HandleId) {
  const handle = gate.known.handle(subject);
  if (handle === undefined) throw new DisclosureError('HANDLE_UNKNOWN', 'nobody has this handle');
  return handle.person;
}
