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
    const keys = Array.from({ length: 37_000 }, (_, index) => `${index.toString(36)}: v`).join('\n');
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

  it('more rules than anybody wrote are refused', () => {
    expect(problems({ 'us-health/a.yaml': manyRules(0), 'us-health/b.yaml': manyRules(10_000) })).toEqual([
      expect.stringContaining('more than 5000 rules'),
    ]);
  });
});

/** A test that is out of time fails only where it waits. */
async function problemsInTime(files: { readonly [path: string]: string }): Promise<readonly string[]> {
  const found = problems(files);
  await sleep(1);
  return found;
}

function manyRules(from: number): string {
  return `rules:\n${Array.from({ length: 2_600 }, (_, i) => `- {rule: r${from + i}, share: [identity]}`).join('\n')}`;
}
