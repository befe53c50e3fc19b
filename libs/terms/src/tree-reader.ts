import type { Problem } from './error.js';
import { nearestWord } from './nearest-word.js';
import type { MapNode, Position, TreeNode } from './yaml-tree.js';

/** A word as everything in the vocabulary is spelled. */
const WORD = /^[a-z][a-z0-9_]*$/;

/** A map whose keys were checked: `required` are there, all others are of `optional`. */
export class Entries {
  readonly at: Position;
  private readonly byKey: ReadonlyMap<string, TreeNode>;

  constructor(at: Position, byKey: ReadonlyMap<string, TreeNode>) {
    this.at = at;
    this.byKey = byKey;
  }

  get(key: string): TreeNode | undefined {
    return this.byKey.get(key);
  }
}

/**
 * Turns a tree into words and numbers, noting every problem instead of stopping at the first: an officer mends a file
 * in one go. What it returns after a problem is only there to go on reading; nobody is given it.
 */
export class TreeReader {
  readonly problems: Problem[] = [];
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  complain(at: Position, message: string): void {
    this.problems.push({ path: this.path, line: at.line, column: at.column, message });
  }

  /** A map with closed keys. */
  entries(node: TreeNode, what: string, required: readonly string[], optional: readonly string[] = []): Entries {
    const byKey = new Map<string, TreeNode>();
    const valid = [...required, ...optional];
    for (const { key, keyAt, value } of this.map(node, what).entries)
      if (valid.includes(key)) byKey.set(key, value);
      else this.complain(keyAt, unknownWord(key, `a key of ${what}`, valid));
    for (const key of required) if (!byKey.has(key)) this.complain(node, `${what} needs \`${key}\``);
    return new Entries(node, byKey);
  }

  /** A map whose keys are the words being defined. */
  definitions(node: TreeNode | undefined, what: string, spelling = WORD): MapNode['entries'] {
    if (node === undefined) return [];
    return this.map(node, what).entries.filter(({ key, keyAt }) => {
      if (spelling.test(key)) return true;
      this.complain(keyAt, `${key} is not spelled as ${what} are: small letters, digits and underscores`);
      return false;
    });
  }

  text(node: TreeNode | undefined): string {
    if (node?.kind === 'scalar' && typeof node.value === 'string' && node.value.trim() !== '') return node.value;
    if (node !== undefined) this.complain(node, 'expected text');
    return '';
  }

  /** A whole number from 1. */
  number(node: TreeNode | undefined): number {
    if (node?.kind === 'scalar' && typeof node.value === 'number' && Number.isSafeInteger(node.value) && node.value > 0)
      return node.value;
    if (node !== undefined) this.complain(node, 'expected a whole number from 1');
    return 0;
  }

  /** One word or a list of them; none where the key is absent. */
  texts(node: TreeNode | undefined): { text: string; at: Position }[] {
    if (node === undefined) return [];
    const items = node.kind === 'list' ? node.items : [node];
    return items.map((item) => ({ text: this.text(item), at: item }));
  }

  /** As `texts`, each one of `valid`, none twice. */
  words(node: TreeNode | undefined, what: string, valid: readonly string[]): string[] {
    const words: string[] = [];
    for (const { text, at } of this.texts(node))
      if (text === '') continue;
      else if (!valid.includes(text)) this.complain(at, unknownWord(text, what, valid));
      else if (words.includes(text)) this.complain(at, `${text} is written twice`);
      else words.push(text);
    return words;
  }

  /** Exactly one word of `valid`; the first of them stands in after a problem. */
  word<Word extends string>(node: TreeNode | undefined, what: string, valid: readonly [Word, ...Word[]]): Word {
    const text = this.text(node);
    const found = valid.find((word) => word === text);
    if (found === undefined && node !== undefined && text !== '') this.complain(node, unknownWord(text, what, valid));
    return found ?? valid[0];
  }

  private map(node: TreeNode, what: string): MapNode {
    if (node.kind === 'map') return node;
    this.complain(node, `${what} is a map of keys and values`);
    return { kind: 'map', line: node.line, column: node.column, entries: [] };
  }
}

function unknownWord(written: string, what: string, valid: readonly string[]): string {
  const nearest = nearestWord(written, valid);
  return nearest === undefined
    ? `${written} is not ${what}; expected one of ${valid.join(', ')}`
    : `${written} is not ${what}; did you mean ${nearest}?`;
}
