import { isDate, instantOf, nearestWord, type Instant } from '#terms';
import { type Flaw, WebError } from '#web';

const MOST_FLAWS = 20;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads a body whose shape is already right, word by word: each must be one that we know, and every one that is not is
 * named together with the nearest that is. `check` throws them all at once.
 */
export class Words {
  readonly #flaws: Flaw[] = [];

  /** A word of ours, or a flaw. What is returned for a flawed word must not be used before `check`. */
  known<W extends string>(written: string, words: { has(word: W): boolean; keys(): Iterable<W> }, pointer: string): W {
    if (words.has(written as W)) return written as W;
    const meant = nearestWord(written, words.keys());
    const detail = meant === undefined ? 'is not a word that we know' : `is not known; did you mean ${meant}?`;
    return this.flawed(written as W, pointer, detail);
  }

  /** A list of different words of ours. */
  all<W extends string>(
    written: readonly string[],
    words: { has(word: W): boolean; keys(): Iterable<W> },
    pointer: string,
  ): readonly W[] {
    if (new Set(written).size === written.length && written.every((word) => words.has(word as W)))
      return written as readonly W[];
    for (const [index, word] of written.entries()) {
      this.known(word, words, `${pointer}/${index}`);
      if (written.indexOf(word) < index) this.flaw(`${pointer}/${index}`, 'is given twice');
    }
    return written as readonly W[];
  }

  /** A moment such as `2026-11-22T14:00:00Z`, never without its offset. */
  instant(written: string, pointer: string): Instant {
    const moment = INSTANT.test(written) && isDate(written.slice(0, 10)) ? Date.parse(written) : Number.NaN;
    return Number.isNaN(moment)
      ? this.flawed(instantOf(0), pointer, 'is not a moment such as 2026-11-22T14:00:00Z')
      : instantOf(moment);
  }

  /** What must be there, given what else is. */
  needed<T>(value: T | undefined, pointer: string, because: string): T {
    if (value === undefined) this.flaw(pointer, `is needed ${because}`);
    return value as T;
  }

  /** What must not be there, given what else is. */
  absent(value: unknown, pointer: string, because: string): void {
    if (value !== undefined) this.flaw(pointer, `does not belong ${because}`);
  }

  flaw(pointer: string, detail: string): void {
    this.#flaws.push({ pointer, detail });
  }

  /** Notes a flaw and returns what stands in for the word that was wanted: once there is a flaw, nothing is used. */
  flawed<T>(standIn: T, pointer: string, detail: string): T {
    this.flaw(pointer, detail);
    return standIn;
  }

  check(): void {
    if (this.#flaws.length === 0) return;
    throw new WebError('BODY_INVALID', 'the body uses words that do not fit', this.#flaws.slice(0, MOST_FLAWS));
  }
}

/** A moment as it goes over the wire. */
export function momentOf(instant: number): string {
  return new Date(instant).toISOString();
}
