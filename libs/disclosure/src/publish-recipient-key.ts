import type { Instant } from '#terms';
import type { Agency, Caller } from './agency.js';
import { type Committed, commitChange } from './commit-change.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';
import { type RecipientKey, readRecipientKey } from './recipient-key.js';

/** An old one, a new one, and one for each of two systems. */
const MOST_KEYS = 4;

/**
 * From now on what sources seal for this agency is sealed under this key, and what was asked for under another is asked for
 * anew. Sources trust no key that is not in the ledger: whoever swaps one on the way would have to write it there, for all to
 * see. A key that was withdrawn does not come back.
 */
export function publishRecipientKey(
  gate: Gate,
  agency: Agency,
  caller: Caller,
  jwk: unknown,
  at: Instant,
): Promise<Committed<string>> {
  const key: RecipientKey = readRecipientKey(jwk);
  const by = { agency: agency.id, officer: caller.officer };
  return commitChange(gate, agency, {
    at,
    caller,
    narrowing: false,
    plan: () => {
      const living = gate.known.recipientKeysOf(agency.id);
      const isThere = living.some(({ kid }) => kid === key.kid);
      if (gate.known.wasWithdrawn(agency.id, key.kid))
        throw new DisclosureError('RECIPIENT_KEY_INVALID', 'this key was withdrawn: make a new one');
      if (!isThere && living.length >= MOST_KEYS)
        throw new DisclosureError('RECIPIENT_KEY_INVALID', `withdraw one of the ${MOST_KEYS} keys that are published`);
      return {
        type: 'recipient key published',
        changes: isThere ? [] : [{ type: 'recipient key published', agency: agency.id, key, by, at }],
        reads: [],
        result: key.kid,
      };
    },
  });
}

/** Nothing is sealed under this key any more: acknowledged when no source can still be asked to at any replica. */
export function withdrawRecipientKey(
  gate: Gate,
  agency: Agency,
  caller: Caller,
  kid: string,
  at: Instant,
): Promise<Committed<void>> {
  const by = { agency: agency.id, officer: caller.officer };
  return commitChange(gate, agency, {
    at,
    caller,
    narrowing: true,
    plan: () => {
      if (!gate.known.recipientKeysOf(agency.id).some((key) => key.kid === kid))
        throw new DisclosureError('RECIPIENT_KEY_UNKNOWN', 'the agency has published no such key');
      return {
        type: 'recipient key withdrawn',
        changes: [{ type: 'recipient key withdrawn', agency: agency.id, kid, by, at }],
        reads: [],
        result: undefined,
      };
    },
  });
}
