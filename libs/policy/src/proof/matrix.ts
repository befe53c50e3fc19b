import { type FactName, type Field, FULL, type Level, type Purpose, type RegimeName, type Sector } from '#terms';
import type { Bundle } from '../bundle.js';
import { FALSE, type Node, TRUE } from './diagram.js';
import { besideALetter, lettersOf } from './example.js';
import { isEnvelope, Outcomes } from './outcomes.js';
import { Space } from './space.js';

/**
 * What it takes, at least, for a field to leave in some situation. `freely`: neither her agreement nor anybody's
 * confirmation. `confirmed`: a person at the agency that holds it confirms a ground. `last resort`: the glass is broken.
 * `agreed`: she agrees.
 */
export type Way = 'freely' | 'confirmed' | 'last resort' | 'agreed';
export const WAYS: readonly Way[] = ['freely', 'confirmed', 'last resort', 'agreed'];

export interface MatrixCell {
  readonly category: string;
  /** How many of the category's fields leave at all, by what it takes. */
  readonly leaving: ReadonlyMap<Way, number>;
  /** Fields of the category that never leave. */
  readonly never: number;
}

export interface MatrixRow {
  readonly sector: Sector;
  readonly cells: readonly MatrixCell[];
}

/**
 * Who can see what for a purpose: for each sector and category, over every situation, what could leave. Under one regime
 * alone, or under every combination of them where none is named.
 */
export function matrix(bundle: Bundle, purpose: Purpose, origin?: RegimeName): readonly MatrixRow[] {
  const outcomes = new Outcomes(bundle, new Space([bundle]));
  const { space } = outcomes;
  const { diagram } = space;
  const asked = diagram.and(space.is(space.purpose, purpose), origin === undefined ? TRUE : outcomes.alone(origin));
  const { vocabulary } = bundle;
  const letters = lettersOf(outcomes);
  const reach = new Map(
    [...vocabulary.fields.values()].map((field) => {
      const leaves = diagram.all([outcomes.leaves(field, 1 as Level), asked, space.situationsOf(FULL(field))]);
      return [field, isEnvelope(field) ? besideALetter(leaves, letters, space) : leaves] as const;
    }),
  );
  const categories = [...vocabulary.categories.keys()].map(
    (category) => [category, [...vocabulary.fields.values()].filter((field) => field.category === category)] as const,
  );
  const agreed = space.isOneOf(space.consent, (word) => word.startsWith('agreed'));
  const confirmed = groundsConfirmed(outcomes);
  const wayOf = (field: Field, node: Node): Way | undefined => {
    if (node === FALSE) return undefined;
    const unasked = diagram.without(node, agreed);
    if (unasked === FALSE) return 'agreed';
    const ordinary = diagram.without(unasked, outcomes.breaksTheGlass(field));
    if (ordinary === FALSE) return 'last resort';
    return diagram.implies(ordinary, confirmed) ? 'confirmed' : 'freely';
  };
  const sectors = space.fact('sector' as FactName);
  return [...vocabulary.sectors.keys()].map((sector) => {
    // Where no rule asks for the sector, it makes no difference.
    const here = sectors === undefined ? TRUE : space.is(sectors, sector);
    return {
      sector,
      cells: categories.map(([category, fields]) => {
        const ways = fields.map((field) => wayOf(field, diagram.and(reach.get(field) ?? FALSE, here)));
        const leaving = new Map(
          WAYS.map((way) => [way, ways.filter((one) => one === way).length] as const).filter(([, count]) => count > 0),
        );
        return { category, leaving, never: ways.filter((way) => way === undefined).length };
      }),
    };
  });
}

/** That somebody at the agency which holds the data has confirmed any ground. */
function groundsConfirmed({ space, bundle }: Outcomes): Node {
  const grounds = [...bundle.vocabulary.facts.values()].filter(({ setBy }) =>
    setBy.includes('a person at the discloser'),
  );
  return space.diagram.any(
    grounds.flatMap(({ name, values }) =>
      values.flatMap((word) => {
        const choice = space.word(name, word);
        return choice === undefined
          ? []
          : [space.diagram.and(space.is(space.fact(name)!, 'known'), space.is(choice, 'yes'))];
      }),
    ),
  );
}
