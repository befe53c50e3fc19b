/** Why a text is not the JSON that we take. */
export class NotJson extends Error {}

const DEEPEST = 40;

/**
 * Parses JSON that means one thing: no key twice in an object (whoever checks the first and whoever reads the last would
 * see two different people), and nested no deeper than a reader can follow.
 */
export function parseJson(text: string): unknown {
  let parsed: unknown;
  try {
    // The runtime's parser descends by recursion only as far as its stack, and says so.
    parsed = JSON.parse(text);
  } catch {
    throw new NotJson('is not JSON');
  }
  refuseAmbiguous(text);
  return parsed;
}

/** One pass over a text that is known to be JSON, so that quotes, brackets and colons are where they must be. */
function refuseAmbiguous(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        const keys = open.at(-1);
        if (keys !== undefined && isKey(text, end)) {
          const written = text.slice(at, end);
          // `"a"` and `"\u0061"` are one key.
          const key = written.includes('\\') ? String(JSON.parse(written)) : written.slice(1, -1);
          if (keys.has(key)) throw new NotJson('holds a key twice');
          keys.add(key);
        }
        at = end - 1;
        break;
      }
      case OPEN_OBJECT:
        open.push(new Set());
        break;
      case OPEN_ARRAY:
        open.push(undefined);
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open.pop();
        break;
    }
    if (open.length > DEEPEST) throw new NotJson('is nested too deeply');
  }
}

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

function isKey(text: string, after: number): boolean {
  let at = after;
  while (text.charCodeAt(at) <= 0x20) at++;
  return text.charCodeAt(at) === COLON;
}
