import type { AgencyId, HandleId, LinkId, Sector } from '#terms';
import type { CaseRole } from './case.js';
import { MatchingError } from './error.js';
import type { Handle, Link } from './link.js';

/** That an agency holds this person under a docket, in this role. */
export interface Docket {
  readonly handle: HandleId;
  readonly agency: AgencyId;
  /** Keyed hash of the docket number, 64 hex digits. */
  readonly key: string;
  readonly role: CaseRole;
}

const VICTIM_SERVICE = 'victim_service' as Sector;

/** Refuses a victim service's docket: it would let a court file find out which shelter knows her. */
export function stateDocket(handle: Handle, sector: Sector, key: string, role: CaseRole): Docket {
  if (sector === VICTIM_SERVICE)
    throw new MatchingError('MATCHING_DOCKET_NOT_ALLOWED', 'a victim service states no dockets');
  if (!/^[0-9a-f]{64}$/.test(key))
    throw new MatchingError('MATCHING_DOCKET_NOT_ALLOWED', 'a docket is given as 32 bytes of keyed hash, in hex');
  return { handle: handle.id, agency: handle.agency, key, role };
}

/**
 * The handles that this statement links to: other agencies' under the same docket in the same role, where both agencies
 * may link this way. A docket has both parties, so that the number alone says nothing; and where any agency holds two
 * people in this role (two children, say), or one person in two roles, or the role is none, nobody can tell who is meant.
 */
export function linksByDocket(
  stated: Docket,
  existing: readonly Docket[],
  mayLink: (agency: AgencyId) => boolean,
): readonly HandleId[] {
  const there = sameRole(stated, existing);
  const isDoubtful = stated.role === 'other' || holdsOtherRole(stated, existing) || isShared([...there, stated]);
  if (isDoubtful || !mayLink(stated.agency)) return [];
  const others = there.filter(
    (docket) => docket.agency !== stated.agency && !holdsOtherRole(docket, existing) && mayLink(docket.agency),
  );
  return [...new Set(others.map((docket) => docket.handle))];
}

/**
 * Docket links that this statement puts in doubt: those of its role, made while each agency had one person in it, and
 * where this very person now has a second role, all of hers. Otherwise who was accused in turn would join her with him.
 */
export function linksInDoubt(stated: Docket, existing: readonly Docket[], links: Iterable<Link>): readonly LinkId[] {
  const there = sameRole(stated, existing);
  const inRole = new Set(isShared([...there, stated]) ? there.map((docket) => docket.handle) : []);
  const here = existing.filter((docket) => docket.key === stated.key);
  const anyRole = new Set(holdsOtherRole(stated, existing) ? here.map((docket) => docket.handle) : []);
  const isInDoubt = ({ a, b, basis }: Link): boolean =>
    basis.kind === 'docket' &&
    ((inRole.has(a) && inRole.has(b)) ||
      (anyRole.has(a) && anyRole.has(b) && (a === stated.handle || b === stated.handle)));
  return [...new Set([...links].filter(isInDoubt).map((link) => link.id))];
}

function sameRole(stated: Docket, existing: readonly Docket[]): readonly Docket[] {
  return existing.filter((docket) => docket.key === stated.key && docket.role === stated.role);
}

/** Whether this person stands under the docket in another role too: she and he, each accusing the other, say. */
function holdsOtherRole(docket: Docket, existing: readonly Docket[]): boolean {
  return existing.some(
    (other) => other.key === docket.key && other.handle === docket.handle && other.role !== docket.role,
  );
}

/** Whether some agency holds two people here. */
function isShared(dockets: readonly Docket[]): boolean {
  return dockets.some((one) => dockets.some((other) => other.agency === one.agency && other.handle !== one.handle));
}
