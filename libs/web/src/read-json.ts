import { isUtf8 } from 'node:buffer';
import { visit } from 'jsonc-parser';
import { WebError } from './error.js';

export const DEEPEST = 16;

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
const CURLY_OPEN = 123;
const CURLY_CLOSE = 125;
const SQUARE_OPEN = 91;
const SQUARE_CLOSE = 93;

/**
 * Reads JSON that means one thing only. Refused: bytes that are not UTF-8, nesting deeper than 16, a key given twice
 * (two readers, two meanings: a check and a use could disagree), `__proto__`, NUL and half characters in text (storage
 * refuses or changes them, so what was signed is not what is kept), escapes in keys, numbers beyond what a number holds.
 *
 * @example readJson(Buffer.from('{"subject":"h-1","subject":"h-2"}')) // throws WebError JSON_DUPLICATE_KEY
 */
export function readJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw new WebError('JSON_NOT_UTF8', 'the body is not UTF-8');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const members = measure(text);
  const value = parse(text);
  // `JSON.parse` keeps the last of two equal keys, so the value has exactly as many members as the text if and only if
  // no key was given twice. Five times cheaper than a parser that watches keys, and it runs for every question.
  if (check(value) !== members) throw duplicateIn(text);
  return value;
}

/**
 * Counts the members written in the text; refuses depth, before anything recursive looks at it, and keys with escapes.
 *
 * Escaped keys: V8 13 takes the key `"\u0062"` for `"\\"` where an object it parsed before went on like that, be it
 * another caller's; no name that we know needs an escape. The test shows whether the runtime still does it.
 */
function measure(text: string): number {
  let depth = 0;
  let members = 0;
  let backslash = text.indexOf('\\');
  let escaped = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (backslash !== -1 && backslash < at) backslash = text.indexOf('\\', at);
        escaped = backslash !== -1 && backslash < end;
        at = end;
        break;
      }
      case COLON:
        if (escaped) throw new WebError('JSON_TEXT_REFUSED', 'the body holds a key with an escape');
        members += 1;
        break;
      case CURLY_OPEN:
      case SQUARE_OPEN:
        depth += 1;
        if (depth > DEEPEST) throw new WebError('JSON_TOO_DEEP', `the body nests deeper than ${DEEPEST}`);
        break;
      case CURLY_CLOSE:
      case SQUARE_CLOSE:
        depth -= 1;
        break;
      default:
    }
  }
  return members;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 1) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's message quotes the text around the mistake.
    throw new WebError('JSON_MALFORMED', 'the body is not JSON');
  }
}

/** Counts the members that survived and refuses what we could not keep as it was said. At most `DEEPEST` deep. */
function check(value: unknown): number {
  if (typeof value === 'string') {
    checkText(value);
    return 0;
  }
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new WebError('JSON_TEXT_REFUSED', 'the body holds a number too large for a number');
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += check(item);
    return members;
  }
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') throw new WebError('JSON_TEXT_REFUSED', 'the body holds a key __proto__');
    checkText(key);
    members += 1 + check(item);
  }
  return members;
}

function checkText(text: string): void {
  if (!text.isWellFormed() || text.includes('\0'))
    throw new WebError('JSON_TEXT_REFUSED', 'the body holds text with NUL or half a character');
}

/** Slow, and only for the words: which key, where. */
function duplicateIn(text: string): WebError {
  const seen: Set<string>[] = [];
  let found: { key: string; at: (string | number)[] } | undefined;
  visit(text, {
    onObjectBegin: () => {
      seen.push(new Set());
    },
    onObjectEnd: () => {
      seen.pop();
    },
    onObjectProperty: (key, _offset, _length, _line, _character, path) => {
      if (seen.at(-1)?.has(key)) found ??= { key, at: path() };
      seen.at(-1)?.add(key);
    },
  });
  const flaws = found === undefined ? [] : [{ pointer: pointer([...found.at, found.key]), detail: 'is given twice' }];
  return new WebError('JSON_DUPLICATE_KEY', 'the body gives one key twice', flaws);
}

/** A JSON Pointer (RFC 6901) as a fragment; long keys are cut, since a caller may send anything as a key. */
export function pointer(path: readonly (string | number)[]): string {
  return `#${path.map((step) => `/${String(step).slice(0, 80).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`;
}
