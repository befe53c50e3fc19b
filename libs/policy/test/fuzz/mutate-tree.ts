import { parse } from 'yaml';
import type { Draw } from './draw.js';
import { NASTY } from './nasty-texts.js';

type Tree = string | readonly Tree[] | { readonly [key: string]: Tree };

/** One or more changes of what a text says rather than of how it says it; written as JSON, which is YAML. */
export function mutateTree(draw: Draw, text: string, other: string): string {
  const tree = read(text);
  const lent = treeOf(other);
  if (tree === undefined) return text;
  let changed = tree;
  for (let times = 1 + draw.below(3); times > 0; times -= 1) changed = mutated(draw, changed, lent ?? tree);
  return JSON.stringify(changed, undefined, draw.chance(0.5) ? 1 : undefined);
}

/** What was read before; texts that are lent come again and again. */
const known = new Map<string, Tree | undefined>();
const MOST_KNOWN = 200;

function treeOf(text: string): Tree | undefined {
  if (!known.has(text)) {
    if (known.size === MOST_KNOWN) known.delete([...known.keys()][0] ?? '');
    known.set(text, read(text));
  }
  return known.get(text);
}

function read(text: string): Tree | undefined {
  try {
    return parse(text, { schema: 'failsafe', logLevel: 'silent' }) as Tree;
  } catch {
    return undefined;
  }
}

/** Goes down by chance and changes what it finds there. */
function mutated(draw: Draw, tree: Tree, lent: Tree): Tree {
  if (typeof tree === 'string' || tree === null || draw.chance(0.15)) return instead(draw, tree, lent);
  if (isList(tree)) {
    if (tree.length === 0) return [somewhere(draw, lent)];
    const at = draw.below(tree.length);
    switch (draw.below(8)) {
      case 0:
        return tree.toSpliced(at, 1);
      case 1:
        return [...tree, tree[at] ?? ''];
      case 2:
        return [...tree, somewhere(draw, lent)];
      case 3:
        return tree.toReversed();
      default:
        return tree.with(at, mutated(draw, tree[at] ?? '', lent));
    }
  }
  const entries = Object.entries(tree);
  if (entries.length === 0) return { [draw.one(NASTY)]: somewhere(draw, lent) };
  const at = draw.below(entries.length);
  const [key, value] = entries[at] ?? ['', ''];
  switch (draw.below(8)) {
    case 0:
      return asMap(entries.toSpliced(at, 1));
    case 1:
      return asMap(entries.with(at, [draw.one(NASTY), value]));
    case 2: {
      const found = somewhere(draw, lent);
      return asMap([...entries, ...(typeof found === 'string' || isList(found) ? [] : Object.entries(found ?? {}))]);
    }
    case 3:
      return asMap(entries.with(at, [key, somewhere(draw, lent)]));
    default:
      return asMap(entries.with(at, [key, mutated(draw, value, lent)]));
  }
}

function instead(draw: Draw, tree: Tree, lent: Tree): Tree {
  switch (draw.below(6)) {
    case 0:
      return [tree];
    case 1:
      return { [draw.one(NASTY)]: tree };
    case 2:
    case 3:
      return draw.one(NASTY);
    default:
      return somewhere(draw, lent);
  }
}

/** Some part of a tree. */
function somewhere(draw: Draw, tree: Tree): Tree {
  if (typeof tree === 'string' || tree === null || draw.chance(0.2)) return tree;
  const below = isList(tree) ? tree : Object.values(tree);
  return below.length === 0 ? tree : somewhere(draw, draw.one(below));
}

function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}

/** `__proto__` becomes a key like any other. */
function asMap(entries: readonly (readonly [string, Tree])[]): Tree {
  return Object.fromEntries(entries);
}
