import { nearestWord, type Problem } from '#terms';
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';

/** A mapping file while it is read: everything wrong with it is collected, so that an engineer sees it all at once. */
export class MappingFile {
  readonly problems: Problem[] = [];
  readonly #lines = new LineCounter();
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  complain(offset: number, message: string): undefined {
    const { line, col } = this.#lines.linePos(offset);
    this.problems.push({ path: this.#path, line: Math.max(line, 1), column: Math.max(col, 1), message });
  }

  /**
   * Reads one YAML 1.2 document in which every scalar is text: a code `0123` stays what it is, and `no` is a word.
   * Aliases, anchors, tags and merge keys are refused, since each makes a line mean more than it says.
   */
  read(text: string): Part | undefined {
    if (text.length > MOST_CHARACTERS) return this.complain(0, `longer than ${MOST_CHARACTERS} characters`);
    let documents: ReturnType<typeof parseAllDocuments>;
    try {
      documents = parseAllDocuments(text, {
        version: '1.2',
        schema: 'failsafe',
        prettyErrors: false,
        uniqueKeys: false,
        logLevel: 'silent',
        lineCounter: this.#lines,
      });
    } catch (error) {
      // The parser descends by recursion; a page of brackets ends in this.
      if (error instanceof RangeError) return this.complain(0, 'nested too deeply');
      throw error;
    }
    const [document, second] = 'empty' in documents ? [] : documents;
    if (document?.contents === undefined || document.contents === null) return this.complain(0, 'the file is empty');
    if (second !== undefined)
      return this.complain(second.range?.[0] ?? 0, 'a file holds one mapping; take out the `---`');
    for (const error of document.errors.slice(0, MOST_ERRORS_OF_FORM))
      this.complain(error.pos[0], `not YAML: ${error.message}`);
    return document.errors.length > 0 ? undefined : this.#part(document.contents, 0, 0);
  }

  #part(node: unknown, near: number, depth: number): Part | undefined {
    if (depth > DEEPEST) return this.complain(near, 'nested too deeply');
    if (isAlias(node)) return this.complain(near, 'an alias (`*`) is not allowed: write it out');
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return this.complain(near, 'a value is missing here');
    const at = node.range?.[0] ?? near;
    if (node.anchor !== undefined || (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:')))
      return this.complain(at, 'anchors (`&`) and tags (`!`) are not allowed');

    if (isScalar(node)) {
      if (typeof node.value !== 'string' || (node.value === '' && node.type === 'PLAIN'))
        return this.complain(near, 'a value is missing here');
      const verbatim = node.type === 'PLAIN' || (node.source ?? '') === node.value;
      const textAt = node.type === 'PLAIN' ? at : node.type?.startsWith('QUOTE') ? at + 1 : undefined;
      return { kind: 'text', at, text: node.value, ...(verbatim && textAt !== undefined ? { textAt } : {}) };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#part(item, at, depth + 1));
      return { kind: 'list', at, items: items.filter((item) => item !== undefined) };
    }
    const entries = new Map<string, Entry>();
    for (const pair of node.items) {
      if (!isPair(pair)) continue;
      const key = this.#part(pair.key, at, depth + 1);
      if (key === undefined) continue;
      if (key.kind !== 'text') this.complain(key.at, 'a key is a word');
      else if (key.text === '<<') this.complain(key.at, 'a merge key (`<<`) is not allowed: write it out');
      else if (entries.has(key.text)) this.complain(key.at, 'this key is written twice');
      else {
        const value = this.#part(pair.value, key.at, depth + 1);
        if (value !== undefined) entries.set(key.text, { keyAt: key.at, value });
      }
    }
    return { kind: 'map', at, entries };
  }

  map(part: Part, what: string): MapPart | undefined {
    return part.kind === 'map' ? part : this.complain(part.at, `${what} is a map (\`key: value\`)`);
  }

  text(part: Part, what: string): TextPart | undefined {
    return part.kind === 'text' && part.text.trim() !== ''
      ? part
      : this.complain(part.at, `${what} is a word or a line of text`);
  }

  /** One word or a list of them. */
  words(part: Part, what: string): readonly TextPart[] {
    const items = part.kind === 'list' ? part.items : [part];
    if (items.length === 0) this.complain(part.at, `${what} is empty`);
    return items.flatMap((item) => this.text(item, `each of ${what}`) ?? []);
  }

  oneOf<Word extends string>(part: Part, valid: readonly Word[], what: string): Word | undefined {
    const text = this.text(part, what);
    if (text === undefined) return undefined;
    const word = valid.find((candidate) => candidate === text.text);
    return word ?? this.complain(part.at, notOneOf(text.text, what, valid));
  }

  /** The values under the keys that may stand in a map; any other key is complained of. */
  keys<Key extends string>(map: MapPart, what: string, allowed: readonly Key[]): ReadonlyMap<Key, Part> {
    const found = new Map<Key, Part>();
    for (const [word, { keyAt, value }] of map.entries) {
      const key = allowed.find((candidate) => candidate === word);
      if (key === undefined) this.complain(keyAt, notOneOf(word, `a key of ${what}`, allowed));
      else found.set(key, value);
    }
    return found;
  }
}

export type Part = TextPart | ListPart | MapPart;
export interface TextPart {
  readonly kind: 'text';
  readonly at: number;
  readonly text: string;
  /** Where its first letter stands, where its letters stand in the file as they are. */
  readonly textAt?: number;
}
export interface ListPart {
  readonly kind: 'list';
  readonly at: number;
  readonly items: readonly Part[];
}
export interface MapPart {
  readonly kind: 'map';
  readonly at: number;
  readonly entries: ReadonlyMap<string, Entry>;
}
interface Entry {
  readonly keyAt: number;
  readonly value: Part;
}

const MOST_CHARACTERS = 256 * 1024;
const DEEPEST = 8;
const MOST_ERRORS_OF_FORM = 20;

/** *`brithDate` is not an element of Patient; did you mean `birthDate`?* */
export function notOneOf(word: string, what: string, valid: Iterable<string>): string {
  const words = [...valid];
  const near = nearestWord(word, words);
  const known = words.length <= 16 ? `; expected one of ${words.join(', ')}` : '';
  return `\`${word}\` is not ${what}${near === undefined ? known : `; did you mean \`${near}\`?`}`;
}
