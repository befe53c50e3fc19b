import type { Serial } from '#certificates';
import type { Consent } from '#consent';
import type { Assertion, Docket, Handle, Link, LinkCode } from '#matching';
import type {
  AgencyId,
  EntryId,
  FactId,
  FieldName,
  HandleId,
  Instant,
  LinkId,
  OfficerId,
  PersonId,
  Purpose,
  QuestionId,
  RegimeName,
  UnitId,
} from '#terms';
import type { Inquiry, InquiryAnswer } from './inquiry.js';
import type { RecipientKey } from './recipient-key.js';

/**
 * Everything that can change what Postern knows, each written into the ledger before it holds anywhere. The tables are
 * projections of these, written in the same transaction; the map in memory is a fold over them.
 *
 * A change carries whole facts, never differences, so that folding one needs nothing but the map before it.
 */
export type Change =
  | {
      readonly type: 'handle opened';
      readonly handle: Handle;
      /** The person's own key, wrapped under the master key: destroying it erases all that is sealed under it. */
      readonly wrappedKey: Uint8Array;
      /** What the agency itself calls her, sealed under the person's key. */
      readonly sealedLocalId: Uint8Array;
      /** Keyed hash, hex: the same local id always gets the same handle. */
      readonly localIdHash: string;
    }
  | { readonly type: 'docket stated'; readonly person: PersonId; readonly docket: Docket }
  | { readonly type: 'link code issued'; readonly person: PersonId; readonly code: LinkCode }
  | { readonly type: 'link code redeemed'; readonly person: PersonId; readonly code: LinkCode }
  | { readonly type: 'link made'; readonly link: Link; readonly persons: readonly [PersonId, PersonId] }
  | { readonly type: 'link ended'; readonly link: LinkId; readonly persons: readonly [PersonId, PersonId] }
  | { readonly type: 'consent recorded'; readonly consent: Consent }
  | { readonly type: 'consent confirmed'; readonly consent: Consent }
  | { readonly type: 'consent withdrawn'; readonly consent: Consent }
  | { readonly type: 'consent used'; readonly consent: Consent }
  | { readonly type: 'consent given back'; readonly consent: Consent }
  | { readonly type: 'fact asserted'; readonly assertion: Assertion }
  | {
      readonly type: 'fact corrected';
      /** The statement that no longer counts. */
      readonly fact: FactId;
      readonly person: PersonId;
      /** What its agency states instead; nothing where it takes back what it said. */
      readonly instead?: Assertion;
      readonly by: Officer;
      readonly reason: string;
      readonly at: Instant;
    }
  | { readonly type: 'inquiry raised'; readonly inquiry: Inquiry }
  | {
      readonly type: 'inquiry answered';
      readonly inquiry: QuestionId;
      readonly person: PersonId;
      readonly answer: InquiryAnswer;
    }
  | { readonly type: 'review opened'; readonly review: Review }
  | { readonly type: 'glass broken'; readonly glass: BrokenGlass }
  | {
      readonly type: 'review closed';
      readonly review: QuestionId;
      readonly person: PersonId;
      readonly finding: Finding;
    }
  | { readonly type: 'agency suspended'; readonly agency: AgencyId; readonly order: Order }
  | { readonly type: 'agency resumed'; readonly agency: AgencyId; readonly order: Order }
  | {
      readonly type: 'recipient key published';
      readonly agency: AgencyId;
      readonly key: RecipientKey;
      readonly by: Officer;
      readonly at: Instant;
    }
  | {
      readonly type: 'recipient key withdrawn';
      readonly agency: AgencyId;
      readonly kid: string;
      readonly by: Officer;
      readonly at: Instant;
    }
  | {
      readonly type: 'certificate revoked';
      readonly agency: AgencyId;
      readonly serial: Serial;
      readonly order: Order;
    }
  | {
      readonly type: 'origin grew';
      readonly person: PersonId;
      /** The whole set of regimes that each value keeps from now on, not only what was added. */
      readonly origins: ReadonlyMap<FieldName, readonly RegimeName[]>;
    }
  | { readonly type: 'policy published'; readonly digest: string; readonly vocabulary: string; readonly at: Instant }
  | ({ readonly type: 'person erased' } & ErasureOrder)
  | { readonly type: 'hold placed'; readonly person: PersonId; readonly hold: LegalHold }
  | { readonly type: 'hold lifted'; readonly person: PersonId; readonly by: OfficerId; readonly at: Instant };

