import { Lexer, LineCounter, isAlias, isMap, isPair, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Problem } from '#terms';

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
}

/** Policies come from people's uploads. A file of rules that a person can read is far below each of these. */
export const MOST_CHARACTERS_IN_A_FILE = 256 * 1024;
const DEEPEST = 12;
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

  const tooDeep = placeTooDeep(text);
  if (tooDeep !== undefined) return complain(source, lineAndColumn(text, tooDeep), nestedTooDeep);

  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'failsafe',
    merge: false,
    // Compared pair by pair, a map of 10,000 keys would take a minute; keys are compared below.
    uniqueKeys: false,
    prettyErrors: false,
    strict: true,
    logLevel: 'silent',
    lineCounter: lines,
  });
  const [document, second] = 'empty' in documents ? [] : documents;
  if (document === undefined || document.contents === null) return complain(source, start, 'the file is empty');
  if (second !== undefined)
    return complain(source, at(second.range[0]), 'a file holds one document; remove what follows `---`');
  for (const error of document.errors.slice(0, MOST_PROBLEMS_OF_FORM))
    complain(source, at(error.pos[0]), `not YAML: ${firstLine(error.message)}`);
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
      const hidden = hiddenCharacter.exec(node.value)?.[0];
      if (hidden !== undefined)
        return complain(source, here, `holds the invisible character U+${hex(hidden)}; type the line anew`);
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

/** What a message may quote of a file: enough to find it, never a page of it. */
export function shortened(text: string, most = 60): string {
  const line = text.slice(0, 4 * most).replaceAll(/\s+/g, ' ');
  return line.length > most ? `${line.slice(0, most - 3)}...` : line;
}

const nestedTooDeep = `nested more than ${DEEPEST} deep; no rule needs that`;
/** Control characters, and those that make text read other than it is stored. */
const hiddenCharacter = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

function firstLine(message: string): string {
  return shortened(message.split('\n', 1)[0] ?? '', 120);
}

/**
 * The parser recurses, so that a page of brackets would end the process rather than the parsing. Tokens come one by one:
 * they are counted first.
 */
function placeTooDeep(text: string): number | undefined {
  let offset = 0;
  let brackets = 0;
  let dashesOnLine = 0;
  for (const token of new Lexer().lex(text)) {
    const first = token[0];
    if (first === '\u0002' || first === '\u0018' || first === '\u001f') continue;
    if (first === '[' || first === '{') brackets += 1;
    else if (first === ']' || first === '}') brackets -= 1;
    else if (token === '\n' || token === '\r\n') dashesOnLine = 0;
    else if (token === '-' || token === '?') dashesOnLine += 1;
    if (brackets > DEEPEST || dashesOnLine > DEEPEST) return offset;
    offset += token.length;
  }
  return undefined;
}

function lineAndColumn(text: string, offset: number): { at: At } {
  const before = text.slice(0, offset).split('\n');
  return { at: { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 } };
}
