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
 * people in this role (two children, say), or the role is none, nobody can tell which of them is meant.
 */
export function linksByDocket(
  stated: Docket,
  existing: readonly Docket[],
  mayLink: (agency: AgencyId) => boolean,
): readonly HandleId[] {
  const there = sameRole(stated, existing);
  if (stated.role === 'other' || isShared([...there, stated]) || !mayLink(stated.agency)) return [];
  const others = there.filter((docket) => docket.agency !== stated.agency && mayLink(docket.agency));
  return [...new Set(others.map((docket) => docket.handle))];
}

/** Docket links made while each agency had one person in this role, and which this statement of a second puts in doubt. */
export function linksInDoubt(stated: Docket, existing: readonly Docket[], links: Iterable<Link>): readonly LinkId[] {
  const there = sameRole(stated, existing);
  if (!isShared([...there, stated])) return [];
  const handles = new Set(there.map((docket) => docket.handle));
  return [
    ...new Set(
      [...links]
        .filter((link) => link.basis.kind === 'docket' && handles.has(link.a) && handles.has(link.b))
        .map((link) => link.id),
    ),
  ];
}

function sameRole(stated: Docket, existing: readonly Docket[]): readonly Docket[] {
  return existing.filter((docket) => docket.key === stated.key && docket.role === stated.role);
}

/** Whether some agency holds two people here. */
function isShared(dockets: readonly Docket[]): boolean {
  return dockets.some((one) => dockets.some((other) => other.agency === one.agency && other.handle !== one.handle));
}
