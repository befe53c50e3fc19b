import { FALSE, type Node, TRUE } from './diagram.js';
import type { Choice, Space } from './space.js';

/** Situations that differ only within these values of these choices; every other choice is free. */
export type Stretch = ReadonlyMap<Choice, ReadonlySet<number>>;

export interface Cover {
  /** What is so in all of them. */
  readonly common: Stretch;
  /** What is so besides, the largest first. */
  readonly stretches: readonly { readonly stretch: Stretch; readonly situations: bigint }[];
}

/**
 * A set of situations as a few stretches of them, each as wide as it can be without leaving the set. Situations are counted
 * with the first stretch that reaches them. `domain`: the situations that there are.
 */
export function cover(space: Space, node: Node, domain: Node, most: number): Cover {
  const { diagram } = space;
  const target = diagram.and(node, domain);
  // Whatever is no situation at all may be counted in: words are plainer for it.
  const allowed = diagram.or(node, diagram.not(domain));
  const asked = supportOf(space, target);
  const common = commonIn(space, target, domain, asked);
  const stretches: { stretch: Stretch; situations: bigint }[] = [];
  let left = target;
  while (left !== FALSE && stretches.length < most) {
    const stretch = widened(space, startOf(space, left, asked), allowed);
    const reached = nodeOf(space, stretch);
    const situations = space.count(diagram.and(left, reached));
    stretches.push({ stretch: besides(stretch, common), situations });
    left = diagram.without(left, reached);
  }
  return { common, stretches: stretches.toSorted((a, b) => Number(b.situations - a.situations)) };
}

/** A set of situations as stretches that have none in common, one after the other until nothing is left. */
export function stretchesOf(space: Space, node: Node): readonly Stretch[] {
  const asked = supportOf(space, node);
  const stretches: Stretch[] = [];
  for (let left = node; left !== FALSE;) {
    const stretch = widened(space, startOf(space, left, asked), left);
    stretches.push(stretch);
    left = space.diagram.without(left, nodeOf(space, stretch));
  }
  return stretches;
}

/** Of each choice the values that occur, where not all do that could. */
function commonIn(space: Space, target: Node, domain: Node, asked: readonly Choice[]): Stretch {
  const occurring = (choice: Choice, node: Node): readonly number[] =>
    [...choice.values.keys()].filter(
      (value) =>
        space.diagram.and(
          node,
          space.isOneOf(choice, (_, index) => index === value),
        ) !== FALSE,
    );
  const common = new Map<Choice, ReadonlySet<number>>();
  for (const choice of asked) {
    const values = occurring(choice, target);
    if (values.length < occurring(choice, domain).length) common.set(choice, new Set(values));
  }
  return common;
}

function besides(stretch: Stretch, common: Stretch): Stretch {
  return new Map(
    [...stretch].filter(([choice, values]) => {
      const always = common.get(choice);
      return always === undefined || ![...always].every((value) => values.has(value));
    }),
  );
}

function supportOf(space: Space, node: Node): readonly Choice[] {
  const { diagram } = space;
  const seen = new Set<Node>();
  const choices = new Set<Choice>();
  const visit = (at: Node): void => {
    const choice = space.choiceOf(at);
    if (choice === undefined || seen.has(at)) return;
    seen.add(at);
    choices.add(choice);
    visit(diagram.low(at));
    visit(diagram.high(at));
  };
  visit(node);
  return [...choices].toSorted((a, b) => a.place - b.place);
}

/** One path, of every choice the values that lead to the same. */
function startOf(space: Space, node: Node, asked: readonly Choice[]): Stretch {
  const stretch = new Map<Choice, ReadonlySet<number>>();
  let at = node;
  for (const choice of asked) {
    if (space.choiceOf(at) !== choice) continue;
    const byNode = Map.groupBy(choice.values.keys(), (value) => space.after(at, choice, value));
    let widest: { next: Node; values: readonly number[] } | undefined;
    for (const [next, values] of byNode)
      if (next !== FALSE && (widest === undefined || values.length > widest.values.length)) widest = { next, values };
    if (widest === undefined) return stretch;
    stretch.set(choice, new Set(widest.values));
    at = widest.next;
  }
  return stretch;
}

/** The later a choice stands, the more it has to do with one person: what is general is let go last. */
function widened(space: Space, start: Stretch, allowed: Node): Stretch {
  const stretch = new Map(start);
  const fits = (): boolean => isWithin(space, stretch, allowed);
  for (const choice of [...start.keys()].toSorted((a, b) => b.place - a.place)) {
    const values = stretch.get(choice)!;
    // Of a list that may be unknown no word can be asked.
    if (choice.subject.kind === 'known' && hasWords(stretch, choice)) continue;
    stretch.delete(choice);
    if (fits()) continue;
    let kept: ReadonlySet<number> = values;
    for (const value of choice.values.keys()) {
      if (kept.has(value)) continue;
      const more = new Set([...kept, value]);
      stretch.set(choice, more);
      if (fits()) kept = more;
    }
    stretch.set(choice, kept);
  }
  return stretch;
}

function hasWords(stretch: Stretch, { subject }: Choice): boolean {
  return [...stretch.keys()].some(
    ({ subject: other }) => other.kind === 'word' && subject.kind === 'known' && other.fact.name === subject.fact.name,
  );
}

/** Whether a function holds in every situation of the stretch. */
function isWithin(space: Space, stretch: Stretch, node: Node, seen = new Set<Node>()): boolean {
  if (node === FALSE) return false;
  if (node === TRUE || seen.has(node)) return true;
  const choice = space.choiceOf(node)!;
  for (const value of stretch.get(choice) ?? choice.values.keys())
    if (!isWithin(space, stretch, space.after(node, choice, value), seen)) return false;
  seen.add(node);
  return true;
}

function nodeOf(space: Space, stretch: Stretch): Node {
  const { diagram } = space;
  let node = TRUE;
  // From the last choice up, so that every step only puts something on top.
  for (const [choice, values] of [...stretch].toSorted(([a], [b]) => b.place - a.place))
    node = diagram.and(
      space.isOneOf(choice, (_, index) => values.has(index)),
      node,
    );
  return node;
}
