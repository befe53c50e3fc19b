import { endsAt, stateAt } from '#consent';
import { type AgencyId, type Instant, type PersonId, type RegimeName, instantOf } from '#terms';
import type { Gate } from './gate.js';
import { protectsOthers } from './erase-persons.js';

/** For how many days after it was last needed a regime lets a copy be kept. */
export type RetentionTerms = ReadonlyMap<RegimeName, number>;

/** One agency's copy of one person, as far as keeping it goes. */
export interface Copy {
  readonly person: PersonId;
  readonly agency: AgencyId;
  /** Those that the agency is enrolled in: each has a word in how long. */
  readonly regimes: ReadonlySet<RegimeName>;
  /** The last entry that concerns it, or the end of her last living release, whichever is later. */
  readonly neededUntil: Instant;
  readonly isHeld: boolean;
  /** Whether something stated of this copy still protects her among others' copies. */
  readonly protectsOthers: boolean;
}

export type Keeping =
  | { readonly kind: 'due'; readonly since: Instant; readonly regime: RegimeName }
  | { readonly kind: 'kept'; readonly until: Instant; readonly regime: RegimeName }
  /** Due, and a legal hold lies on it. */
  | { readonly kind: 'held'; readonly since: Instant; readonly regime: RegimeName }
  /** Due, and without it others could be told what they are not told now. */
  | { readonly kind: 'protects others'; readonly since: Instant; readonly regime: RegimeName }
  /** Of one of its agency's regimes nobody has said how long: nothing is destroyed because somebody forgot a line. */
  | { readonly kind: 'no term' };

const DAY = 24 * 60 * 60 * 1000;

/**
 * Whether a copy is to be erased at this instant. Where its agency is enrolled in several regimes the longest term counts:
 * one that must be able to account for six years is not kept from it by another that would like it short.
 *
 * @example keepingOf(copy, new Map([['us-health', 2192]]), at) // { kind: 'kept', until, regime: 'us-health' }
 */
export function keepingOf(copy: Copy, terms: RetentionTerms, at: Instant): Keeping {
  let longest: { readonly regime: RegimeName; readonly days: number } | undefined;
  for (const regime of copy.regimes) {
    const days = terms.get(regime);
    if (days === undefined) return { kind: 'no term' };
    if (longest === undefined || days > longest.days) longest = { regime, days };
  }
  if (longest === undefined) return { kind: 'no term' };
  const { regime } = longest;
  const until = instantOf(copy.neededUntil + longest.days * DAY);
  if (at < until) return { kind: 'kept', until, regime };
  if (copy.isHeld) return { kind: 'held', since: until, regime };
  if (copy.protectsOthers) return { kind: 'protects others', since: until, regime };
  return { kind: 'due', since: until, regime };
}

/** Every copy there is. `lastEntries` says of each person when the last entry was written that concerns her. */
export function copiesIn(
  gate: Pick<Gate, 'known' | 'directory'>,
  lastEntries: ReadonlyMap<PersonId, Instant>,
  at: Instant,
): readonly Copy[] {
  return [...gate.known.handles()].map(({ person, agency, openedAt }) => ({
    person,
    agency,
    regimes: gate.directory.get(agency)?.regimes ?? new Set<RegimeName>(),
    neededUntil: instantOf(Math.max(openedAt, lastEntries.get(person) ?? at, ...endsOfReleases(gate, person, at))),
    isHeld: gate.known.holdOn(person) !== undefined,
    protectsOthers: protectsOthers(gate.known, [person], at),
  }));
}

/** A release that still runs is a promise that what she agreed to can happen. */
function endsOfReleases(gate: Pick<Gate, 'known'>, person: PersonId, at: Instant): readonly Instant[] {
  return gate.known.consentsOf(person).flatMap((consent) => {
    if (consent.state !== 'active' || stateAt(consent, at) !== 'active' || consent.directive.kind !== 'permit')
      return [];
    return endsAt(consent.directive.scope.end, consent.signing.recordedAt) ?? [];
  });
}
