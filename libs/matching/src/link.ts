import type { AgencyId, HandleId, Instant, LinkId, PersonId } from '#terms';

/** One agency's random name for one person. The person is Postern's own and has its own key; a link never merges two. */
export interface Handle {
  readonly id: HandleId;
  readonly agency: AgencyId;
  readonly person: PersonId;
  readonly openedAt: Instant;
}

export type LinkBasis = { readonly kind: 'code'; readonly legalBasis: string } | { readonly kind: 'docket' };

/** Two agencies' handles are one person. Living links only: an ended one is removed from the set, never edited. */
export interface Link {
  readonly id: LinkId;
  readonly a: HandleId;
  readonly b: HandleId;
  readonly basis: LinkBasis;
  readonly madeAt: Instant;
}

/**
 * Everyone who is this person to anybody, over any chain of living links, herself included. Facts and refusals protect
 * across all of them; values never travel further than one link (`directLinks`). `neighbours` gives the persons one
 * living link away.
 */
export function joined(person: PersonId, neighbours: (person: PersonId) => Iterable<PersonId>): ReadonlySet<PersonId> {
  const reached = new Set([person]);
  // A Set visits what is added to it while it is walked, so that this goes on until nobody new is met.
  for (const each of reached) for (const next of neighbours(each)) reached.add(next);
  return reached;
}

/** The handles one link away: the only ones a value may come from. */
export function directLinks(handle: HandleId, links: Iterable<Link>): readonly HandleId[] {
  const others = new Set<HandleId>();
  for (const { a, b } of links) {
    if (a === handle) others.add(b);
    if (b === handle) others.add(a);
  }
  return [...others];
}
