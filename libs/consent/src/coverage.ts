import {
  type AgencyId,
  type ConsentId,
  type FieldName,
  type Instant,
  type Level,
  NOTHING,
  type PersonId,
  type Purpose,
} from '#terms';
import type { Active, Consent, Permit, Refusal, Unresolved } from './consent.js';
import { endsAt } from './end.js';
import { ConsentError } from './error.js';
import { stateAt } from './state.js';

export interface CoverageAsk {
  readonly discloser: AgencyId;
  readonly recipient: AgencyId;
  readonly purpose: Purpose;
  readonly at: Instant;
  readonly fields: readonly FieldName[];
  /**
   * The two persons at the ends of the direct link: only their permits count. Refusals of every consent handed in
   * count, so hand in those of all her joined persons.
   */
  readonly permitsOf: ReadonlySet<PersonId>;
}

/** `draft`, `pending`, `void` and `inert` decide as `not_asked`. */
export type CoverageState = 'agreed' | 'not_asked' | 'refused' | 'withdrawn' | 'expired';

export interface FieldCoverage {
  readonly state: CoverageState;
  /** Above nothing only when agreed. */
  readonly level: Level;
  /** The consents this answer rests on: the permits relied on, or the refusals that decided. Sorted. */
  readonly resting: readonly ConsentId[];
  /** The earliest end among the permits relied on. */
  readonly validUntil?: Instant;
}

export interface Coverage {
  readonly fields: ReadonlyMap<FieldName, FieldCoverage>;
  /** The earliest end among all permits relied on. */
  readonly validUntil?: Instant;
}

/** That an agency knows her at all: the one field that a release opens in the other direction. */
const ENROLMENT = 'service.enrolment' as FieldName;
const SHE_IS_KNOWN = 1 as Level;

/**
 * What she allows from this discloser to this recipient for this purpose, field by field, at this instant.
 *
 * - Any matching refusal wins, unless a matching permit of hers that is no older names it; and then no level is agreed
 *   beyond what the permits that name it reach. Nothing is decided by which directive is newest, or by their order.
 * - Among matching permits the highest level counts.
 * - A word that nobody could resolve makes a permit permit nothing, and lets a refusal match everything in its place.
 * - A release from D to R that opens anything also agrees that D may learn that R knows her.
 *
 * @example
 * coverage(consents, { discloser: hospital, recipient: shelter, purpose, at, fields: [birthDate], permitsOf })
 *   .fields.get(birthDate); // { state: 'agreed', level: 2, resting: [release], validUntil }
 */
export function coverage(consents: readonly Consent[], ask: CoverageAsk): Coverage {
  // Two versions of one consent may be a withdrawn one and its past: which of them holds cannot be told from here.
  if (new Set(consents.map((consent) => consent.id)).size !== consents.length)
    throw new ConsentError('CONSENT_RECORD_INVALID', 'the same consent was handed in twice');
  const flow = directivesOf(consents, ask);
  const fields = new Map<FieldName, FieldCoverage>();
  for (const field of ask.fields)
    fields.set(field, fieldCoverage(field === ENROLMENT ? withReleasesBack(flow, consents, ask) : flow, field));
  let validUntil: Instant | undefined;
  for (const { validUntil: end } of fields.values())
    if (end !== undefined && (validUntil === undefined || end < validUntil)) validUntil = end;
  return validUntil === undefined ? { fields } : { fields, validUntil };
}

/** A permit in force, and what it agrees to. */
interface Granted {
  readonly id: ConsentId;
  readonly recordedAt: Instant;
  readonly lifts: readonly ConsentId[];
  readonly fields: ReadonlyMap<FieldName, Level>;
  readonly once: boolean;
  readonly end: Instant;
}
interface Refused {
  readonly id: ConsentId;
  readonly recordedAt: Instant;
  readonly fields: readonly FieldName[] | 'any';
}
/** Directives that speak of one discloser, one recipient and one purpose. */
interface Flow {
  readonly granted: readonly Granted[];
  readonly refused: readonly Refused[];
  /** Fields of releases that were in force once. */
  readonly withdrawn: ReadonlySet<FieldName>;
  readonly expired: ReadonlySet<FieldName>;
}

function directivesOf(consents: readonly Consent[], ask: Omit<CoverageAsk, 'fields'>): Flow {
  const granted: Granted[] = [];
  const refused: Refused[] = [];
  const withdrawn = new Set<FieldName>();
  const expired = new Set<FieldName>();
  for (const consent of consents) {
    const { directive } = consent;
    const state = stateAt(consent, ask.at);
    if (directive.kind === 'refuse') {
      if (consent.state === 'active' && state === 'active' && speaksAgainst(directive, ask))
        refused.push(asRefused(consent, directive));
      continue;
    }
    if (!ask.permitsOf.has(consent.person) || !speaksFor(directive, ask)) continue;
    if (state === 'withdrawn') for (const field of directive.scope.fields.keys()) withdrawn.add(field);
    if (state === 'expired') for (const field of directive.scope.fields.keys()) expired.add(field);
    if (consent.state === 'active' && state === 'active') granted.push(asGranted(consent, directive));
  }
  return { granted, refused, withdrawn, expired };
}

function speaksFor({ scope }: Permit, ask: Omit<CoverageAsk, 'fields'>): boolean {
  return (
    scope.unresolved.length === 0 &&
    scope.disclosers.includes(ask.discloser) &&
    scope.recipients.includes(ask.recipient) &&
    scope.purposes.includes(ask.purpose)
  );
}

