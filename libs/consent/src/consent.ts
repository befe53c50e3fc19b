import type { AgencyId, ConsentId, EntryId, FieldName, Instant, Level, OfficerId, PersonId, Purpose } from '#terms';

/** Someone at a member agency: who recorded, explained, witnessed or confirmed. */
export interface Member {
  readonly agency: AgencyId;
  readonly officer: OfficerId;
}

/**
 * When a directive stops. `once`: with the first disclosure that rests on it, and after 12 months at the latest.
 * `date`: when that whole day is over in the case's time zone. `until_lifted` is for refusals only: a refusal that ran
 * out by itself would widen what leaves while nobody said so.
 */
export type PermitEnd =
  | { readonly kind: 'once' }
  | { readonly kind: 'at'; readonly instant: Instant }
  | { readonly kind: 'date'; readonly date: string; readonly timeZone: string };
export type RefusalEnd = Exclude<PermitEnd, { readonly kind: 'once' }> | { readonly kind: 'until_lifted' };

/**
 * A word of her directive that nobody could match to an agency, a field or a purpose. It makes a permit permit nothing,
 * and lets a refusal refuse everybody or everything in that place.
 */
export interface Unresolved {
  readonly what: 'discloser' | 'recipient' | 'field' | 'purpose';
  readonly text: string;
}

export interface PermitScope {
  readonly disclosers: readonly AgencyId[];
  readonly recipients: readonly AgencyId[];
  /** The highest level she agrees to for each field; always above nothing. */
  readonly fields: ReadonlyMap<FieldName, Level>;
  readonly purposes: readonly Purpose[];
  readonly end: PermitEnd;
  readonly unresolved: readonly Unresolved[];
}

/** `any` is every agency, field or purpose, today's and later ones. A refused field is refused at every level. */
export interface RefusalScope {
  readonly disclosers: readonly AgencyId[] | 'any';
  readonly recipients: readonly AgencyId[] | 'any';
  readonly fields: readonly FieldName[] | 'any';
  readonly purposes: readonly Purpose[] | 'any';
  readonly end: RefusalEnd;
  readonly unresolved: readonly Unresolved[];
}

export interface Permit {
  readonly kind: 'permit';
  readonly scope: PermitScope;
  /** Refusals of hers that this names. A permit that names none leaves every refusal standing. */
  readonly lifts: readonly ConsentId[];
}
export interface Refusal {
  readonly kind: 'refuse';
  readonly scope: RefusalScope;
}
export type Directive = Permit | Refusal;

export type Form = 'written' | 'electronic' | 'spoken';

/** What was judged about her when she signed, and by whom: capacity is specific to a service and a place. */
export type Capacity =
  | { readonly kind: 'adult' }
  | { readonly kind: 'minor'; readonly mayGetServiceAlone: boolean; readonly assessedBy: Member }
  | { readonly kind: 'represented'; readonly assessedBy: Member };

/** Whether this parent or guardian abused her, the child or the child's other parent. Only a known `no` may sign. */
export type Signer =
  { readonly kind: 'herself' } | { readonly kind: 'parent' | 'guardian'; readonly abusive: 'yes' | 'no' | 'unknown' };

/** That she was told, in which words, and that no service hung on her answer (28 CFR 94.115). */
export interface Informed {
  readonly explainedBy: Member;
  /** Name or digest of the notice that was read with her. */
  readonly notice: string;
  readonly notAConditionOfService: boolean;
}

/** How a directive was given: needed in full for a permit; a refusal needs a recorder and a signer, no more. */
export interface Signing {
  readonly recordedBy: Member;
  readonly recordedAt: Instant;
  readonly form: Form;
  readonly capacity: Capacity;
  readonly signers: readonly Signer[];
  readonly witnesses: readonly Member[];
  readonly informed?: Informed;
}

/** Who vouches for a release that the recording agency gains from. */
export type Confirmation =
  | { readonly kind: 'discloser'; readonly by: Member; readonly at: Instant }
  /** She herself; `witness` belongs to no agency that the release lets receive anything. */
  | { readonly kind: 'she'; readonly witness: Member; readonly at: Instant };

export type VoidReason =
  'signer_could_not_sign' | 'not_informed' | 'condition_of_service' | 'not_given_by_her' | 'subject_died';

interface Identity {
  readonly id: ConsentId;
  readonly person: PersonId;
}
interface Signed extends Identity {
  readonly signing: Signing;
}

/** Being prepared with her; unsigned. */
export interface Draft extends Identity {
  readonly state: 'draft';
  readonly directive: Directive;
  readonly preparedBy: Member;
  readonly preparedAt: Instant;
}
/** Signed, and recorded by an agency that gains from it: waits for her or for every discloser that did not record it. */
export interface Pending extends Signed {
  readonly state: 'pending';
  readonly directive: Permit;
  readonly confirmations: readonly Confirmation[];
}
export interface Active extends Signed {
  readonly state: 'active';
  readonly directive: Directive;
  readonly activeFrom: Instant;
  readonly confirmations: readonly Confirmation[];
  /** The disclosure that used up a `once` release. */
  readonly used?: { readonly by: EntryId; readonly at: Instant };
}
/** Final. Nothing leads out of it; a new release is a new consent. */
export interface Withdrawn extends Identity {
  readonly state: 'withdrawn';
  readonly directive: Permit;
  readonly signing?: Signing;
  readonly withdrawnAt: Instant;
  readonly heardBy: Member;
}
/** Final: it never counted. */
export interface Void extends Identity {
  readonly state: 'void';
  readonly directive: Permit;
  readonly signing?: Signing;
  readonly voidedAt: Instant;
  readonly voidedBy: Member;
  readonly reason: VoidReason;
}
/** Given under duress: she was shown a release, and it does nothing. Only her enrolling advocate sees it as inert. */
export interface Inert extends Signed {
  readonly state: 'inert';
  readonly directive: Permit;
  readonly enrolledBy: Member;
}

/** What she said, as one of its states. `expired` is never stored: time alone makes it, see `stateAt`. */
export type Consent = Draft | Pending | Active | Withdrawn | Void | Inert;
export type ConsentState = Consent['state'] | 'expired';
