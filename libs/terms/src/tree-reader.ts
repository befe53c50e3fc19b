import { oddCharacter } from './alike.js';
import type { Problem } from './error.js';
import { nearestWord } from './nearest-word.js';
import { shortened } from './shortened.js';
import type { MapNode, Position, TreeNode } from './yaml-tree.js';

/** A word as everything in the vocabulary is spelled. */
const WORD = /^[a-z][a-z0-9_]*$/;
/** Part of what people type and of what a decision remembers. */
const LONGEST_WORD = 80;
/** A title is a line. */
const LONGEST_TEXT = 500;
/** Of one section. Ten times what a country's services need. */
const MOST_WORDS = 1_000;
const MOST_IN_A_LIST = 1_000;

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

/** Nobody mends more before looking again, and whoever uploads nonsense is not owed a list of it. */
export const MOST_PROBLEMS = 200;

/** There is more to complain of than anybody reads. Caught where the vocabulary is refused. */
export class TooManyProblems extends Error {}

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
    if (this.problems.length >= MOST_PROBLEMS) throw new TooManyProblems();
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
    if (node.kind === 'map' && node.entries.length > MOST_WORDS) {
      this.complain(node, `more than ${MOST_WORDS} ${what}`);
      return [];
    }
    return this.map(node, what).entries.filter(({ key, keyAt }) => {
      if (spelling.test(key) && key.length <= LONGEST_WORD) return true;
      this.complain(keyAt, misspelt(key, what));
      return false;
    });
  }

  text(node: TreeNode | undefined): string {
    if (node?.kind === 'scalar' && typeof node.value === 'string' && node.value.trim() !== '') {
      if (node.value.length <= LONGEST_TEXT) return node.value;
      this.complain(node, `text is longer than ${LONGEST_TEXT} characters`);
    } else if (node !== undefined) this.complain(node, 'expected text');
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
    if (items.length > MOST_IN_A_LIST) {
      this.complain(node, `a list of more than ${MOST_IN_A_LIST}`);
      return [];
    }
    return items.map((item) => ({ text: this.text(item), at: item }));
  }

  /** Words that are defined here, each spelled as a word. */
  spelled(node: TreeNode | undefined, what: string): string[] {
    return this.texts(node).flatMap(({ text, at }) => {
      if (text === '' || (WORD.test(text) && text.length <= LONGEST_WORD)) return [text];
      this.complain(at, misspelt(text, what));
      return [];
    });
  }

  /** As `texts`, each one of `valid`, none twice. */
  words(node: TreeNode | undefined, what: string, valid: readonly string[]): string[] {
    const words: string[] = [];
    for (const { text, at } of this.texts(node))
      if (text === '') continue;
      else if (!valid.includes(text)) this.complain(at, unknownWord(text, what, valid));
      else if (words.includes(text)) this.complain(at, `${shortened(text)} is written twice`);
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

function misspelt(word: string, what: string): string {
  const odd = oddCharacter(word);
  return `${shortened(word)} is not spelled as ${what} are: small letters, digits and underscores${odd === undefined ? '' : `; ${odd}`}`;
}

function unknownWord(written: string, what: string, valid: readonly string[]): string {
  const nearest = nearestWord(written, valid);
  const odd = oddCharacter(written);
  const because = odd === undefined ? '' : `; ${odd}`;
  if (nearest !== undefined) return `${shortened(written)} is not ${what}; did you mean ${nearest}?${because}`;
  const listed = valid.slice(0, MOST_LISTED).join(', ');
  const more = valid.length > MOST_LISTED ? ` and ${valid.length - MOST_LISTED} more` : '';
  return `${shortened(written)} is not ${what}; expected one of ${listed}${more}${because}`;
}

const MOST_LISTED = 24;
