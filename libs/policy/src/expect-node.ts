import { nearestWord, oddCharacter, shortened } from '#terms';
import { complain, type Source, type YamlList, type YamlMap, type YamlNode, type YamlText } from './read-yaml.js';

export function expectMap(source: Source, node: YamlNode, what: string): YamlMap | undefined {
  return node.kind === 'map' ? node : complain(source, node, `${what} is a map (\`key: value\`), not ${aKind(node)}`);
}

export function expectList(source: Source, node: YamlNode, what: string): YamlList | undefined {
  if (node.kind !== 'list')
    return complain(source, node, `${what} is a list (\`[a, b]\` or lines with \`-\`), not ${aKind(node)}`);
  return node.items.length > 0 ? node : complain(source, node, `${what} is empty`);
}

export function expectText(source: Source, node: YamlNode, what: string): YamlText | undefined {
  if (node.kind !== 'text') return complain(source, node, `${what} is a word or a line of text, not ${aKind(node)}`);
  if (node.text.trim() === '') return complain(source, node, `${what} is empty`);
  return node;
}

/** A word, or several that are alternatives. */
export function expectWords(source: Source, node: YamlNode, what: string): readonly YamlText[] {
  if (node.kind === 'text') return [node];
  const list = expectList(source, node, what);
  return (list?.items ?? []).flatMap((item) => expectText(source, item, `each of ${what}`) ?? []);
}

/** Text that people read: bounded, so that nobody hides a page in it. */
export function expectSentence(source: Source, node: YamlNode, what: string): string | undefined {
  const text = expectText(source, node, what);
  if (text === undefined) return undefined;
  if (text.text.length > 500) return complain(source, node, `${what} is longer than 500 characters`);
  return text.text.trim();
}

/** `yes`, or left out. */
export function expectYes(source: Source, node: YamlNode, what: string): boolean {
  if (node.kind === 'text' && node.text === 'yes') return true;
  complain(source, node, `${what} is \`yes\` or is left out`);
  return false;
}

/** The values of a map under the keys that may stand in it; every other key is complained of. */
export function expectKeys<Key extends string>(
  source: Source,
  map: YamlMap,
  what: string,
  keys: readonly Key[],
): ReadonlyMap<Key, YamlNode> {
  const found = new Map<Key, YamlNode>();
  let wrong = 0;
  for (const { key, value } of map.entries) {
    const known = keys.find((candidate) => candidate === key.text);
    if (known !== undefined) {
      found.set(known, value);
      continue;
    }
    wrong += 1;
    if (wrong > MOST_WRONG_KEYS) complain(source, key, `and more keys that are not of ${what}`);
    if (wrong > MOST_WRONG_KEYS) break;
    complain(source, key, notOneOf(key.text, `a key of ${what}`, keys));
  }
  return found;
}

const MOST_WRONG_KEYS = 20;

/** *`cover` is not a value of consent; expected one of agreed, refused.* */
export function notOneOf(word: string, what: string, valid: Iterable<string>): string {
  const words = [...valid];
  const meant = meantPerhaps(word, words);
  const listed = words.join(', ');
  const said = `\`${shortened(word)}\` is not ${what}${meant}`;
  if (words.length === 0 || words.length > MOST_WORDS_LISTED || listed.length > MOST_CHARACTERS_LISTED) return said;
  return meant === ''
    ? `${said}; expected one of ${listed}`
    : `${said}${meant.endsWith('?') ? '' : '.'} Expected one of ${listed}`;
}

const MOST_WORDS_LISTED = 24;
const MOST_CHARACTERS_LISTED = 600;

/** What was probably meant; and where a character is none of the language's, which, since it may look like one. */
export function meantPerhaps(word: string, valid: Iterable<string>): string {
  const near = nearestWord(word, valid);
  const odd = oddCharacter(word);
  if (near === undefined) return odd === undefined ? '' : `; ${odd}`;
  return `; did you mean \`${near}\`?${odd === undefined ? '' : ` I${odd.slice(1)}`}`;
}

function aKind(node: YamlNode): string {
  return node.kind === 'text' ? `\`${shortened(node.text)}\`` : `a ${node.kind}`;
}
