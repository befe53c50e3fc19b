import * as fc from 'fast-check';
import { visit } from 'jsonc-parser';
import { WebError } from './error.js';
import { readJson } from './read-json.js';

const withCode = (code: string) => expect.objectContaining({ name: 'WebError', code });
const read = (text: string) => readJson(Buffer.from(text));

/** Slow and plain: a parser that calls back for every key. */
function repeatsAKey(text: string): boolean {
  const seen: Set<string>[] = [];
  let repeats = false;
  visit(text, {
    onObjectBegin: () => void seen.push(new Set()),
    onObjectEnd: () => void seen.pop(),
    onObjectProperty: (key) => {
      repeats ||= seen.at(-1)?.has(key) === true;
      seen.at(-1)?.add(key);
    },
  });
  return repeats;
}

function outcome(text: string): unknown {
  try {
    return { value: read(text) };
  } catch (error) {
    return error instanceof WebError ? error.code : error;
  }
}

describe('readJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ depthSize: 'small', maxDepth: 8 }), (text) => {
        fc.pre(!text.includes('__proto__') && !text.includes('\\'));
        expect(read(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 200 },
    );
  });

  it('finds every key that is given twice, and no other', () => {
    const key = fc.constantFrom('"a"', '"b"', '":"', '"{"', '"]"', '""');
    const { value } = fc.letrec<{ value: string; object: string; list: string }>((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, key, fc.constantFrom('1', 'null', '"\\\\\\":"'), tie('object'), tie('list')),
      object: fc
        .array(fc.tuple(key, tie('value')), { maxLength: 3 })
        .map((all) => `{${all.map(([k, v]) => `${k}: ${v}`).join(',')}}`),
      list: fc.array(tie('value'), { maxLength: 3 }).map((all) => `[${all.join(' , ')}]`),
    }));
    let repeated = 0;
    fc.assert(
      fc.property(value, (text) => {
        const repeats = repeatsAKey(text);
        if (repeats) repeated += 1;
        expect(outcome(text)).toEqual(repeats ? 'JSON_DUPLICATE_KEY' : { value: JSON.parse(text) as unknown });
      }),
      { numRuns: 500 },
    );
    expect(repeated).toBeGreaterThan(5);
  });

  it.each(['"\\u0061"', '"a\\""', '"\\\\"', '"\\n"', '"a\\/"'])(
    'refuses the key %s, since the runtime may misread it',
    (key) => {
      expect(() => read(`{"x":"y",${key}:1}`)).toThrow(withCode('JSON_TEXT_REFUSED'));
      expect(() => read(`{"x":"\\\\", ${key} : 1}`)).toThrow(withCode('JSON_TEXT_REFUSED'));
      expect(read(`{"x":${key},"y":[${key},1],"z":1}`)).toHaveProperty('z', 1);
    },
  );

  it('names the key that is given twice, and where', () => {
    expect(() => read('{"a":{"b":[{"c":1,"c":2}]}}')).toThrow(
      expect.objectContaining({ flaws: [{ pointer: '#/a/b/0/c', detail: 'is given twice' }] }),
    );
  });

  it.each<[string, string, string]>([
    ['nothing', '', 'JSON_MALFORMED'],
    ['half an object', '{"a":1', 'JSON_MALFORMED'],
    ['half a text', '{"a":"', 'JSON_MALFORMED'],
    ['a byte order mark', '\uFEFF{}', 'JSON_MALFORMED'],
    ['a comment', '{/* */}', 'JSON_MALFORMED'],
    ['a trailing comma', '{"a":1,}', 'JSON_MALFORMED'],
    ['two values', '{}{}', 'JSON_MALFORMED'],
    ['NaN', 'NaN', 'JSON_MALFORMED'],
    ['a prototype', '{"__proto__":{"admin":true}}', 'JSON_TEXT_REFUSED'],
    ['a prototype in disguise', '{"\\u005f_proto__":1}', 'JSON_TEXT_REFUSED'],
    ['NUL', '{"a":"x\\u0000y"}', 'JSON_TEXT_REFUSED'],
    ['NUL in a key', '{"x\\u0000y":1}', 'JSON_TEXT_REFUSED'],
    ['half a character', '{"a":"\\ud800"}', 'JSON_TEXT_REFUSED'],
    ['an infinite number', '{"a":1e999}', 'JSON_TEXT_REFUSED'],
    ['a list 17 deep', `${'['.repeat(17)}${']'.repeat(17)}`, 'JSON_TOO_DEEP'],
    ['a list 60,000 deep', '['.repeat(60_000), 'JSON_TOO_DEEP'],
    ['objects 60,000 deep', '{"a":'.repeat(12_000), 'JSON_TOO_DEEP'],
  ])('refuses %s', (_, text, code) => {
    expect(() => read(text)).toThrow(withCode(code));
  });

  it.each<[string, number[]]>([
    ['a lone continuation', [0x22, 0x80, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['Latin-1', [0x22, 0xe9, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])('refuses %s', (_, bytes) => {
    expect(() => readJson(Uint8Array.from(bytes))).toThrow(withCode('JSON_NOT_UTF8'));
  });

  it('never quotes what was sent', () => {
    for (const text of ['{"name":"Mara" "x"}', '{"Mara":1e999}', '"Mara\\u0000"', '{"Mara":1,"Mara":2}'])
      expect(() => read(text)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('Mara') as string }),
      );
  });

  it('takes 16 levels', () => {
    expect(read(`${'['.repeat(16)}${']'.repeat(16)}`)).toBeInstanceOf(Array);
  });
});