/**
 * Whose keys are destroyed, by whose order and why. It stays readable for the operator for ever, and says nothing that
 * anybody else could take for her: the ids are random and were never told to an agency.
 */
export interface ErasureOrder {
  readonly persons: readonly PersonId[];
  /** What goes along with them out of the tables: what only their own handles lead to. */
  readonly links: readonly LinkId[];
  readonly codes: readonly string[];
  readonly ground: ErasureGround;
  readonly orderedBy: OfficerId;
  readonly at: Instant;
}

export type ErasureGround = { readonly kind: 'asked' } | { readonly kind: 'retention'; readonly regime: RegimeName };

/** Somebody else's law wants it kept: nothing of it is erased until the hold is lifted. */
export interface LegalHold {
  readonly by: OfficerId;
  /** The order or matter, in the operator's words. */
  readonly basis: string;
  readonly at: Instant;
}

/** Someone other than the asker looks afterwards at what was released in a danger that only the asker could see. */
export interface Review {
  readonly id: QuestionId;
  readonly agency: AgencyId;
  readonly person: PersonId;
  readonly duty: string;
  readonly due: Instant;
  /** By which decision it left; unknown of the oldest. */
  readonly decision?: EntryId;
  /** Whoever asked for it, and whoever confirmed the danger: none of them is the second person. */
  readonly involved: readonly Officer[];
}

export interface Officer {
  readonly agency: AgencyId;
  readonly officer: OfficerId;
}

/** What a second person found. */
export interface Finding {
  readonly verdict: 'justified' | 'not justified';
  readonly note: string;
  readonly by: OfficerId;
  readonly at: Instant;
}

/** That something left which only a rule for the last resort let out, at somebody's word. */
export interface BrokenGlass {
  readonly decision: EntryId;
  readonly discloser: AgencyId;
  /** Her, as the discloser knows her. */
  readonly person: PersonId;
  readonly asker: Officer & { readonly unit?: UnitId };
  readonly purpose: Purpose;
  readonly fields: readonly FieldName[];
  /** What the asker said why, in its own words. */
  readonly reason: string;
  readonly at: Instant;
}

/** On whose word a member is let in no more, or in again, and why. */
export interface Order {
  readonly by: { readonly agency: AgencyId; readonly officer: OfficerId };
  readonly reason: string;
  readonly at: Instant;
}

export type ChangeType = Change['type'];

/**
 * The number of each kind of entry in ledger headers. Stable for ever; 0 and 1 are the ledger's own. `ENTRIES.md` is this catalogue in words, and a test
 * compares the two.
 */
export const ENTRY_TYPE = {
  decision: 2,
  'not released': 3,
  'handle opened': 10,
  'docket stated': 11,
  'link code issued': 12,
  'link code redeemed': 13,
  'link made': 14,
  'link ended': 15,
  'consent recorded': 20,
  'consent confirmed': 21,
  'consent withdrawn': 22,
  'consent used': 23,
  'consent given back': 24,
  'fact asserted': 30,
  'fact corrected': 31,
  'inquiry raised': 40,
  'inquiry answered': 41,
  'review opened': 42,
  'origin grew': 43,
  'glass broken': 44,
  'review closed': 45,
  'policy published': 50,
  'agency suspended': 51,
  'agency resumed': 52,
  'certificate revoked': 53,
  'recipient key published': 54,
  'recipient key withdrawn': 55,
  'person erased': 60,
  'hold placed': 61,
  'hold lifted': 62,
} as const satisfies Record<ChangeType | 'decision' | 'not released', number>;

