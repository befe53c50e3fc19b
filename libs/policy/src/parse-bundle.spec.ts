import { setTimeout as sleep } from 'node:timers/promises';
import { smallBundle, smallFiles, vocabulary } from '../test/small-policies.js';
import { CASES, WRONG } from '../test/wrong-policies.js';
import { PolicyError } from './error.js';
import { parseBundle } from './parse-bundle.js';

function problems(files: { readonly [path: string]: string }): readonly string[] {
  try {
    smallBundle(files);
    return [];
  } catch (error) {
    if (error instanceof PolicyError && error.code === 'POLICY_INVALID') return error.message.split('\n');
    throw error;
  }
}

describe('a wrong policy', () => {
  it.each(WRONG)('%s', (_, text, message, path = 'us-health/x.yaml') => {
    expect(problems({ [path]: text })).toEqual(message.split('|').map((one) => `${path}:${one}`));
  });

  it('is each wrong in its own way, and there are at least sixty ways', () => {
    expect(new Set(WRONG.map(([what]) => what)).size).toBe(WRONG.length);
    const kinds = new Set(WRONG.map(([, , message]) => message.replaceAll(/^\d+:\d+: |`[^`]*`/g, '')));
    expect(kinds.size).toBeGreaterThanOrEqual(60);
  });

  it('is told of all at once, in the order of the page', () => {
    const text = 'rules:\n- rule: a\n  share: [idenity]\n  with: {sector: polise}\n- rule: B\n  share: [location]';
    expect(problems({ 'us-health/x.yaml': text }).map((line) => line.split(': ', 1)[0])).toEqual([
      'us-health/x.yaml:3:11',
      'us-health/x.yaml:4:18',
      'us-health/x.yaml:5:9',
    ]);
  });
});

describe('a folder of policies', () => {
  it('needs its core, since nobody would see that every safety limit is gone', () => {
    const files = smallFiles({}).filter(({ path }) => !path.startsWith('core/'));
    expect(() => parseBundle(files, vocabulary)).toThrow(
      'core:1:1: there is no `core`: nothing is decided without its limits',
    );
  });

  it('has a regime.yaml in every regime', () => {
    expect(problems({ 'us-other/a.yaml': 'rules:\n- {rule: a, share: [identity]}' })).toEqual([
      'us-other/regime.yaml:1:1: is missing: a regime says what it governs',
    ]);
  });

  it.each([
    'a.yaml',
    'us-health/deeper/a.yaml',
    '../us-health/a.yaml',
    'US/a.yaml',
    'us-health/a.yml',
    '__proto__/a.yaml',
    'us-health/.cases.yaml',
  ])('has no place for %s', (path) => {
    expect(problems({ [path]: 'rules: []' })[0]).toMatch(/not a place for policies/);
  });

  it('keeps its digest whatever the order, and changes it with any byte of a rule and none of a case', () => {
    const a = 'rules:\n- {rule: a, share: [identity]}';
    const digest = smallBundle({ 'us-health/a.yaml': a }).digest;
    const files = smallFiles({ 'us-health/a.yaml': a });
    const cases = `${CASES}- {case: c, given: {like: doctor}, expect: {identity: full, everything else: nothing}}`;
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(parseBundle(files.toReversed(), vocabulary).digest).toBe(digest);
    expect(smallBundle({ 'us-health/a.yaml': a, 'us-health/a.cases.yaml': cases }).digest).toBe(digest);
    expect(smallBundle({ 'us-health/a.yaml': `${a}\n` }).digest).not.toBe(digest);
    expect(smallBundle({ 'us-health/b.yaml': a }).digest).not.toBe(digest);
    expect(parseBundle(files, { ...vocabulary, digest: 'another' }).digest).not.toBe(digest);
  });
});

describe('hostile input', () => {
  it.each([
    ['a page of brackets', '['.repeat(200_000), 'nested more than 12 deep; no rule needs that'],
    ['a page of braces', '{a: '.repeat(60_000), 'nested more than 12 deep; no rule needs that'],
    ['a line of dashes', '- '.repeat(100_000), 'nested more than 12 deep; no rule needs that'],
    ['a line of question marks', '? '.repeat(100_000), 'nested more than 12 deep; no rule needs that'],
    [
      'deeper and deeper lines',
      Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      'nested more than 12 deep; no rule needs that',
    ],
    ['a million letters', 'a'.repeat(1_000_000), 'the file is longer than 256 KiB; split it by subject'],
    [
      'a word of many letters',
      `rules:\n- rule: ${'a'.repeat(200_000)}\n  share: [identity]`,
      'is not a name; use small letters a to z, digits and hyphens',
    ],
    [
      'doubling aliases',
      `a: &a [x, x]\n${Array.from({ length: 20 }, (_, i) => `b${i}: &b${i} [*a, *a]`).join('\n')}`,
      'are not part of the language',
    ],
  ])('%s is refused before the test gives up, and in few words', async (_, text, message) => {
    const lines = await problemsInTime({ 'us-health/x.yaml': text });
    expect(lines.join('\n')).toContain(message);
    expect(lines.length).toBeLessThanOrEqual(201);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(600);
  });

  it('a map of as many keys as fit is read key by key: pair by pair, three of them would outlast the test', async () => {
    const keys = Array.from({ length: 13_000 }, (_, index) => `${index.toString(36)}: v`).join('\n');
    for (let page = 0; page < 3; page += 1) {
      const lines = await problemsInTime({ 'us-health/x.yaml': keys });
      expect(lines.join('\n')).toContain('is not a key of a file of rules');
      expect(lines.length).toBeLessThanOrEqual(201);
    }
  });

  it('keys that objects are born with are words like others', () => {
    const text =
      'rules:\n- rule: a\n  share: [__proto__, constructor]\n  when: {__proto__: yes, toString: yes}\n__proto__: {share: everything}';
    expect(problems({ 'us-health/x.yaml': text }).length).toBe(5);
  });

  it('as many rules as are allowed are read', () => {
    const { rules } = smallBundle({
      'us-health/a.yaml': manyRules(0, 2_500),
      'us-health/b.yaml': manyRules(2_500, 2_500),
    });
    expect(rules).toHaveLength(5_000);
  });

  it.each([
    ['one more', [2_500, 2_501]],
    ['a hundred thousand, counted until there are too many and never read', Array.from({ length: 40 }, () => 2_500)],
  ])('%s is refused in a line, where it stands', (_, counts) => {
    const files = counts.map((count, file) => [`us-health/a${file + 10}.yaml`, manyRules(file * 10_000, count)]);
    const [line, ...others] = problems(Object.fromEntries(files) as { readonly [path: string]: string });
    expect(others).toEqual([]);
    expect(line).toMatch(/^us-health\/a1[12]\.yaml:\d+:\d+: more than 5000 rules$/);
  });

  it('rules that nobody named are complained of two hundred times, and no more', () => {
    const lines = problems({ 'us-health/a.yaml': `rules:\n${'- {share: [identity]}\n'.repeat(4_000)}` });
    expect(lines).toHaveLength(201);
    expect(lines.at(-1)).toBe('and perhaps more');
  });

  it('a file of many errors is mended before others are read', () => {
    const files = Array.from({ length: 9 }, (_, file) => [`us-health/a${file}.yaml`, ']\n'.repeat(1_000)]);
    const lines = problems(Object.fromEntries(files) as { readonly [path: string]: string });
    expect(new Set(lines.map((line) => line.split(':', 1)[0]))).toEqual(new Set(['us-health/a0.yaml']));
    expect(lines).toHaveLength(20);
  });

  it.each([
    [
      'lines that each hold many dashes, further and further in',
      Array.from({ length: 100 }, (_, depth) => `${' '.repeat(24 * depth)}${'- '.repeat(12)}`).join('\n'),
      'nested more than 12 deep; no rule needs that',
    ],
    ['more marks than a page has', '[]\n'.repeat(30_000), 'more than 65536 words and marks'],
    [
      'exceptions of exceptions without end',
      `rules:\n- {rule: a, withhold: ["${'everything except '.repeat(10_000)}identity"]}`,
      'names fields in more than 2000 characters; write a list',
    ],
    [
      'exceptions that nobody would read to the end',
      `rules:\n- {rule: a, withhold: [identity], unless: [${'{risk: high}, '.repeat(51)}]}`,
      '`unless` lists more than 50 maps; make several rules',
    ],
  ])('%s', (_, text, message) => {
    expect(problems({ 'us-health/a.yaml': text })).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    [
      'rows',
      `${CASES}- table: t\n  columns: [everything]\n  rows:\n${'  - [nothing]\n'.repeat(1_001)}`,
      'a table of more than 1000 rows',
    ],
    [
      'cases',
      `${CASES}${`- table: t\n  given: {like: doctor}\n  columns: [everything]\n  rows:\n${'  - [nothing]\n'.repeat(1_000)}`.repeat(6)}`,
      'more than 5000 cases',
    ],
  ])('more %s than anybody reads', (_, text, message) => {
    expect(problems({ 'us-health/a.cases.yaml': text })).toEqual([expect.stringContaining(message)]);
  });

  it('a regime that governs in more ways than anybody could say', () => {
    const governs = '- {origins: enrolled here, fields: everything}\n'.repeat(51);
    expect(problems({ 'us-health/regime.yaml': `regime: us-health\ntitle: T\ngoverns:\n${governs}` })).toEqual([
      expect.stringContaining('`governs` lists more than 50 maps'),
    ]);
  });

  it('a path that is a page is not quoted as one', () => {
    const [line = ''] = problems({ [`us-health/${'a\u202e\n'.repeat(1_000)}.yaml`]: 'rules: []' });
    expect(line).toMatch(/^us-health\/[ -~\ufffd]{1,120}:1:1: not a place for policies/);
  });
});

/** A test that is out of time fails only where it waits. */
async function problemsInTime(files: { readonly [path: string]: string }): Promise<readonly string[]> {
  const found = problems(files);
  await sleep(1);
  return found;
}

function manyRules(from: number, count: number): string {
  return `rules:\n${Array.from({ length: count }, (_, i) => `- {rule: r${from + i}, share: [identity]}`).join('\n')}`;
}
