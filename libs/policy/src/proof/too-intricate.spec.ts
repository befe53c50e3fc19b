import { parseVocabulary } from '#terms';
import { parseBundle } from '../parse-bundle.js';
import { compare } from './compare.js';
import { coverage } from './coverage.js';
import { neverMatter } from './never-matters.js';
import { prove } from './prove.js';

const WORDS = Array.from({ length: 40 }, (_, at) => `word_${at}`);
const list = { title: 'a list', kind: 'any of', values: WORDS, 'set by': 'case', 'if nobody has said': 'none' };
const vocabulary = parseVocabulary(
  JSON.stringify({
    categories: { category: { code: 'C', title: 'A category' } },
    levels: { text: ['nothing', 'full'] },
    tags: {},
    purposes: { purpose: { number: 1, title: 'A purpose' } },
    sectors: { sector: { number: 1, title: 'A sector' } },
    roles: { role: { number: 1, title: 'A role' } },
    duties: { duty: { number: 1, title: 'A duty' } },
    facts: {
      consent: {
        number: 1,
        title: 'consent',
        kind: 'one of',
        values: ['refused', 'withdrawn', 'inert', 'expired', 'not_asked', 'agreed'],
        per: 'field',
        'set by': 'consent',
        'if nobody has said': 'not_asked',
      },
      one: { ...list, number: 2 },
      other: { ...list, number: 3 },
    },
    records: { record: { title: 'A record' } },
    fields: { 'record.field': { number: 1, title: 'A field', category: 'category', about: 'case', level: 'text' } },
  }),
  'vocabulary.yaml',
);

/** Whether one word stands in both of two long lists: decided in a moment, but no diagram of it is small. */
function intricate(word = ''): ReturnType<typeof parseBundle> {
  const rules = WORDS.map(
    (each) => `- {rule: ${each.replace('_', '-')}, share: [category], when: {one: ${each}, other: ${each}}${word}}`,
  );
  return parseBundle(
    [
      { path: 'core/regime.yaml', text: 'regime: core\ntitle: Core' },
      { path: 'a/regime.yaml', text: 'regime: a\ntitle: A\ngoverns: [{origins: enrolled here, fields: everything}]' },
      {
        path: 'a/rules.yaml',
        text: `rules:\n${rules.join('\n')}\npromises: [{promise: p, never share: everything, when: {one: word_0}}]`,
      },
    ],
    vocabulary,
  );
}

describe('policies that nobody could prove', () => {
  const refused = expect.objectContaining({ name: 'PolicyError', code: 'POLICY_TOO_INTRICATE' });

  it.each([
    ['prove', () => prove(intricate())],
    ['coverage', () => coverage(intricate())],
    ['check', () => neverMatter(intricate())],
  ])('are refused by %s before they take the memory of the machine', (_, work) => {
    const before = process.memoryUsage().arrayBuffers;
    expect(work).toThrow(refused);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 * 1024 * 1024);
  });

  it('can still be compared where little changed', () => {
    const { widenings, narrowings } = compare(intricate(), intricate());
    expect([...widenings, ...narrowings]).toEqual([]);
  });
});
