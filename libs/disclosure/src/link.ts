import { type Handle, directLinks } from '#matching';
import type { HandleId, PersonId } from '#terms';
import type { Agency, Directory } from './agency.js';
import type { FoldedLog } from './folded-log.js';

/** Whom a question is about and who might answer it. Empty for a handle that nobody holds or that is another agency's. */
export interface Linked {
  readonly subject?: Handle;
  readonly joined: ReadonlySet<PersonId>;
  readonly disclosers: readonly Discloser[];
}

export interface Discloser {
  readonly agency: Agency;
  /** Her, as that agency knows her. */
  readonly handle: Handle;
}

/**
 * The agencies that share a living link with the asker's own handle. A foreign handle, an unknown one and one without
 * links come out alike, so that nothing after this step can tell them apart. A suspended agency discloses nothing.
 */
export function link(known: FoldedLog, directory: Directory, asker: Agency, subject: HandleId): Linked {
  const handle = known.handle(subject);
  if (handle === undefined || handle.agency !== asker.id) return { joined: new Set(), disclosers: [] };
  const disclosers: Discloser[] = [];
  for (const id of directLinks(handle.id, known.linksOf(handle.id))) {
    const other = known.handle(id);
    const agency = other === undefined ? undefined : directory.get(other.agency);
    if (other === undefined || agency === undefined || agency.id === asker.id) continue;
    if (known.isSuspended(agency.id)) continue;
    disclosers.push({ agency, handle: other });
  }
  return { subject: handle, joined: known.joined(handle.person), disclosers };
}
