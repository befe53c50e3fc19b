/**
 * Names of things, each its own type, so that a handle is never passed where a person is meant.
 * All of them are random or enrolled; none is derived from anything about a person.
 */
declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

/** An agency as enrolled with Postern, such as `harbour-house`. */
export type AgencyId = Id<'agency'>;
/** A unit inside an agency, such as `domestic-violence-unit`. */
export type UnitId = Id<'unit'>;
/** A person working at an agency, as that agency names her. */
export type OfficerId = Id<'officer'>;
/** A legal regime, the name of a folder in `policies/`. */
export type RegimeName = Id<'regime'>;
/** One person as one agency knows her. Never leaves Postern; handles stand for it outside. */
export type PersonId = Id<'person'>;
/** What one agency calls a person towards Postern. Random; means nothing to another agency. */
export type HandleId = Id<'handle'>;
export type LinkId = Id<'link'>;
export type ConsentId = Id<'consent'>;
export type FactId = Id<'fact'>;
export type QuestionId = Id<'question'>;
/** The caller's own name for one question, unique within its agency: asking again under it never releases twice. */
export type DecisionId = Id<'decision'>;
/** The ledger's name for an entry: 16 random bytes, hex. */
export type EntryId = Id<'entry'>;
/** `record.field`, as in `policies/vocabulary.yaml`. */
export type FieldName = Id<'field'>;
export type FactName = Id<'fact name'>;
export type Purpose = Id<'purpose'>;
export type Sector = Id<'sector'>;
export type Role = Id<'role'>;
/** As what a law prescribes an agency that it lets be told something. */
export type EntityClass = Id<'entity class'>;
/** A coded duty that travels with a released value, such as `no_redisclosure_notice`. Never names a regime. */
export type DutyCode = Id<'duty'>;
