import type { Bundle, PolicyPromise, Rule } from '../src/bundle.js';
import { decide } from '../src/decide.js';
import { indexRules } from '../src/index-rules.js';
import { coverage } from '../src/proof/coverage.js';
import { deletionsOf } from '../src/proof/deletions.js';
import { prove } from '../src/proof/prove.js';
import { testCases } from '../src/test-cases.js';
import { randomCases } from './random-cases.js';
import { smallVocabulary } from './random-policy.js';
import { smallBundle } from './small-policies.js';

const vocabulary = smallVocabulary();

/** A drawn bundle, cases that say what it decides in three situations, and the promises that happen to hold. */
function watched(number: number): Bundle {
  const { bundle, situations } = randomCases(vocabulary, 23, number);
  const fields = [...vocabulary.fields.keys()];
  const place = { path: 'a.yaml', line: 1, column: 1 };
  const cases = situations.slice(0, 3).map((situation, at) => ({
    name: `case ${at}`,
    regime: 'core' as never,
    place,
    situation,
    expect: new Map([...decide(bundle, situation, fields).fields].map(([name, { level }]) => [name, level])),
    brings: {},
  }));
  const promises = fields.map((field): PolicyPromise => ({
    kind: 'never share',
    name: field,
    regime: 'core' as never,
    place,
    conditions: { when: { facts: [], consent: new Set(['refused']) }, any: [], unless: [] },
    fields: new Set([field]),
    byLastResort: false,
  }));
  const all = { ...bundle, cases, promises };
  const held = prove(all).flatMap(({ holds, promise }) => (holds ? [promise] : []));
  return { ...all, promises: held };
}

function withRule(bundle: Bundle, rule: Rule, left: Rule | undefined): Bundle {
  const rules = bundle.rules.flatMap((one) => (one === rule ? (left ?? []) : [one]));
  return { ...bundle, rules, byField: indexRules(rules, bundle.vocabulary) };
}

describe('coverage by deletion', () => {
  it('is what remains unnoticed when each is struck out and everything tried again', () => {
    let noticed = 0;
    for (const number of [1, 3, 6]) {
      const bundle = watched(number);
      const told = coverage(bundle);
      const missed = bundle.rules.flatMap((rule) =>
        deletionsOf(rule, vocabulary).flatMap(({ what, left }) => {
          const then = withRule(bundle, rule, left);
          const isNoticed = testCases(then).some(({ passed }) => !passed) || prove(then).some(({ holds }) => !holds);
          if (isNoticed) noticed += 1;
          return isNoticed ? [] : [JSON.stringify([rule.id, what])];
        }),
      );
      const unnoticed = told.unnoticed.map(({ rule, what }) => JSON.stringify([rule, what]));
      expect(missed).toEqual(expect.arrayContaining(unnoticed));
      expect(missed.length).toBe(unnoticed.length + told.withoutEffect);
    }
    expect(noticed).toBeGreaterThan(10);
  });

  it('names what nobody would miss', () => {
    const bundle = smallBundle({
      'us-health/a.yaml': `
rules:
- rule: a
  share: [person.legal_name, contact.email]
  for purpose: [treatment, emergency]
  when: {risk: high}
  unless: [{consent: refused}]
promises:
- {promise: p, never share: [contact.email], unless: [{risk: high}]}
`,
      'us-health/a.cases.yaml': `
cases:
- {case: c, given: {purpose: treatment, risk: high}, expect: {person.legal_name: full, contact.email: full, everything else: nothing}}
`,
    });
    const { unnoticed, withoutEffect } = coverage(bundle);
    expect(withoutEffect).toBe(0);
    expect(unnoticed.map(({ rule, what }) => ({ rule, ...what }))).toEqual([
      { rule: 'us-health/a', kind: 'exception', number: 1 },
      { rule: 'us-health/a', kind: 'value', of: 'purpose', word: 'emergency', where: 'its conditions' },
    ]);
  });
});
