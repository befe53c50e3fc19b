import { LineCounter, isAlias, isMap, isPair, isScalar, isSeq, parseAllDocuments } from 'yaml';
import { measureYaml, type Problem, shortened, unseenIn } from '#terms';

/** Where in a file something stands; both start at 1. */
export interface At {
  readonly line: number;
  readonly column: number;
}

/** YAML as the language sees it: every scalar is text, every key is text, and everything knows where it stands. */
export type YamlNode = YamlText | YamlList | YamlMap;

export interface YamlText {
  readonly kind: 'text';
  readonly at: At;
  readonly text: string;
}

export interface YamlList {
  readonly kind: 'list';
  readonly at: At;
  readonly items: readonly YamlNode[];
}

export interface YamlMap {
  readonly kind: 'map';
  readonly at: At;
  readonly entries: readonly { readonly key: YamlText; readonly value: YamlNode }[];
}

/** A file while it is read: what is wrong with it is collected, so that an officer sees everything at once. */
export interface Source {
  readonly path: string;
  readonly problems: Problem[];
}

export function complain(source: Source, { at }: { readonly at: At }, message: string): undefined {
  source.problems.push({ path: source.path, line: at.line, column: at.column, message });
  if (source.problems.length >= MOST_PROBLEMS) throw new TooManyProblems();
}

/** There is more to complain of than anybody reads. Caught where the text is refused. */
export class TooManyProblems extends Error {}

/** Nobody mends more before looking again, and whoever uploads nonsense is not owed a list of it. */
export const MOST_PROBLEMS = 200;

/** Policies come from people's uploads. A file of rules that a person can read is far below each of these. */
export const MOST_CHARACTERS_IN_A_FILE = 256 * 1024;
export const MOST_TOKENS_IN_A_FILE = 64 * 1024;
export const DEEPEST = 12;
const MOST_PROBLEMS_OF_FORM = 20;

/**
 * Reads one YAML 1.2 document, or complains and returns nothing. Anchors, aliases, tags, merge keys and directives are
 * refused: each lets a rule mean something other than what it says where it stands.
 */
export function readYaml(source: Source, text: string): YamlNode | undefined {
  const start = { at: { line: 1, column: 1 } };
  if (text.length > MOST_CHARACTERS_IN_A_FILE)
    return complain(
      source,
      start,
      `the file is longer than ${MOST_CHARACTERS_IN_A_FILE / 1024} KiB; split it by subject`,
    );

  const lines = new LineCounter();
  const at = (offset: number): { at: At } => {
    const { line, col } = lines.linePos(offset);
    return { at: { line: Math.max(line, 1), column: Math.max(col, 1) } };
  };

  const unseen = unseenIn(text, MOST_PROBLEMS_OF_FORM);
  for (const { offset, called } of unseen)
    complain(source, lineAndColumn(text, offset), `the invisible character ${called} stands here; type the line anew`);
  if (unseen.length > 0) return undefined;
  const { beyond } = measureYaml(text, { depth: DEEPEST, tokens: MOST_TOKENS_IN_A_FILE });
  if (beyond !== undefined)
    return complain(
      source,
      lineAndColumn(text, beyond.offset),
      beyond.bound === 'depth'
        ? nestedTooDeep
        : `the file has more than ${MOST_TOKENS_IN_A_FILE} words and marks; split it by subject`,
    );

  const documents = documentsIn(text, lines);
  if (documents === undefined) return complain(source, start, nestedTooDeep);
  const [document, second] = 'empty' in documents ? [] : documents;
  if (document === undefined || document.contents === null) return complain(source, start, 'the file is empty');
  if (second !== undefined)
    return complain(source, at(second.range[0]), 'a file holds one document; remove what follows `---`');
  for (const error of document.errors.slice(0, MOST_PROBLEMS_OF_FORM))
    complain(source, at(error.pos[0]), `not YAML: ${firstLine(error.message)}`);
  // Of so many errors the rest of the folder would bring only more.
  if (document.errors.length > MOST_PROBLEMS_OF_FORM) throw new TooManyProblems();
  if (document.errors.length > 0) return undefined;
  if (document.directives.yaml.explicit === true || Object.keys(document.directives.tags).length > 1)
    return complain(source, start, 'directives (`%YAML`, `%TAG`) are not part of the language');

  const before = source.problems.length;
  const tree = convert(document.contents, 1);
  // Half a file would bring complaints about the other half.
  return source.problems.length === before ? tree : undefined;

  function convert(node: unknown, depth: number): YamlNode | undefined {
    if (isAlias(node))
      return complain(source, at(node.range?.[0] ?? 0), 'aliases (`*name`) are not part of the language; write it out');
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return complain(source, start, 'a value is missing');
    const here = at(node.range?.[0] ?? 0);
    if (depth > DEEPEST) return complain(source, here, nestedTooDeep);
    if (node.anchor !== undefined)
      return complain(source, here, 'anchors (`&name`) are not part of the language; write it out');
    if (node.tag !== undefined) return complain(source, here, 'tags (`!name`) are not part of the language');

    if (isScalar(node)) {
      if (typeof node.value !== 'string') return complain(source, here, 'a value is missing');
      // The text as it stands was looked through; by an escape a word may hold what the text does not.
      const [escaped] = node.type === 'QUOTE_DOUBLE' ? unseenIn(node.value, 1) : [];
      if (escaped !== undefined)
        return complain(source, here, `holds the invisible character ${escaped.called}; type the line anew`);
      return { kind: 'text', ...here, text: node.value };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => convert(item, depth + 1));
      return { kind: 'list', ...here, items: items.filter((item) => item !== undefined) };
    }
    const entries: { key: YamlText; value: YamlNode }[] = [];
    const seen = new Set<string>();
    for (const pair of node.items) {
      if (!isPair(pair)) continue;
      const key = convert(pair.key, depth + 1);
      if (key === undefined) continue;
      if (key.kind !== 'text') {
        complain(source, key, 'a key is a word, not a list or a map');
        continue;
      }
      if (key.text === '<<') {
        complain(source, key, 'merge keys (`<<`) are not part of the language; write it out');
        continue;
      }
      if (seen.has(key.text)) {
        complain(source, key, `\`${shortened(key.text)}\` stands here twice`);
        continue;
      }
      seen.add(key.text);
      if (pair.value === null || (isScalar(pair.value) && pair.value.value === '' && pair.value.type === 'PLAIN')) {
        complain(source, key, `\`${shortened(key.text)}\` has no value`);
        continue;
      }
      const value = convert(pair.value, depth + 1);
      if (value !== undefined) entries.push({ key, value });
    }
    return { kind: 'map', ...here, entries };
  }
}

const nestedTooDeep = `nested more than ${DEEPEST} deep; no rule needs that`;
function firstLine(message: string): string {
  return shortened(message.split('\n', 1)[0] ?? '', 120);
}

function documentsIn(text: string, lineCounter: LineCounter) {
  try {
    return parseAllDocuments(text, {
      version: '1.2',
      schema: 'failsafe',
      merge: false,
      // Compared pair by pair, a map of 10,000 keys would take a minute; keys are compared as they are read.
      uniqueKeys: false,
      prettyErrors: false,
      strict: true,
      logLevel: 'silent',
      lineCounter,
    });
  } catch (error) {
    // Deeper and deeper lines, which no bracket gives away, may exhaust the stack that the library descends by.
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

export function lineAndColumn(text: string, offset: number): { at: At } {
  const before = text.slice(0, offset).split('\n');
  return { at: { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 } };
}
