import type { AgencyId, HandleId, LinkId, Sector } from '#terms';
import type { CaseRole } from './case.js';
import type { Handle, Link } from './link.js';

/** That an agency holds this person under a docket, in this role. */
export interface Docket {
  readonly handle: HandleId;
  readonly agency: AgencyId;
  /** Keyed hash of the docket number, 64 hex digits. */
  readonly key: string;
  readonly role: CaseRole;
}

/** Refuses a victim service's docket: it would tell a court file who her shelter is. */
export function stateDocket(handle: Handle, sector: Sector, key: string, role: CaseRole): Docket {
  throw new Error(`not yet ${handle.id} ${sector} ${key} ${role}`);
}
/** The handles that this statement links to. */
export function linksByDocket(
  stated: Docket,
  existing: readonly Docket[],
  mayLink: (agency: AgencyId) => boolean,
): readonly HandleId[] {
  throw new Error(`not yet ${stated.handle} ${existing.length} ${mayLink.length}`);
}
/** Docket links made while each agency had one person in this role, and which this statement of a second puts in doubt. */
export function linksInDoubt(stated: Docket, existing: readonly Docket[], links: Iterable<Link>): readonly LinkId[] {
  throw new Error(`not yet ${stated.handle} ${existing.length} ${String(links)}`);
}
