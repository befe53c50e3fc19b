import type { AgencyId, ConsentId, EntryId, Instant } from '#terms';
import type {
  Active,
  Confirmation,
  Consent,
  Draft,
  Inert,
  Member,
  Pending,
  Permit,
  Signing,
  Void,
  VoidReason,
  Withdrawn,
} from './consent.js';
import { checkEnd, endsAt } from './end.js';
import { ConsentError } from './error.js';
import { checkGranting, checkRefusing } from './signing.js';
import { stateAt } from './state.js';

/**
 * She signed, or said no. Pending where the recording agency gains from the release and a discloser is another one:
 * otherwise whoever wants data could write its own permission.
 *
 * @example
 * const release = record(draft({ id, person, directive, preparedBy, preparedAt }, vocabulary), signing);
 */
export function record(consent: Consent, signing: Signing): Active | Pending {
  const { directive, ...draft } = draftOnly(consent);
  checkEnd(directive.kind, directive.scope.end, signing.recordedAt);
  const { id, person } = draft;
  const activeFrom = signing.recordedAt;
  if (directive.kind === 'refuse') {
    checkRefusing(signing);
    return { state: 'active', id, person, directive, signing, activeFrom, confirmations: [] };
  }
  checkGranting(signing);
  return mustConfirm(directive, signing).length === 0
    ? { state: 'active', id, person, directive, signing, activeFrom, confirmations: [] }
    : { state: 'pending', id, person, directive, signing, confirmations: [] };
}

/**
 * She signed where somebody was forcing her: it looks recorded and does nothing, for ever. There is no way from here to
 * `active`; once she is safe she signs anew. A refusal is honoured even then, because it only narrows.
 */
export function recordInert(consent: Consent, signing: Signing, enrolledBy: Member): Inert {
  const { directive, id, person } = draftOnly(consent);
  if (directive.kind === 'refuse') throw new ConsentError('CONSENT_REFUSAL_STANDS', 'a refusal is never inert');
  // The same checks in the same order as `record`: whoever stands behind her must see no difference.
  checkEnd(directive.kind, directive.scope.end, signing.recordedAt);
  checkGranting(signing);
  return { state: 'inert', id, person, directive, signing, enrolledBy };
}

/** Active once she, or every discloser that did not record it, has confirmed. A discloser vouches for itself only. */
export function confirm(consent: Consent, confirmation: Confirmation): Active | Pending {
  if (consent.state !== 'pending') throw wrongState(consent, 'only a pending release can be confirmed');
  const { id, person, directive, signing } = consent;
  const over = endsAt(directive.scope.end, signing.recordedAt);
  if (over !== undefined && confirmation.at >= over)
    throw new ConsentError('CONSENT_END_INVALID', 'it ended before it was confirmed');
  checkConfirmer(directive, signing, confirmation);
  const confirmations = [...consent.confirmations, confirmation];
  const hasConfirmed = (agency: AgencyId): boolean =>
    confirmations.some((one) => one.kind === 'she' || one.by.agency === agency);
  return mustConfirm(directive, signing).every(hasConfirmed)
    ? { state: 'active', id, person, directive, signing, activeFrom: confirmation.at, confirmations }
    : { state: 'pending', id, person, directive, signing, confirmations };
}

/**
 * Needs no form, no witness and no reason, and works from every state of a release; withdrawing again changes nothing,
 * so that whoever hears it need not know what there was. A refusal is no release: were it withdrawn by whoever claims
 * to have heard so, that would widen. Only a later directive of hers, which names it, lifts one.
 */
export function withdraw(consent: Consent, heardBy: Member, at: Instant): Withdrawn | Void {
  if (consent.state === 'withdrawn' || consent.state === 'void') return consent;
  const directive = permitOnly(consent);
  const { id, person } = consent;
  const signing = consent.state === 'draft' ? {} : { signing: consent.signing };
  return { state: 'withdrawn', id, person, directive, ...signing, withdrawnAt: at, heardBy };
}

/** What she wants stopped. `flow` without an agency on one side means any agency there. */
export type Stop =
  | { readonly kind: 'everything' }
  | { readonly kind: 'consent'; readonly id: ConsentId }
  | { readonly kind: 'flow'; readonly discloser?: AgencyId; readonly recipient?: AgencyId };

/**
 * Every release of these that the stop reaches and that was not final yet, withdrawn. A release that names the stopped
 * agency among others ends as a whole: half a release is nothing she signed.
 */
