import type { Draw } from './draw.js';
import { NASTY } from './nasty-texts.js';

/** One change of a text, by characters, by words or by lines. `other` lends what is put in. */
export function mutateText(draw: Draw, text: string, other: string): string {
  return draw.one(CHANGES)(draw, text, other);
}

type Change = (draw: Draw, text: string, other: string) => string;

const CHANGES: readonly Change[] = [
  // Characters.
  (draw, text) => replaced(text, stretch(draw, text, 8), ''),
  (draw, text) => replaced(text, stretch(draw, text, 3), draw.one(NASTY)),
  (draw, text) => replaced(text, stretch(draw, text, 0), draw.one(NASTY)),
  (draw, text) =>
    replaced(text, stretch(draw, text, 1), String.fromCharCode(draw.below(draw.chance(0.8) ? 128 : 65_536))),
  (draw, text) => {
    const [from, to] = stretch(draw, text, 30);
    return replaced(text, [to, to], text.slice(from, to));
  },
  (draw, text) => text.slice(0, draw.below(text.length + 1)),
  // Words.
  (draw, text) => swapWord(draw, text, () => draw.one(NASTY)),
  (draw, text, other) => swapWord(draw, text, () => draw.one(other.match(WORD) ?? ['a'])),
  (draw, text) => swapWord(draw, text, (word) => misspelt(draw, word)),
  (draw, text) => swapWord(draw, text, (word) => lookingAlike(draw, word)),
  // Lines.
  (draw, text) => withLines(text, (lines) => void lines.splice(draw.below(lines.length), 1 + draw.below(3))),
  (draw, text) =>
    withLines(text, (lines) => {
      const at = draw.below(lines.length);
      lines.splice(draw.below(lines.length), 0, ...lines.slice(at, at + 1 + draw.below(4)));
    }),
  (draw, text, other) =>
    withLines(text, (lines) => {
      const lent = other.split('\n');
      const at = draw.below(lent.length);
      lines.splice(draw.below(lines.length), 0, ...lent.slice(at, at + 1 + draw.below(6)));
    }),
  (draw, text) =>
    withLines(text, (lines) => {
      const at = draw.below(lines.length);
      lines[at] = draw.chance(0.5) ? `  ${lines[at]}` : (lines[at] ?? '').replace(/^ {1,2}/, '');
    }),
  (draw, text) => (draw.chance(0.5) ? text.replaceAll('\n', '\r\n') : `\ufeff${text}`),
];

const WORD = /[\w.-]+/g;

function stretch(draw: Draw, text: string, most: number): readonly [from: number, to: number] {
  const from = draw.below(text.length + 1);
  return [from, Math.min(text.length, from + draw.below(most + 1))];
}

function replaced(text: string, [from, to]: readonly [number, number], by: string): string {
  return text.slice(0, from) + by + text.slice(to);
}

function swapWord(draw: Draw, text: string, by: (word: string) => string): string {
  const words = [...text.matchAll(WORD)];
  if (words.length === 0) return text;
  const { 0: word, index } = draw.one(words);
  return replaced(text, [index, index + word.length], by(word));
}

function misspelt(draw: Draw, word: string): string {
  const at = draw.below(word.length);
  const letter = draw.one('abcdefghijklmnopqrstuvwxyz_-.0123456789'.split(''));
  return replaced(word, draw.chance(0.5) ? [at, at] : [at, at + 1], letter);
}

const ALIKE: { readonly [letter: string]: string } = { a: 'а', e: 'е', o: 'о', c: 'с', p: 'р', x: 'х', i: 'і', s: 'ѕ' };

function lookingAlike(draw: Draw, word: string): string {
  return Array.from(word, (letter) => (draw.chance(0.4) ? (ALIKE[letter] ?? letter) : letter)).join('');
}

function withLines(text: string, change: (lines: string[]) => void): string {
  const lines = text.split('\n');
  change(lines);
  return lines.join('\n');
}
