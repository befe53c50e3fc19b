import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { type Problem } from './error.js';
import { interned } from './interned.js';
import { measureYaml } from './measure-yaml.js';
import { shortened } from './shortened.js';
import { unseenIn } from './unseen.js';

/** Where something stands in a file, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}
export interface MapNode extends Position {
  readonly kind: 'map';
  /** In the order written; no key twice. */
  readonly entries: readonly { readonly key: string; readonly keyAt: Position; readonly value: TreeNode }[];
}
export interface ListNode extends Position {
  readonly kind: 'list';
  readonly items: readonly TreeNode[];
}
export interface ScalarNode extends Position {
  readonly kind: 'scalar';
  readonly value: string | number;
}
export type TreeNode = MapNode | ListNode | ScalarNode;

/** Far above the largest file an officer writes; below what would keep a process busy for more than a moment. */
const MOST_CHARACTERS = 256 * 1024;
const MOST_TOKENS = 64 * 1024;
const DEEPEST = 12;
const MOST_PROBLEMS_OF_FORM = 20;
/** What YAML 1.1 reads as a boolean. As a key it would change its meaning with the tool that opens the file. */
const BOOLEAN_ELSEWHERE = new Set(['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false']);

/**
 * Reads YAML 1.2 that means the same to every reader: one document; maps, lists, words and numbers; no alias, anchor,
 * tag, merge key, empty value or key written twice. `undefined` where the text is not even that; the problems say why.
 */
export function readYamlTree(text: string, path: string): { tree: TreeNode | undefined; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const refuse = (at: Position, message: string): { tree: undefined; problems: readonly Problem[] } => ({
    tree: undefined,
    problems: [{ path, line: at.line, column: at.column, message }],
  });
  const start = { line: 1, column: 1 };
  if (text.length > MOST_CHARACTERS) return refuse(start, `the file is longer than ${MOST_CHARACTERS / 1024} KiB`);
  const unseen = unseenIn(text, MOST_PROBLEMS_OF_FORM);
  if (unseen.length > 0)
    return {
      tree: undefined,
      problems: unseen.map(({ offset, called }) => ({
        path,
        ...positionIn(text, offset),
        message: `the invisible character ${called} stands here; type the line anew`,
      })),
    };
  const { beyond } = measureYaml(text, { depth: DEEPEST, tokens: MOST_TOKENS });
  if (beyond !== undefined)
    return refuse(
      positionIn(text, beyond.offset),
      beyond.bound === 'depth' ? TOO_DEEP : `the file has more than ${MOST_TOKENS} words and marks`,
    );
  const lineCounter = new LineCounter();
  let documents: ReturnType<typeof parseAllDocuments>;
  try {
    documents = parseAllDocuments(text, {
      version: '1.2',
      schema: 'core',
      lineCounter,
      prettyErrors: false,
      // Compared pair by pair, many keys would take a minute; keys are compared below.
      uniqueKeys: false,
      strict: true,
      logLevel: 'silent',
    });
  } catch (error) {
    // Deeper and deeper lines, which no bracket gives away, may still exhaust the stack that the library descends by.
    if (!(error instanceof RangeError)) throw error;
    return refuse(start, TOO_DEEP);
  }
  const place = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const complain = (at: Position, message: string): undefined => {
    problems.push({ path, line: at.line, column: at.column, message });
    return undefined;
  };

  const [document, second] = Array.isArray(documents) ? documents : [];
  if (document === undefined) return { tree: complain({ line: 1, column: 1 }, 'the file is empty'), problems };
  for (const error of [...document.errors, ...document.warnings].slice(0, MOST_PROBLEMS_OF_FORM))
    complain(place(error.pos[0]), `not YAML: ${shortened(error.message, 120)}`);
  if (second !== undefined) complain(place(second.range?.[0] ?? 0), 'a file holds one document; take out the `---`');

  const read = (node: unknown, near: Position, depth: number): TreeNode | undefined => {
    if (depth > DEEPEST) return complain(near, TOO_DEEP);
    if (isAlias(node)) return complain(place(node.range?.[0] ?? 0), 'an alias (`*`) is not allowed: write it out');
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return complain(near, 'a value is missing here');
    const at = place(node.range?.[0] ?? 0);
    if (node.anchor !== undefined) return complain(at, 'an anchor (`&`) is not allowed');
    if (node.tag !== undefined) return complain(at, 'a tag (`!`) is not allowed');
    if (isSeq(node)) {
      const items = node.items.map((item) => read(item, at, depth + 1));
      return { kind: 'list', ...at, items: items.filter((item) => item !== undefined) };
    }
    if (isScalar(node)) {
      const { value } = node;
      const [escaped] = typeof value === 'string' ? unseenIn(value, 1) : [];
      if (escaped !== undefined)
        return complain(at, `holds the invisible character ${escaped.called}; type the line anew`);
      if (typeof value === 'string') return { kind: 'scalar', ...at, value: interned(value) };
      if (typeof value === 'number') return { kind: 'scalar', ...at, value };
      return complain(
        at,
        value === null ? 'a value is missing here' : 'put this in quotes: it does not read as a word',
      );
    }
    const entries: { key: string; keyAt: Position; value: TreeNode }[] = [];
    const seen = new Set<string>();
    for (const pair of node.items) {
      const key = read(pair.key, at, depth + 1);
      if (key === undefined) continue;
      if (key.kind !== 'scalar' || typeof key.value !== 'string') complain(key, 'a key is a word');
      else if (key.value === '<<') complain(key, 'a merge key (`<<`) is not allowed: write it out');
      else if (BOOLEAN_ELSEWHERE.has(key.value.toLowerCase()))
        complain(key, `some tools read the key ${key.value} as true or false`);
      else if (seen.has(key.value)) complain(key, 'this key is written twice');
      else {
        seen.add(key.value);
        const value = read(pair.value, key, depth + 1);
        if (value !== undefined) entries.push({ key: key.value, keyAt: key, value });
      }
    }
    return { kind: 'map', ...at, entries };
  };
  const tree = document.errors.length > 0 ? undefined : read(document.contents, { line: 1, column: 1 }, 0);
  return { tree, problems };
}

const TOO_DEEP = `nested deeper than ${DEEPEST} levels`;

function positionIn(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
