import type { AgencyId, HandleId, PersonId } from '#terms';
import type { Gateway } from '../gateway.js';

/** What an agency itself calls a person that it, or an agency it is linked with, holds. Other agencies' handles stay theirs. */
export function ownHandleFor({ known }: Gateway, person: PersonId, agency: AgencyId): HandleId | undefined {
  const held = known.handleOf(person);
  if (held === undefined || held.agency === agency) return held?.id;
  for (const link of known.linksOf(held.id)) {
    const other = known.handle(link.a === held.id ? link.b : link.a);
    if (other?.agency === agency) return other.id;
  }
  return undefined;
}
