import type { FieldName, RegimeName } from '#terms';
import { FALSE, TRUE } from '../src/proof/diagram.js';
import { levelsOf, type Outcomes } from '../src/proof/outcomes.js';
import type { Point } from '../src/proof/space.js';
import type { Situation } from '../src/situation.js';

/**
 * Situations at the edge: one in which some level of a field just leaves, and the same with one thing otherwise, so that it
 * no longer does. What `around` says of the other fields is kept. Drawn at random, nearly all situations share nothing.
 */
export function boundarySituations(
  outcomes: Outcomes,
  around: readonly Situation[],
  count: number,
  random: () => number,
): readonly Situation[] {
  const { space, bundle } = outcomes;
  const edges = [...bundle.vocabulary.fields.values()].flatMap((field) =>
    levelsOf(field)
      .map((level) => outcomes.leaves(field, level))
      .filter((node) => node !== FALSE && node !== TRUE)
      .map((node) => ({ field, node })),
  );
  const drawn: Situation[] = [];
  for (let at = 0; drawn.length < count && at < count; at += 1) {
    const edge = edges[Math.floor(random() * edges.length)];
    const base = around[at % around.length];
    if (edge === undefined || base === undefined) break;
    const { node, field } = edge;
    const inside = space.pointIn(node, ({ values }) =>
      shuffled(
        values.map((_, value) => value),
        random,
      ),
    );
    if (inside === undefined) continue;
    const outside = shuffled(flips(outcomes, inside), random).find((point) => !space.holdsAt(node, point));
    for (const point of outside === undefined ? [inside] : [inside, outside])
      drawn.push(merged(base, space.situationAt(point, field.name), field.name, random));
  }
  return drawn.slice(0, count);
}

/** Every point that differs in one choice. */
function flips({ space }: Outcomes, point: Point): readonly Point[] {
  return space.choices.flatMap(({ place, values }) =>
    values.flatMap((_, value) => {
      if (value === point[place]) return [];
      const other = point.slice();
      other[place] = value;
      return [other];
    }),
  );
}

/** Some of its regimes the value has brought with it. */
function merged(base: Situation, edge: Situation, field: FieldName, random: () => number): Situation {
  const consent = new Map(base.consent);
  consent.delete(field);
  for (const [name, said] of edge.consent) consent.set(name, said);
  if (random() < 0.7) return { ...edge, consent };
  const kept = [...edge.origins].filter(() => random() < 0.5);
  const origins = new Set<RegimeName>([...edge.origins].filter((name) => !kept.includes(name)));
  return { ...edge, consent, origins, travelled: new Map([[field, new Set(kept)]]) };
}

function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  const all = [...items];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all;
}

/** Numbers that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