/** The persons a change is about, each as one agency knows her: under their keys it is sealed, and for them it can be read. */
export function personsIn(change: Change): readonly PersonId[] {
  switch (change.type) {
    case 'handle opened':
      return [change.handle.person];
    case 'docket stated':
    case 'link code issued':
    case 'link code redeemed':
    case 'inquiry answered':
    case 'origin grew':
    case 'review closed':
    case 'fact corrected':
      return [change.person];
    case 'glass broken':
      return [change.glass.person];
    case 'link made':
    case 'link ended':
      return change.persons;
    case 'consent recorded':
    case 'consent confirmed':
    case 'consent withdrawn':
    case 'consent used':
    case 'consent given back':
      return [change.consent.person];
    case 'fact asserted':
      return [change.assertion.person];
    case 'inquiry raised':
      return [change.inquiry.person];
    case 'review opened':
      return [change.review.person];
    case 'hold placed':
    case 'hold lifted':
      return [change.person];
    // Under hers it could be read no longer than she is there: the operator's key keeps it.
    case 'person erased':
    case 'agency suspended':
    case 'agency resumed':
    case 'certificate revoked':
    case 'recipient key published':
    case 'recipient key withdrawn':
    case 'policy published':
      return [];
  }
}

/**
 * What a change touches, as opaque keys that the ledger compares without understanding. A question that read any of
 * these before the change was durable must be decided anew.
 */
export function touchedBy(change: Change): readonly string[] {
  const persons = personsIn(change).map(keyOf.person);
  switch (change.type) {
    case 'handle opened':
      return [...persons, keyOf.handle(change.handle.id), keyOf.localId(change.localIdHash)];
    case 'docket stated':
      return [...persons, keyOf.docket(change.docket.key)];
    case 'agency suspended':
    case 'agency resumed':
      return [keyOf.agency(change.agency)];
    case 'recipient key published':
    case 'recipient key withdrawn':
      // Every question of that agency rests on its key.
      return [keyOf.agency(change.agency)];
    case 'certificate revoked':
      return [keyOf.certificate(change.agency, change.serial)];
    case 'link code issued':
    case 'link code redeemed':
      return [...persons, keyOf.code(change.code.secretHash)];
    case 'policy published':
      return [keyOf.policy];
    case 'person erased':
      return change.persons.map(keyOf.person);
    case 'review opened':
    case 'glass broken':
      // No decision reads a review.
      return [];
    case 'review closed':
      // A second one of two who close it at once finds it closed.
      return [keyOf.review(change.review)];
    case 'hold placed':
    case 'hold lifted':
    case 'link made':
    case 'link ended':
    case 'consent recorded':
    case 'consent confirmed':
    case 'consent withdrawn':
    case 'consent used':
    case 'consent given back':
    case 'fact asserted':
    case 'fact corrected':
    case 'inquiry raised':
    case 'inquiry answered':
    case 'origin grew':
      return persons;
  }
}

/** The keys that questions read and changes touch. */
export const keyOf = {
  person: (person: PersonId): string => `person ${person}`,
  /** For whoever was told that a handle is nobody's: it may have been opened elsewhere meanwhile. */
  handle: (handle: HandleId): string => `handle ${handle}`,
  localId: (hash: string): string => `local id ${hash}`,
  docket: (hash: string): string => `docket ${hash}`,
  code: (hash: string): string => `code ${hash}`,
  agency: (agency: AgencyId): string => `agency ${agency}`,
  certificate: (agency: AgencyId, serial: Serial): string => `certificate ${agency} ${serial}`,
  review: (review: QuestionId): string => `review ${review}`,
  policy: 'policy',
} as const;
