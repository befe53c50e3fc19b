import { type Consent, type Directive, type Signing, confirm, draft, record } from '#consent';
import type { ConsentId, HandleId, Instant, PersonId } from '#terms';
import type { Agency, Caller } from './agency.js';
import { keyOf } from './change.js';
import { type Committed, commitChange } from './commit-change.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';
import { ownHandle } from './own-handle.js';
import { isTied, joinedWith } from './tied.js';

/** What she said, as an agency records it with her. */
export interface ConsentRequest {
  readonly subject: HandleId;
  readonly directive: Directive;
  readonly signing: Omit<Signing, 'recordedBy' | 'recordedAt'>;
}

/**
 * Records a release or a refusal of hers. A release that the recording agency gains from comes back `pending`: she, or
 * each discloser that did not record it, must confirm it first.
 */
export function recordConsent(
  gate: Gate,
  agency: Agency,
  caller: Caller,
  request: ConsentRequest,
  at: Instant,
): Promise<Committed<Consent>> {
  return commitChange(gate, agency, {
    at,
    caller,
    narrowing: request.directive.kind === 'refuse',
    plan: () => {
      const handle = ownHandle(gate.known, agency, request.subject);
      const consent = consentOf(gate, caller, handle.person, request, at);
      return {
        type: 'consent recorded',
        changes: [{ type: 'consent recorded', consent }],
        reads: [],
        result: consent,
      };
    },
  });
}

/** The consent that a request describes, signed now; shared with the opening of a handle, which may bring one. */
export function consentOf(
  gate: Pick<Gate, 'random' | 'policy'>,
  caller: Caller,
  person: PersonId,
  request: Omit<ConsentRequest, 'subject'>,
  at: Instant,
): Consent {
  const recordedBy = { agency: caller.agency, officer: caller.officer };
  const prepared = draft(
    {
      id: Buffer.from(gate.random(16)).toString('hex') as ConsentId,
      person,
      directive: request.directive,
      preparedBy: recordedBy,
      preparedAt: at,
    },
    gate.policy.vocabulary,
  );
  return record(prepared, { ...request.signing, recordedBy, recordedAt: at });
}

/** Who stands by a pending release: the discloser, or she herself, in front of whoever records it. */
export type ConfirmationRequest = 'discloser' | 'she';

/**
 * A discloser, or she herself before the caller as her witness, confirms a pending release. For an agency that is not
 * linked with her the consent does not exist; nor does one for anybody that no longer waits, whatever became of it.
 */
export function confirmConsent(
  gate: Gate,
  agency: Agency,
  caller: Caller,
  id: ConsentId,
  who: ConfirmationRequest,
  at: Instant,
): Promise<Committed<Consent>> {
  return commitChange(gate, agency, {
    at,
    caller,
    narrowing: false,
    plan: () => {
      const pending = gate.known.consent(id);
      // THREAT: an agency that gained asks by confirming: withdrawn, it would read, and know that she said stop.
      if (
        pending?.state !== 'pending' ||
        !mayKnow(gate, agency, pending) ||
        isTied(gate, agency, caller, [pending.person], at)
      ) {
        throw new DisclosureError('CONSENT_UNKNOWN', 'no release that you may confirm waits under this name');
      }
      const by = { agency: agency.id, officer: caller.officer };
      // THREAT: an agency that gains names a witness who was never there. Only the caller itself can be one.
      const confirmation = who === 'discloser' ? { kind: who, by, at } : { kind: who, witness: by, at };
      const consent = confirm(pending, confirmation);
      return {
        type: 'consent confirmed',
        changes: [{ type: 'consent confirmed', consent }],
        reads: [...joinedWith(gate, [consent.person])].map(keyOf.person),
        result: consent,
      };
    },
  });
}

/** Releases that wait for this agency's word, each as far as it names this agency and as this reader may see it. */
export function consentsToConfirm(gate: Gate, agency: Agency, reader: Caller, at: Instant): readonly Consent[] {
  return gate.known.pendingConsents().filter((consent) => {
    const { directive } = consent;
    return (
      directive.kind === 'permit' &&
      directive.scope.disclosers.includes(agency.id) &&
      consent.state === 'pending' &&
      consent.signing.recordedBy.agency !== agency.id &&
      mayKnow(gate, agency, consent) &&
      !isTied(gate, agency, reader, [consent.person], at)
    );
  });
}

/** An agency may know of a consent that it recorded, or that names it and concerns somebody it is linked with. */
function mayKnow(gate: Gate, agency: Agency, consent: Consent): boolean {
  const holder = gate.known.handleOf(consent.person);
  if (holder === undefined) return false;
  if (holder.agency === agency.id) return true;
  const named =
    consent.directive.kind === 'permit' &&
    (consent.directive.scope.disclosers.includes(agency.id) || consent.directive.scope.recipients.includes(agency.id));
  return (
    named &&
    gate.known
      .linksOf(holder.id)
      .some((link) => gate.known.handle(link.a === holder.id ? link.b : link.a)?.agency === agency.id)
  );
}
