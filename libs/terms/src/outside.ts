import { type Instant, instantOf } from './instant.js';

const LONGEST_NAME = 256;
const LONGEST_TEXT = 4_000;
const LONGEST_LIST = 1_000;
/** Control characters would let a stored name forge a line of a log. */
const PRINTABLE = /^[^\p{Cc}]+$/u;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/**
 * A value from outside (a request, a file, our own database), read word by word. Whatever was not expected is an error
 * of the reading room's own class. Problems name places, never values: a stored record may be about somebody.
 *
 * @example
 * const record = Outside.of(json, (problem) => new ConsentError('CONSENT_RECORD_INVALID', problem));
 * const state = record.closed(['state', 'id']).get('state').word(['draft', 'active']);
 */
export class Outside {
  readonly #value: unknown;
  readonly #place: string;
  readonly #error: (problem: string) => Error;

  private constructor(value: unknown, place: string, error: (problem: string) => Error) {
    this.#value = value;
    this.#place = place;
    this.#error = error;
  }

  static of(value: unknown, error: (problem: string) => Error): Outside {
    return new Outside(value, 'the record', error);
  }

  /** An object with these keys, perhaps these others, and no further ones. */
  closed(keys: readonly string[], optional: readonly string[] = []): this {
    const object = this.#object();
    for (const key of keys) if (!Object.hasOwn(object, key)) this.fail(`lacks ${key}`);
    for (const key of Object.keys(object))
      if (!keys.includes(key) && !optional.includes(key)) this.fail('has a key that does not belong there');
    return this;
  }

  get(key: string): Outside {
    const object = this.#object();
    const value: unknown = Object.hasOwn(object, key) ? object[key] : undefined;
    return new Outside(value, `${this.#place}.${key}`, this.#error);
  }

  /** What `read` makes of a key that may be absent, as a property to spread. An absent one stays absent. */
  optional<K extends string, T>(key: K, read: (value: Outside) => T): { readonly [P in K]?: T } {
    const value = this.get(key);
    if (value.#value === undefined) return {};
    const found: { [P in K]?: T } = {};
    found[key] = read(value);
    return found;
  }

  word<W extends string>(words: readonly W[]): W {
    const found = words.find((word) => word === this.#value);
    return found ?? this.fail(`is none of ${words.join(', ')}`);
  }

  isList(): boolean {
    return Array.isArray(this.#value);
  }

  isText(): boolean {
    return typeof this.#value === 'string';
  }

  /** An id or a name: one line, not empty. */
  name(): string {
    const text = this.#text(LONGEST_NAME);
    return PRINTABLE.test(text) ? text : this.fail('is not a name');
  }

  /** Words a person wrote; may run over several lines. */
  text(): string {
    return this.#text(LONGEST_TEXT);
  }

  /** A hash, as `bytes` bytes of lower-case hex. */
  hex(bytes: number): string {
    const text = this.#text(2 * bytes);
    return text.length === 2 * bytes && /^[0-9a-f]+$/.test(text) ? text : this.fail(`is not ${bytes} bytes of hex`);
  }

  /** A day that exists, such as `2028-02-29`. */
  date(): string {
    const text = this.#text(10);
    return isDate(text) ? text : this.fail('is not a date');
  }

  instant(): Instant {
    return instantOf(this.wholeNumber());
  }

  wholeNumber(): number {
    const value = this.#value;
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : this.fail('is not a whole number');
  }

  yesOrNo(): boolean {
    return typeof this.#value === 'boolean' ? this.#value : this.fail('is neither true nor false');
  }

  list<T>(read: (item: Outside) => T): T[] {
    const value: unknown = this.#value;
    if (!Array.isArray(value)) return this.fail('is not a list');
    if (value.length > LONGEST_LIST) return this.fail('is too long');
    return value.map((item: unknown, index) => read(new Outside(item, `${this.#place}[${index}]`, this.#error)));
  }

  fail(problem: string): never {
    throw this.#error(`${this.#place} ${problem}`);
  }

  #text(longest: number): string {
    const value = this.#value;
    if (typeof value !== 'string' || value.length === 0) return this.fail('is not text');
    return value.length > longest ? this.fail('is too long') : value;
  }

  #object(): { readonly [key: string]: unknown } {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.fail('is not an object');
    return value as { readonly [key: string]: unknown };
  }
}

/** Whether this names a day of the calendar: `2027-02-29` does not. */
export function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}
