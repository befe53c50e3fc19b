import { oddCharacter } from './alike.js';
import { nearestWord, parseVocabulary, shortened, TermsError, unseenIn } from './index.js';
import { measureYaml } from './measure-yaml.js';

function problemsOf(text: string): TermsError {
  try {
    parseVocabulary(text, 'v.yaml');
  } catch (error) {
    if (error instanceof TermsError) return error;
    throw error;
  }
  throw new Error('it was read');
}

function section(words: readonly string[]): string {
  return `tags: {${words.map((word) => `${word}: {title: T}`).join(', ')}}`;
}

describe('a hostile vocabulary', () => {
  it.each([
    ['a page of brackets', '['.repeat(200_000), '1:13: nested deeper than 12 levels'],
    ['a megabyte', 'a'.repeat(1_000_000), '1:1: the file is longer than 256 KiB'],
    ['a page of marks', '[]\n'.repeat(30_000), '21846:2: the file has more than 65536 words and marks'],
    [
      'deeper and deeper lines',
      Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      'nested deeper than 12 levels',
    ],
    [
      'more words than a language has',
      section(Array.from({ length: 1_001 }, (_, n) => `t${n}`)),
      'more than 1000 tags',
    ],
    ['a word as long as a page', section(['a'.repeat(10_000)]), 'a... is not spelled as tags are'],
    ['a title as long as a page', `tags: {a: {title: ${'b '.repeat(10_000)}}}`, 'text is longer than 500 characters'],
    [
      'a value that says that none holds',
      'facts: {a: {kind: any of, values: [b, none]}}',
      '`none` says that no value holds',
    ],
    [
      'a value that reads as a condition',
      'facts: {a: {kind: one of, values: [known b]}}',
      'known b is not spelled as values are',
    ],
    [
      'a fact named as what stands beside facts',
      'facts: {purpose: {kind: yes/no}}',
      'purpose is a word of the language',
    ],
    [
      'two answers written as one',
      'facts: {a: {kind: yes/no, most protective first: ["no,unknown", yes]}}',
      '`most protective first` orders yes, no, unknown',
    ],
    [
      'a character that is not drawn',
      'tags: {a: {title: T\u200bU}}',
      '1:20: the invisible character U+200B stands here',
    ],
    ['a comment that turns the line round', '# \u202e\ntags: {}', '1:3: the invisible character U+202E stands here'],
    ['half a character', 'tags: {a: {title: T\ud800}}', '1:20: the invisible character U+D800 stands here'],
    ['an invisible character by its number', 'tags: {a: {title: "T\\u200b"}}', 'holds the invisible character U+200B'],
    [
      'a letter of another script',
      'tаgs: {}',
      'tаgs is not a key of the vocabulary; did you mean tags?; its 2nd character is U+0430',
    ],
  ])('%s', (_, text, message) => {
    const { problems } = problemsOf(text);
    expect(problems.map((one) => `${one.line}:${one.column}: ${one.message}`).join('\n')).toContain(message);
  });

  it.each([
    ['keys written twice', 'a: b\n'.repeat(13_000)],
    ['keys nobody knows', Array.from({ length: 13_000 }, (_, n) => `k${n}: v`).join('\n')],
    ['errors of form', ']'.repeat(60_000)],
    ['anchors', '- &a\n'.repeat(13_000)],
    [
      'words of many letters',
      `tags: {${Array.from({ length: 900 }, (_, n) => `T${n}${'x'.repeat(200)}: a`).join(', ')}}`,
    ],
  ])('many %s are complained of in few and short lines', (_, text) => {
    const { message, problems } = problemsOf(text);
    expect(problems.length).toBeLessThanOrEqual(200);
    expect(message.split('\n').length).toBeLessThanOrEqual(21);
    expect(Math.max(...problems.map((problem) => problem.message.length))).toBeLessThan(400);
  });
});

describe('measuring a page', () => {
  const bounds = { depth: 3, tokens: 100 };

  it('stops where a bound is passed, however long the rest is', () => {
    const rest = 'a'.repeat(100_000);
    expect(measureYaml(`[[[[${rest}`, bounds).beyond).toEqual({ bound: 'depth', offset: 3 });
    expect(measureYaml('[]\n'.repeat(1_000), bounds).tokens).toBe(101);
  });

  it.each([
    ['rule: a\nrules: b', 1],
    ['"rule": a\n\'rule\' : b', 2],
    ['[{rule: a}, {rule: b}]', 2],
    ['title: rule', 0],
    ['title: "rule: a"\n# rule: b', 0],
    ['? rule\n: a', 1],
  ])('counts the keys of %j', (text, keys) => {
    expect(measureYaml(text, { ...bounds, keys: { key: 'rule', most: 5 } }).keys).toBe(keys);
  });
});

describe('words in letters of other scripts', () => {
  it.each([
    ['cоnsеnt', 'consent', 'its 2nd character is U+043E, a Cyrillic letter'],
    ['ｃｏｎｓｅｎｔ', 'consent', 'its 1st character is U+FF43, not one of the letters a to z'],
    ['risκ', 'risk', 'its 4th character is U+03BA, a Greek letter'],
    ['cońsent', 'consent', 'its 3rd character is U+0144, not one of the letters a to z'],
    ['for\u00a0purpose', 'for purpose', 'its 4th character is U+00A0, another kind of space'],
    ['us–health', 'us-health', 'its 3rd character is U+2013, another kind of mark'],
  ])('%s', (written, meant, odd) => {
    expect(nearestWord(written, ['consent', 'risk', 'for purpose', 'us-health'])).toBe(meant);
    expect(oddCharacter(written)).toBe(odd);
  });

  it('says nothing of our own', () => {
    expect(oddCharacter('for purpose')).toBeUndefined();
    expect(nearestWord('x'.repeat(100), ['x'.repeat(99)])).toBeUndefined();
  });
});

it('quotes a line, and no half of a character', () => {
  expect(shortened('a\n\tb')).toBe('a b');
  expect(shortened(`${'a'.repeat(56)}\u{1f600}${'b'.repeat(100)}`)).toBe(`${'a'.repeat(56)}...`);
  expect(shortened('a '.repeat(100_000))).toHaveLength(60);
  expect(shortened('\ud835')).toBe('\ufffd');
});

it('lets a byte order mark open a text, and stand nowhere else', () => {
  expect(unseenIn('\ufeffa\r\n\tb', 9)).toEqual([]);
  expect(unseenIn('a\ufeff\rb\u0000', 2)).toEqual([
    { offset: 1, called: 'U+FEFF' },
    { offset: 2, called: 'U+000D' },
  ]);
});
