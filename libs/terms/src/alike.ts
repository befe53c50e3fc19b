import { codePoint } from './unseen.js';

/** Letters of other scripts that look like ours: after Unicode's list of confusables, those that fonts draw the same. */
const ALIKE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: 'аɑα',
    b: 'Ьƅ',
    c: 'сϲ',
    d: 'ԁ',
    e: 'еҽ',
    g: 'ɡց',
    h: 'һհ',
    i: 'іıιɩ',
    j: 'јϳ',
    k: 'кκ',
    l: 'ӏΙ',
    m: 'м',
    n: 'ոռп',
    o: 'оοօσ',
    p: 'рρ',
    q: 'ԛգ',
    r: 'г',
    s: 'ѕſ',
    t: 'тτ',
    u: 'υսц',
    v: 'νѵ',
    w: 'ԝա',
    x: 'хχ',
    y: 'уγү',
    z: 'ᴢ',
    '-': '‐‑‒–—−',
    "'": '‘’',
    '"': '“”',
  }).flatMap(([ours, theirs]) => Array.from(theirs, (letter) => [letter, ours] as const)),
);

/** A word in the letters that it seems to be written in: `cоnsеnt` with two Cyrillic letters becomes `consent`. */
export function asItLooks(word: string): string {
  if (isOurs(word)) return word;
  const plain = word.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  return Array.from(plain, (letter) => ALIKE.get(letter) ?? letter).join('');
}

const SCRIPTS: readonly (readonly [RegExp, string])[] = [
  [/\p{Script=Cyrillic}/u, 'a Cyrillic letter'],
  [/\p{Script=Greek}/u, 'a Greek letter'],
  [/\p{Script=Armenian}/u, 'an Armenian letter'],
  [/\p{M}/u, 'an accent of its own'],
  [/\p{L}/u, 'not one of the letters a to z'],
  [/\p{Z}/u, 'another kind of space'],
  [/\p{P}/u, 'another kind of mark'],
];

/**
 * The first character of a word that no word of ours has, since it may look as if it had.
 *
 * @example oddCharacter('cоnsent') // 'its 2nd character is U+043E, a Cyrillic letter'
 */
export function oddCharacter(word: string): string | undefined {
  if (isOurs(word)) return undefined;
  const characters = Array.from(word);
  const at = characters.findIndex((character) => !isOurs(character));
  const odd = characters[at] ?? '';
  const kind = SCRIPTS.find(([script]) => script.test(odd))?.[1] ?? 'not one of the letters a to z';
  return `its ${nth(at + 1)} character is ${codePoint(odd)}, ${kind}`;
}

function isOurs(text: string): boolean {
  return /^[\t\n\r -~]*$/.test(text);
}

function nth(place: number): string {
  const last = place % 10;
  const suffix = place % 100 > 10 && place % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][last] ?? 'th');
  return `${place}${suffix}`;
}