export function withdrawAll(
  consents: readonly Consent[],
  stop: Stop,
  heardBy: Member,
  at: Instant,
): readonly Withdrawn[] {
  return consents.flatMap((consent) => {
    if (consent.directive.kind === 'refuse' || !reaches(stop, consent.id, consent.directive)) return [];
    const after = withdraw(consent, heardBy, at);
    return after !== consent && after.state === 'withdrawn' ? [after] : [];
  });
}

/** It never counted: a signer turned out not to be one, she was not told, or she has died. */
export function annul(consent: Consent, reason: VoidReason, voidedBy: Member, at: Instant): Void {
  if (consent.state === 'withdrawn' || consent.state === 'void') throw wrongState(consent, 'nothing is left to annul');
  const directive = permitOnly(consent);
  const { id, person } = consent;
  const signing = consent.state === 'draft' ? {} : { signing: consent.signing };
  return { state: 'void', id, person, directive, ...signing, voidedAt: at, voidedBy, reason };
}

/** The disclosure that rested on a `once` release uses it up; any other release is returned as it was. */
export function use(consent: Consent, by: EntryId, at: Instant): Active {
  if (consent.state !== 'active') throw wrongState(consent, 'a disclosure rests only on an active release');
  const { directive } = consent;
  if (directive.kind === 'refuse') throw new ConsentError('CONSENT_REFUSAL_STANDS', 'nothing rests on a refusal');
  if (consent.used !== undefined) throw new ConsentError('CONSENT_USED_UP', 'this release was for one disclosure');
  if (stateAt(consent, at) !== 'active') throw wrongState(consent, 'it has ended or not begun');
  return directive.scope.end.kind === 'once' ? { ...consent, used: { by, at } } : consent;
}

/**
 * What a disclosure used up that then did not leave is hers again. Undefined where it is not that disclosure which used
 * it, or she has stopped it since: nothing brings back what she ended.
 */
export function giveBack(consent: Consent, by: EntryId): Active | undefined {
  if (consent.state !== 'active' || consent.used?.by !== by) return undefined;
  const { used: _given, ...whole } = consent;
  return whole;
}

function draftOnly(consent: Consent): Draft {
  if (consent.state !== 'draft') throw wrongState(consent, 'only a draft can be recorded');
  return consent;
}

function permitOnly(consent: Consent): Permit {
  if (consent.directive.kind === 'permit') return consent.directive;
  throw new ConsentError('CONSENT_REFUSAL_STANDS', 'a refusal ends only by a later directive of hers that names it');
}

/** The disclosers whose word is still needed, apart from hers. */
function mustConfirm({ scope }: Permit, { recordedBy }: Signing): readonly AgencyId[] {
  return scope.recipients.includes(recordedBy.agency)
    ? scope.disclosers.filter((discloser) => discloser !== recordedBy.agency)
    : [];
}

function checkConfirmer({ scope }: Permit, signing: Signing, confirmation: Confirmation): void {
  switch (confirmation.kind) {
    case 'she':
      // Otherwise the agency that gains would vouch for her as well as for itself.
      if (scope.recipients.includes(confirmation.witness.agency))
        throw notEntitled('an agency that gains from a release cannot witness that she confirms it');
      return;
    case 'discloser':
      if (confirmation.by.agency === signing.recordedBy.agency)
        throw notEntitled('the agency that recorded a release cannot confirm it');
      if (!scope.disclosers.includes(confirmation.by.agency))
        throw notEntitled('only she or an agency that would disclose can confirm');
      return;
  }
}

function reaches(stop: Stop, id: ConsentId, { scope }: Permit): boolean {
  switch (stop.kind) {
    case 'everything':
      return true;
    case 'consent':
      return stop.id === id;
    case 'flow': {
      const speaksOf = (what: 'discloser' | 'recipient', named: readonly AgencyId[], agency?: AgencyId): boolean =>
        agency === undefined || named.includes(agency) || scope.unresolved.some((word) => word.what === what);
      return (
        speaksOf('discloser', scope.disclosers, stop.discloser) &&
        speaksOf('recipient', scope.recipients, stop.recipient)
      );
    }
  }
}

function notEntitled(message: string): ConsentError {
  return new ConsentError('CONSENT_CONFIRMER_NOT_ENTITLED', message);
}

function wrongState(consent: Consent, message: string): ConsentError {
  return new ConsentError('CONSENT_WRONG_STATE', `${message}; this one is ${consent.state}`);
}
