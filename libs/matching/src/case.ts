import type { HandleId, Instant } from '#terms';
import { MatchingError } from './error.js';

declare const brand: unique symbol;
export type CaseId = string & { readonly [brand]: 'case' };

export const CASE_ROLES = ['survivor', 'child', 'person_using_violence', 'other'] as const;
export type CaseRole = (typeof CASE_ROLES)[number];
/** How sure it is that somebody used violence; a survivor recorded as perpetrator is an old and deadly mistake. */
export type Standing = 'alleged' | 'established' | 'disputed';

export type Party =
  | { readonly handle: HandleId; readonly role: 'survivor' | 'child' | 'other' }
  | { readonly handle: HandleId; readonly role: 'person_using_violence'; readonly standing: Standing };

/** People related by their roles in one matter, as one agency tells it. */
export interface Case {
  readonly id: CaseId;
  readonly openedAt: Instant;
  readonly parties: readonly Party[];
}

/**
 * The case with this party in it. Who is a survivor or a child there cannot also be the person using violence, unless
 * that is marked as disputed: otherwise a cross-complaint would quietly make her a perpetrator.
 */
export function withParty(told: Case, party: Party): Case {
  const same = told.parties.filter((other) => other.handle === party.handle);
  if (same.some((other) => other.role === party.role))
    throw new MatchingError('MATCHING_ROLE_TAKEN', 'this person has that role here already');
  const parties = [...told.parties, party];
  const roles = parties.filter((other) => other.handle === party.handle);
  const isHarmed = roles.some((other) => other.role === 'survivor' || other.role === 'child');
  const isBlamed = roles.some((other) => other.role === 'person_using_violence' && other.standing !== 'disputed');
  if (isHarmed && isBlamed)
    throw new MatchingError('MATCHING_ROLE_TAKEN', 'who was harmed here is blamed here too: mark that as disputed');
  return { ...told, parties };
}

/** Every role that these handles of one person hold in these cases. */
export function rolesOf(handles: ReadonlySet<HandleId>, cases: Iterable<Case>): ReadonlySet<CaseRole> {
  const roles = new Set<CaseRole>();
  for (const { parties } of cases) for (const { handle, role } of parties) if (handles.has(handle)) roles.add(role);
  return roles;
}
