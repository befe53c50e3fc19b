import { type FactName, type FactValue, type Purpose, UNKNOWN, type Vocabulary } from '#terms';
import type { TreatedRole } from './bundle.js';
import type { Attribute, Bitmap, Compiled } from './compile.js';
import { treatedRole } from './hold.js';
import type { Situation } from './situation.js';

/** Attributes that are looked at for every word, without asking in between whether there is still a row: that takes longer. */
const TOGETHER = 3;

/** An attribute, its bitmaps by where they begin. */
interface Column {
  /** The purpose where absent. */
  readonly fact: FactName | undefined;
  readonly ifNobodyHasSaid: FactValue;
  readonly byValue: ReadonlyMap<string, number>;
  readonly unknown: number;
  /** Of a fact with several words: those it can have, and where the rows of several are put together. */
  readonly list:
    { readonly valid: readonly string[]; readonly union: number; readonly treated?: TreatedRole } | undefined;
}

/**
 * Which rows live in a situation, but for her consent. All bitmaps lie one behind the other in one array, so that a question
 * reads along it instead of from one object to the next.
 */
export class LiveRows {
  /** The rows that live by what was settled last. */
  readonly words: Bitmap;
  /** The words in which there are any, in their order, and how many words that is. */
  readonly inhabited: Int32Array;
  count = 0;
  private readonly bits: Int32Array;
  private readonly columns: readonly Column[];
  /** For each column, where the rows begin that live by it. */
  private readonly chosen: Int32Array;
  /** For each column, the word by which they were chosen: in most of them a question is like the one before it. */
  private readonly chosenBy: (FactValue | undefined)[];
  private readonly purposes: Vocabulary['purposes'];

  constructor({ attributes, every, words }: Compiled, { purposes }: Vocabulary) {
    this.words = new Int32Array(words);
    this.inhabited = new Int32Array(words);
    this.purposes = purposes;
    // Where there are fewer attributes than are looked at together, every row lives by those that are missing.
    this.chosen = new Int32Array(Math.max(attributes.length, TOGETHER));
    this.chosenBy = attributes.map(() => undefined);
    const bitmaps: Bitmap[] = [every];
    const placed = (bitmap: Bitmap): number => (bitmaps.push(bitmap) - 1) * words;
    this.columns = attributes.map((attribute) => columnOf(attribute, placed, words));
    this.bits = new Int32Array(bitmaps.length * words);
    for (const [at, bitmap] of bitmaps.entries()) this.bits.set(bitmap, at * words);
  }

  /** The rows whose facts and purpose hold: word by word, so that most words end with the first few attributes. */
  settle({ facts, purpose }: Situation): void {
    const { words, inhabited, bits, columns, chosen, chosenBy } = this;
    for (let at = 0; at < columns.length; at += 1) {
      const column = columns[at]!;
      const { fact } = column;
      const value = fact === undefined ? purpose : (facts.get(fact) ?? column.ifNobodyHasSaid);
      if (column.list !== undefined) chosen[at] = this.meetingSome(column, column.list, value, purpose);
      else if (value !== chosenBy[at]) {
        chosenBy[at] = value;
        chosen[at] = (typeof value === 'string' ? column.byValue.get(value) : undefined) ?? column.unknown;
      }
    }
    const [first, second, third] = [chosen[0]!, chosen[1]!, chosen[2]!];
    let count = 0;
    for (let word = 0; word < words.length; word += 1) {
      let rows = bits[first + word]! & bits[second + word]! & bits[third + word]!;
      if (rows !== 0) {
        for (let at = TOGETHER; at < chosen.length && rows !== 0; at += 1) rows &= bits[chosen[at]! + word]!;
        // Beyond the last row there is none.
        rows &= bits[word]!;
        inhabited[count] = word;
        if (rows !== 0) count += 1;
      }
      words[word] = rows;
    }
    this.count = count;
  }

  isLive(row: number): boolean {
    return (this.words[row >>> 5]! & (1 << (row & 31))) !== 0;
  }

  /** Of a fact with several words, the rows that some word of it meets. */
  private meetingSome(
    { byValue, unknown }: Column,
    { valid, union, treated }: NonNullable<Column['list']>,
    value: FactValue,
    purpose: Purpose,
  ): number {
    const held = listOf(value, valid);
    const words =
      treated === undefined ? held : treatedRole(held, treated, this.purposes.has(purpose) ? purpose : UNKNOWN);
    if (typeof words === 'string') return unknown;
    if (words.length < 2) return byValue.get(words[0] ?? 'none') ?? unknown;
    const { bits } = this;
    const count = this.words.length;
    bits.fill(0, union, union + count);
    for (const word of words) {
      const from = byValue.get(word);
      if (from !== undefined) for (let row = 0; row < count; row += 1) bits[union + row]! |= bits[from + row]!;
    }
    return union;
  }
}

function columnOf(
  { fact, treated, byValue, unknown }: Attribute,
  placed: (bitmap: Bitmap) => number,
  words: number,
): Column {
  const known = fact !== undefined && fact.kind !== 'not in the vocabulary' ? fact : undefined;
  return {
    fact: fact?.name,
    ifNobodyHasSaid: known?.ifNobodyHasSaid ?? UNKNOWN,
    byValue: new Map([...byValue].map(([value, rows]) => [value, placed(rows)])),
    unknown: placed(unknown),
    list:
      known?.kind === 'any of'
        ? { valid: known.values, union: placed(new Int32Array(words)), ...(treated && { treated }) }
        : undefined,
  };
}

/** As a fact of several words is settled: a word that the vocabulary does not have makes it unknown. */
function listOf(value: FactValue, valid: readonly string[]): FactValue {
  const words = typeof value === 'string' ? [value] : value;
  if (words.every((word) => valid.includes(word))) return words;
  return words.every((word) => word === 'none') ? [] : UNKNOWN;
}
