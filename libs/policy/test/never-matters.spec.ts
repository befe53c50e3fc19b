import type { Bundle } from '../src/bundle.js';
import { indexRules } from '../src/index-rules.js';
import { compare } from '../src/proof/compare.js';
import { neverMatter } from '../src/proof/never-matters.js';
import { randomCases } from './random-cases.js';
import { smallVocabulary } from './random-policy.js';

const vocabulary = smallVocabulary();

describe('a rule that never matters', () => {
  it('is one without which the same leaves in every situation, and every other makes a difference', () => {
    const wrong: string[] = [];
    const seen = { idle: 0, matter: 0 };
    for (const number of [1, 2, 3, 4, 5, 6, 7, 9]) {
      const { bundle } = randomCases(vocabulary, 31, number);
      const idle = new Set(neverMatter(bundle).map(({ rule }) => rule));
      for (const rule of bundle.rules) {
        const rules = bundle.rules.filter((one) => one !== rule);
        const without: Bundle = { ...bundle, rules, byField: indexRules(rules, vocabulary) };
        const { widenings, narrowings } = compare(bundle, without);
        // That an ordinary share goes before one that breaks the glass is no reason to keep either.
        const differs = [...widenings, ...narrowings].some(
          ({ what }) =>
            what.kind === 'level' || [...what.gone, ...what.come].some(({ kind }) => kind !== 'last resort'),
        );
        // Duties and alerts are more than what leaves, and what the sender goes with is worked out apart.
        const isPlain = rule.duties.length === 0 && !rule.alert && (rule.kind === 'limit' || !rule.namesSender);
        if ((differs || isPlain) && idle.has(rule.id) === differs) wrong.push(`${number} ${rule.id}`);
        if (differs) seen.matter += 1;
        else seen.idle += 1;
      }
    }
    expect(wrong).toEqual([]);
    expect(seen.idle).toBeGreaterThan(5);
    expect(seen.matter).toBeGreaterThan(10);
  });
});