function speaksAgainst({ scope }: Refusal, ask: Omit<CoverageAsk, 'fields'>): boolean {
  const unresolved = (what: Unresolved['what']): boolean => scope.unresolved.some((word) => word.what === what);
  return (
    (scope.disclosers === 'any' || scope.disclosers.includes(ask.discloser) || unresolved('discloser')) &&
    (scope.recipients === 'any' || scope.recipients.includes(ask.recipient) || unresolved('recipient')) &&
    (scope.purposes === 'any' || scope.purposes.includes(ask.purpose) || unresolved('purpose'))
  );
}

function asGranted(consent: Active, { scope, lifts }: Permit): Granted {
  const { recordedAt } = consent.signing;
  // A permit always ends; the type of `endsAt` also speaks of refusals.
  const end = endsAt(scope.end, recordedAt) ?? recordedAt;
  return { id: consent.id, recordedAt, lifts, fields: scope.fields, once: scope.end.kind === 'once', end };
}

function asRefused(consent: Active, { scope }: Refusal): Refused {
  const everything = scope.fields === 'any' || scope.unresolved.some((word) => word.what === 'field');
  return { id: consent.id, recordedAt: consent.signing.recordedAt, fields: everything ? 'any' : scope.fields };
}

function fieldCoverage(flow: Flow, field: FieldName): FieldCoverage {
  if (flow.refused.length === 0) return whereNothingIsRefused(flow, field);
  const refused = flow.refused.filter((refusal) => refusal.fields === 'any' || refusal.fields.includes(field));
  return refused.length === 0 ? whereNothingIsRefused(flow, field) : whereRefused(refused, flow, field);
}

/** Most fields of most questions: one walk over the permits. */
function whereNothingIsRefused(flow: Flow, field: FieldName): FieldCoverage {
  const permit = bestFor(field, flow.granted, NOTHING);
  if (permit !== undefined)
    return { state: 'agreed', level: levelIn(permit, field), resting: [permit.id], validUntil: permit.end };
  const state = flow.withdrawn.has(field) ? 'withdrawn' : flow.expired.has(field) ? 'expired' : 'not_asked';
  return { state, level: NOTHING, resting: [] };
}

function whereRefused(refused: readonly Refused[], flow: Flow, field: FieldName): FieldCoverage {
  const lifters = refused.map((refusal) => flow.granted.filter((permit) => isLifted(refusal, permit)));
  const reach = lifters.map((permits) => bestFor(field, permits, NOTHING));
  const standing = refused.filter((_, index) => reach[index] === undefined);
  if (standing.length > 0)
    return { state: 'refused', level: NOTHING, resting: standing.map((one) => one.id).toSorted() };
  const level = Math.min(...reach.flatMap((permit) => (permit === undefined ? [] : levelIn(permit, field)))) as Level;
  const relied = lifters.flatMap((permits) => bestFor(field, permits, level) ?? []);
  return {
    state: 'agreed',
    level,
    resting: [...new Set(relied.map((permit) => permit.id))].toSorted(),
    validUntil: earliest(relied.map((permit) => permit.end)),
  };
}

function levelIn(permit: Granted, field: FieldName): Level {
  return permit.fields.get(field) ?? NOTHING;
}

function isLifted(refusal: Refused, permit: Granted): boolean {
  return permit.recordedAt >= refusal.recordedAt && permit.lifts.includes(refusal.id);
}

/**
 * The permit to rest on: of those that reach `wanted` (or, where that is nothing, the highest level there is) a lasting
 * one before a `once`, then the one that lasts longest.
 */
function bestFor(field: FieldName, permits: readonly Granted[], wanted: Level): Granted | undefined {
  let best: Granted | undefined;
  let reached: Level = NOTHING;
  for (const permit of permits) {
    const level = levelIn(permit, field);
    const counts = wanted === NOTHING ? level : level >= wanted ? wanted : NOTHING;
    if (counts === NOTHING || counts < reached) continue;
    if (best === undefined || counts > reached || isBetter(permit, best)) best = permit;
    reached = counts;
  }
  return best;
}

function isBetter(one: Granted, other: Granted): boolean {
  if (one.once !== other.once) return other.once;
  return one.end === other.end ? one.id < other.id : one.end > other.end;
}

/**
 * The releases to the asked agency from the other one, as permits of `service.enrolment`. One that refusals leave
 * without any field opens nothing back either: she would be named for no purpose of hers.
 */
function withReleasesBack(flow: Flow, consents: readonly Consent[], ask: CoverageAsk): Flow {
  const back = directivesOf(consents, { ...ask, discloser: ask.recipient, recipient: ask.discloser });
  const opens = (permit: Granted): boolean =>
    [...permit.fields.keys()].some((field) => fieldCoverage(back, field).state === 'agreed');
  const known = new Map([[ENROLMENT, SHE_IS_KNOWN]]);
  const had = (fields: ReadonlySet<FieldName>): readonly FieldName[] => (fields.size > 0 ? [ENROLMENT] : []);
  const asEnrolment = back.granted.filter(opens).map((permit) => ({ ...permit, fields: known }));
  return {
    granted: [...flow.granted, ...asEnrolment],
    refused: flow.refused,
    withdrawn: new Set([...flow.withdrawn, ...had(back.withdrawn)]),
    expired: new Set([...flow.expired, ...had(back.expired)]),
  };
}

function earliest(instants: readonly Instant[]): Instant {
  return instants.reduce((a, b) => (a < b ? a : b));
}
