import type { RegimeName } from '#terms';
import { stretchesOf } from './cover.js';
import { FALSE, type Node, TRUE } from './diagram.js';
import { boundBy } from './in-words.js';
import type { Choice, Space } from './space.js';

/** Situations of which, whatever regimes bind the data, the same is so otherwise. */
export interface UnderRegimes {
  /** Which combinations of regimes these are, in words; one empty where it makes no difference. */
  readonly bindings: readonly string[];
  /** How many regimes bind the data at the least. */
  readonly least: number;
  /** Where one of these combinations binds the data. */
  readonly bound: Node;
  readonly node: Node;
}

/** A function of the situations there are, taken apart by the regimes that bind the data; fewest regimes first. */
export function byRegimes(space: Space, node: Node): readonly UnderRegimes[] {
  const { diagram } = space;
  const choices = space.regimeNames.map((name) => space.regime(name)!);
  const start = space.choiceOf(node) === space.elsewhere ? space.after(node, space.elsewhere, 0) : node;
  return [...takenApart(space, start, choices)]
    .filter(([rest]) => rest !== FALSE)
    .map(([rest, combinations]) => {
      const bindings = stretchesOf(space, combinations)
        .map((stretch) => {
          const values = (choice: Choice): ReadonlySet<number> => stretch.get(choice) ?? new Set([0, 1]);
          const bound = choices.filter((choice) => !values(choice).has(0)).map(nameOf);
          const perhaps = choices.filter((choice) => values(choice).size > 1).map(nameOf);
          return { words: boundBy(bound, perhaps, space.regimeNames), least: bound.length };
        })
        .toSorted((a, b) => a.least - b.least);
      const bound = diagram.and(combinations, space.is(space.elsewhere, 'no'));
      return {
        bindings: bindings.map(({ words }) => words),
        least: bindings[0]?.least ?? 0,
        bound,
        node: diagram.and(bound, rest),
      };
    })
    .toSorted((a, b) => a.least - b.least);
}

function nameOf({ subject }: Choice): RegimeName {
  if (subject.kind !== 'regime') throw new RangeError('not the choice of a regime');
  return subject.regime;
}

/** What is left of a function once the regimes are settled, with the combinations of them that leave it. */
function takenApart(space: Space, start: Node, choices: readonly Choice[]): ReadonlyMap<Node, Node> {
  const { diagram } = space;
  const seen = new Map<string, ReadonlyMap<Node, Node>>();
  const take = (node: Node, at: number): ReadonlyMap<Node, Node> => {
    const choice = choices[at];
    if (choice === undefined) return new Map([[node, TRUE]]);
    const key = `${at} ${node}`;
    const before = seen.get(key);
    if (before !== undefined) return before;
    const made = new Map<Node, Node>();
    for (const value of [0, 1]) {
      const isValue = space.isOneOf(choice, (_, index) => index === value);
      const below = space.choiceOf(node) === choice ? space.after(node, choice, value) : node;
      for (const [rest, combinations] of take(below, at + 1))
        made.set(rest, diagram.or(made.get(rest) ?? FALSE, diagram.and(isValue, combinations)));
    }
    seen.set(key, made);
    return made;
  };
  return take(start, 0);
}
