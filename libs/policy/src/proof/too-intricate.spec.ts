import { parseVocabulary } from '#terms';
import { parseBundle } from '../parse-bundle.js';
import { compare } from './compare.js';
import { coverage } from './coverage.js';
import { type Bounds, Diagram, USUAL_BOUNDS } from './diagram.js';
import { Exceptions } from './exceptions.js';
import { neverMatter } from './never-matters.js';
import { Outcomes } from './outcomes.js';
import { prove } from './prove.js';
import { Space } from './space.js';

const WORDS = Array.from({ length: 40 }, (_, at) => `word_${at}`);
const FIELDS = Array.from({ length: 24 }, (_, at) => `record.field_${at}`);
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
    fields: Object.fromEntries(
      FIELDS.map((name, at) => [
        name,
        { number: at + 1, title: 'A field', category: 'category', about: 'case', level: 'text' },
      ]),
    ),
  }),
  'vocabulary.yaml',
);

/** Whether a word stands in one list and another, each with its own, in the other: no diagram of it is small. */
function rulesOf(field: string, words: number, turn: number): readonly string[] {
  const name = field.replaceAll(/[._]/g, '-');
  return Array.from(
    { length: words },
    (_, at) =>
      `- {rule: ${name}-${at}, share: [${field}], when: {one: word_${at}, other: word_${(at + turn) % words}}}`,
  );
}

function bundleOf(rules: readonly string[]): ReturnType<typeof parseBundle> {
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

/** One field of which nobody could work out when it leaves. */
const intricate = bundleOf(rulesOf(FIELDS[0]!, WORDS.length, 0));
/** Twenty-four of which each could be worked out, and has nothing in common with the others. */
const manyTimes = bundleOf(FIELDS.flatMap((field, turn) => rulesOf(field, 10, turn % 10)));

const outcomesOf = (bundle: typeof intricate, diagram: Diagram): Outcomes =>
  new Outcomes(bundle, new Space([bundle], diagram));
type Work = (bundle: typeof intricate, diagram: Diagram) => unknown;
const QUESTIONS: readonly (readonly [string, Work])[] = [
  ['prove', prove],
  ['coverage', coverage],
  ['check', (bundle, diagram) => neverMatter(bundle, outcomesOf(bundle, diagram))],
];

const refused = expect.objectContaining({ name: 'PolicyError', code: 'POLICY_TOO_INTRICATE' });
/** A thirtieth of what is usual, so that it is known soon. */
const LESS: Bounds = { nodes: 1 << 16, steps: 100_000 };
const WITHOUT_END: Bounds = { nodes: 1 << 21, steps: Infinity };

describe('policies that nobody could prove', () => {
  it('are refused before they take the memory of the machine or more steps than there may be', () => {
    const before = process.memoryUsage().arrayBuffers;
    const diagram = new Diagram();
    expect(() => prove(intricate, diagram)).toThrow(refused);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 * 1024 * 1024);
    expect(diagram.size).toBeLessThanOrEqual(USUAL_BOUNDS.nodes);
    expect(diagram.steps).toBeLessThanOrEqual(USUAL_BOUNDS.steps + 1);
  });

  it.each(QUESTIONS)('are refused by %s, which names the place and what to do', (name, work) => {
    const what =
      name === 'prove'
        ? /a\/rules\.yaml:42:12: the promise “p”: /
        : /a\/rules\.yaml:2:3: the rule a\/record-field-0-0: /;
    expect(() => work(intricate, new Diagram(LESS))).toThrow(refused);
    expect(() => work(intricate, new Diagram(LESS))).toThrow(what);
    expect(() => work(intricate, new Diagram(LESS))).toThrow(/\(more than \d+ (steps|nodes)\).*Ask about fewer facts/);
  });

  it('can still be compared where little changed', () => {
    const { widenings, narrowings } = compare(intricate, intricate);
    expect([...widenings, ...narrowings]).toEqual([]);
  });
});

describe('policies of which each part could be known, and not the whole', () => {
  it.each(QUESTIONS.filter(([name]) => name !== 'coverage'))('are refused by %s once it is too much', (_, work) => {
    const diagram = new Diagram(LESS);
    expect(() => work(manyTimes, diagram)).toThrow(refused);
    expect(diagram.steps).toBeLessThanOrEqual(LESS.steps + manyTimes.rules.length);
  });

  it('are covered as far as that goes, and it is said how far', () => {
    const diagram = new Diagram(LESS);
    const { stopped } = coverage(manyTimes, diagram);
    expect(stopped?.of).toBe(240);
    expect(stopped?.lookedAt).toBeGreaterThan(0);
    expect(stopped?.lookedAt).toBeLessThan(240);
    expect(diagram.steps).toBeLessThanOrEqual(LESS.steps + manyTimes.rules.length);
  });

  // Without this, what refuses them above might be something that has nothing to do with the bound.
  it.each(QUESTIONS)('pass %s, and take more than there may be, where there is no bound', (_, work) => {
    const diagram = new Diagram(WITHOUT_END);
    work(manyTimes, diagram);
    expect(diagram.steps).toBeGreaterThan(LESS.steps);
  });
});

describe('exceptions that no share reaches', () => {
  it('are found without holding each way a share is met against each exception', () => {
    const [ofOne, ofOther] = ['one', 'consent: refused, other'].map((key) =>
      WORDS.map((word) => `{${key}: ${word}}`).join(', '),
    );
    const rules = Array.from({ length: 40 }, (_, at) => [
      `- {rule: s-${at}, share: [category], when: {consent: agreed}, when any: [${ofOne}]}`,
      `- {rule: l-${at}, withhold: [category], unless: [${ofOther}]}`,
    ]).flat();
    const bundle = bundleOf(rules);
    const diagram = new Diagram();
    const exceptions = new Exceptions(outcomesOf(bundle, diagram));
    const found = bundle.rules.flatMap((rule) => (rule.kind === 'limit' ? exceptions.outOfReach(rule) : []));
    expect(found).toHaveLength(40 * 40);
    // One by one there are 2,560,000 pairs.
    expect(diagram.steps).toBeLessThan(20_000);
  });
});
