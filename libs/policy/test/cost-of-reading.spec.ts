import { type FieldName, FULL, type Vocabulary } from '#terms';
import { indexRules } from '../src/index-rules.js';
import { parseBundle } from '../src/parse-bundle.js';
import type { Rule, RulesOfField } from '../src/bundle.js';
import { randomCases } from './random-cases.js';
import { smallVocabulary } from './random-policy.js';
import { shippedVocabulary } from './shipped-policies.js';

const AROUND = [
  { path: 'core/regime.yaml', text: 'regime: core\ntitle: Safety\n' },
  {
    path: 'us-health/regime.yaml',
    text: 'regime: us-health\ntitle: Health\ngoverns:\n- {origins: enrolled here, fields: everything}\n',
  },
];

/** A vocabulary that counts how often all of its fields are gone through. */
function counting(): { readonly vocabulary: Vocabulary; readonly times: () => number } {
  const vocabulary = shippedVocabulary();
  let times = 0;
  class Fields extends Map<FieldName, never> {
    override values(): ReturnType<Map<FieldName, never>['values']> {
      times += 1;
      return super.values();
    }
  }
  return { vocabulary: { ...vocabulary, fields: new Fields(vocabulary.fields as never) }, times: () => times };
}

function parsed(text: string, path: string, vocabulary: Vocabulary): ReturnType<typeof parseBundle> {
  return parseBundle([...AROUND, { path, text }], vocabulary);
}

function tableOf(head: string): string {
  return `cases:\n- table: t\n  given: {purpose: treatment}\n  columns: [${head}]\n  rows:\n${'  - [nothing]\n'.repeat(900)}`;
}

describe('what stands in many places is worked out once', () => {
  it('of a word for many fields, in a rule', () => {
    const { vocabulary, times } = counting();
    const rules = Array.from({ length: 1_500 }, (_, at) => `- {rule: r${at}, withhold: [everything, location]}`);
    expect(parsed(`rules:\n${rules.join('\n')}`, 'us-health/a.yaml', vocabulary).rules).toHaveLength(1_500);
    expect(times()).toBeLessThan(10);
  });

  it('of a word for many fields, in what a case expects', () => {
    const { vocabulary, times } = counting();
    const cases = Array.from(
      { length: 500 },
      () => '- {case: c, given: {purpose: treatment, consent: agreed}, expect: {everything else: nothing}}',
    );
    expect(parsed(`cases:\n${cases.join('\n')}`, 'us-health/a.cases.yaml', vocabulary).cases).toHaveLength(500);
    expect(times()).toBeLessThan(10);
  });

  it('of the head of a column, however long, and not for each row', () => {
    const { vocabulary, times } = counting();
    const names = [...shippedVocabulary().fields.keys()].slice(0, 60).join(', ');
    expect(parsed(tableOf(`"everything except [${names}]"`), 'us-health/a.cases.yaml', vocabulary).cases).toHaveLength(
      900,
    );
    expect(times()).toBeLessThan(100);
    expect(() => parsed(tableOf('everything exept identity'), 'us-health/a.cases.yaml', vocabulary)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ line: 4, column: 13 })] }),
    );
  });
});

describe('a folder', () => {
  it('of more words and marks than a folder has is refused where they are too many, and not read', () => {
    const { vocabulary } = counting();
    const files = Array.from({ length: 5 }, (_, file) => ({
      path: `us-health/a${file}.yaml`,
      text: `rules:\n- {rule: a, share: [${'identity, '.repeat(20_000)}identity]}`,
    }));
    expect(() => parseBundle([...AROUND, ...files], vocabulary)).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ path: 'us-health/a3.yaml', message: 'more than 196608 words and marks' })],
      }),
    );
  });
});

/** Field by field and rule by rule, as the table of contents is defined. */
function indexSlowly(rules: readonly Rule[], { fields }: Vocabulary): ReadonlyMap<FieldName, readonly string[]> {
  return new Map(
    [...fields.values()].map((field) => {
      const isSender = field.name === 'envelope.sender';
      const lines = rules.flatMap((rule) => {
        const level = rule.fields.get(field.name);
        const own = level === undefined ? [] : [`${rule.kind} ${rule.regime} ${rule.id} ${level}`];
        const accompanies = rule.kind === 'share' && rule.namesSender && isSender;
        return accompanies ? [...own, `share ${rule.regime} ${rule.id} ${FULL(field)} with others`] : own;
      });
      return [field.name, [`${isSender} ${FULL(field)}`, ...lines]];
    }),
  );
}

function linesOf({ shares, limits }: RulesOfField): readonly string[] {
  return [...shares, ...limits].flatMap(([regime, items]) =>
    items.map(
      (item) =>
        `${item.rule.kind} ${regime} ${item.rule.id} ${item.level}${'accompanies' in item ? ' with others' : ''}`,
    ),
  );
}

describe('the rules of each field', () => {
  it('are those that name it, and two fields have one table where all is said of both alike', () => {
    const vocabulary = smallVocabulary();
    let shared = 0;
    for (let number = 0; number < 40; number += 1) {
      const { bundle } = randomCases(vocabulary, 41, number);
      const [fast, slow] = [indexRules(bundle.rules, vocabulary), indexSlowly(bundle.rules, vocabulary)];
      for (const [name, [, ...lines]] of slow) {
        const table = fast.get(name);
        expect(linesOf(table!).toSorted()).toEqual(lines.toSorted());
        for (const [other, own] of slow) {
          const isAlike = own.join('\n') === slow.get(name)?.join('\n');
          expect(fast.get(other) === table).toBe(isAlike);
          if (isAlike && other !== name) shared += 1;
        }
      }
    }
    expect(shared).toBeGreaterThan(20);
  });
});
