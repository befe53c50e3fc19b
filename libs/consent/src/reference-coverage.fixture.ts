import { type ConsentId, type FieldName, type Instant, type Level, NOTHING } from '#terms';
import type { Active, Consent, Permit, Refusal } from './consent.js';
import type { CoverageAsk, CoverageState } from './coverage.js';
import { enrolment, level } from './mara.fixture.js';

/**
 * The meaning of coverage, written slowly from the architecture's sentences and sharing no code with `coverage`: a level
 * is agreed exactly where some permit reaches it and, for every refusal, some permit that names it reaches it too.
 */
export function referenceCoverage(
  consents: readonly Consent[],
  ask: CoverageAsk,
  field: FieldName,
): { readonly state: CoverageState; readonly level: Level } {
  const agreed = [3, 2, 1].map(level).find((wanted) => isAgreed(consents, ask, field, wanted));
  if (agreed !== undefined) return { state: 'agreed', level: agreed };
  return { state: whyNot(consents, ask, field), level: NOTHING };
}

/** A permit of a level, however it came by it. */
interface Reaching {
  readonly consent: Consent;
  readonly permit: Permit;
  readonly level: Level;
}

function isAgreed(consents: readonly Consent[], ask: CoverageAsk, field: FieldName, wanted: Level): boolean {
  const permits = [...permitsOf(consents, ask, field), ...releasesBack(consents, ask, field)];
  return isCarried(
    permits.filter((one) => one.level >= wanted),
    consents,
    ask,
    field,
  );
}

function isCarried(
  permits: readonly Reaching[],
  consents: readonly Consent[],
  ask: CoverageAsk,
  field: FieldName,
): boolean {
  const living = permits.filter((one) => inForce(one.consent, ask.at));
  return (
    living.length > 0 &&
    refusalsOf(consents, ask, field).every((refusal) => living.some((one) => isNamedBy(one, refusal)))
  );
}

function isNamedBy({ consent, permit }: Reaching, refusal: Active): boolean {
  return (
    consent.state === 'active' &&
    permit.lifts.includes(refusal.id) &&
    consent.signing.recordedAt >= refusal.signing.recordedAt
  );
}

function whyNot(consents: readonly Consent[], ask: CoverageAsk, field: FieldName): CoverageState {
  if (refusalsOf(consents, ask, field).length > 0) return 'refused';
  const spoken = [...permitsOf(consents, ask, field), ...(field === enrolment ? backwards(consents, ask) : [])].map(
    (one) => one.consent,
  );
  if (spoken.some((consent) => consent.state === 'withdrawn')) return 'withdrawn';
  if (spoken.some((consent) => consent.state === 'active' && hasEnded(consent, ask.at))) return 'expired';
  return 'not_asked';
}

function permitsOf(consents: readonly Consent[], ask: CoverageAsk, field: FieldName): readonly Reaching[] {
  return consents.flatMap((consent) => {
    const { directive } = consent;
    if (directive.kind !== 'permit' || !ask.permitsOf.has(consent.person)) return [];
    const { scope } = directive;
    const reached = scope.fields.get(field);
    return scope.unresolved.length === 0 &&
      scope.disclosers.includes(ask.discloser) &&
      scope.recipients.includes(ask.recipient) &&
      scope.purposes.includes(ask.purpose) &&
      reached !== undefined
      ? [{ consent, permit: directive, level: reached }]
      : [];
  });
}

function releasesBack(consents: readonly Consent[], ask: CoverageAsk, field: FieldName): readonly Reaching[] {
  if (field !== enrolment) return [];
  const forward = { ...ask, discloser: ask.recipient, recipient: ask.discloser };
  return backwards(consents, ask).filter(({ permit }) =>
    // Without what a release opens backwards itself, so that the meaning ends somewhere.
    [...permit.scope.fields.keys()].some((named) =>
      isCarried(permitsOf(consents, forward, named), consents, forward, named),
    ),
  );
}

function backwards(consents: readonly Consent[], ask: CoverageAsk): readonly Reaching[] {
  const forward = { ...ask, discloser: ask.recipient, recipient: ask.discloser };
  return consents.flatMap((consent) =>
    consent.directive.kind === 'permit'
      ? [...consent.directive.scope.fields.keys()]
          .flatMap((named) => permitsOf([consent], forward, named))
          .slice(0, 1)
          .map((one) => ({ ...one, level: level(1) }))
      : [],
  );
}

function refusalsOf(consents: readonly Consent[], ask: CoverageAsk, field: FieldName): readonly Active[] {
  return consents.flatMap((consent) => {
    if (consent.state !== 'active' || consent.directive.kind !== 'refuse' || hasEnded(consent, ask.at)) return [];
    return speaksOf(consent.directive, ask, field) ? [consent] : [];
  });
}

function speaksOf({ scope }: Refusal, ask: CoverageAsk, field: FieldName): boolean {
  const places = [
    ['discloser', scope.disclosers, ask.discloser],
    ['recipient', scope.recipients, ask.recipient],
    ['purpose', scope.purposes, ask.purpose],
    ['field', scope.fields, field],
  ] as const;
  return places.every(
    ([what, named, asked]) =>
      named === 'any' || named.some((one) => one === asked) || scope.unresolved.some((word) => word.what === what),
  );
}

function inForce(consent: Consent, at: Instant): boolean {
  return consent.state === 'active' && at >= consent.activeFrom && !hasEnded(consent, at);
}

/** By the clock on the wall there, not by an instant worked out beforehand. */
function hasEnded(consent: Active, at: Instant): boolean {
  const { end } = consent.directive.scope;
  switch (end.kind) {
    case 'until_lifted':
      return false;
    case 'at':
      return at >= end.instant;
    case 'date': {
      return wallDate(end.timeZone).format(at) > end.date;
    }
    case 'once': {
      const limit = new Date(consent.signing.recordedAt);
      limit.setUTCFullYear(limit.getUTCFullYear() + 1);
      return consent.used !== undefined || at >= limit.getTime();
    }
  }
}

const wallDates = new Map<string, Intl.DateTimeFormat>();

function wallDate(timeZone: string): Intl.DateTimeFormat {
  const made = wallDates.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  wallDates.set(timeZone, made);
  return made;
}

export type Covering = (
  consents: readonly Consent[],
  ask: CoverageAsk,
) => ReadonlyMap<
  FieldName,
  { readonly state: CoverageState; readonly level: Level; readonly resting?: readonly ConsentId[] }
>;
