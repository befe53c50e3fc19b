import type { FieldName, RegimeName } from '#terms';
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

/** A drawn bundle, every second share of it of last resort if asked for, cases that say what it decides in three situations, and the promises that happen to hold. */
function watched(number: number, hasGlass: boolean): Bundle {
  const { bundle: drawn, situations } = randomCases(vocabulary, 23, number);
  const rules = drawn.rules.map((rule, at) =>
    hasGlass && at % 2 === 0 && rule.kind === 'share' ? { ...rule, lastResort: true } : rule,
  );
  const bundle = { ...drawn, rules, byField: indexRules(rules, vocabulary) };
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
  const promise = (field: FieldName, regime: RegimeName, byLastResort: boolean): PolicyPromise => ({
    kind: 'never share',
    name: field,
    regime,
    place,
    conditions: { when: { facts: [], consent: new Set([byLastResort ? 'agreed' : 'refused']) }, any: [], unless: [] },
    fields: new Set([field]),
    byLastResort,
  });
  const promises = fields.map((field) => promise(field, 'core' as never, false));
  const ofTheGlass = [...bundle.regimes.keys()].flatMap((regime) =>
    fields.map((field) => promise(field, regime, true)),
  );
  const all = { ...bundle, cases, promises: [...promises, ...ofTheGlass] };
  const held = prove(all).flatMap((proof) => (proof.holds ? [proof.promise] : []));
  return { ...all, promises: held };
}

function withRule(bundle: Bundle, rule: Rule, left: Rule | undefined): Bundle {
  const rules = bundle.rules.flatMap((one) => (one === rule ? (left ?? []) : [one]));
  return { ...bundle, rules, byField: indexRules(rules, bundle.vocabulary) };
}

describe('coverage by deletion', () => {
  it('is what remains unnoticed when each is struck out and everything tried again', () => {
    let noticed = 0;
    let byTheGlassAlone = 0;
    const drawn = [watched(1, false), watched(3, false), watched(6, false), watched(19, true), watched(21, true)];
    for (const bundle of drawn) {
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
      const ordinary = bundle.promises.filter((one) => one.kind === 'never share' && !one.byLastResort);
      const deaf = coverage({ ...bundle, promises: ordinary });
      byTheGlassAlone += deaf.unnoticed.length + deaf.withoutEffect - missed.length;
    }
    expect(noticed).toBeGreaterThan(10);
    expect(byTheGlassAlone).toBeGreaterThan(2);
  });

  it('hears a promise that the glass is not broken, where a limit, an exception or an ordinary share goes', () => {
    const bundle = smallBundle({
      'us-health/a.yaml': `
rules:
- {rule: glass, share: [person.legal_name], when: {risk: high}, last resort: yes, unless: [{consent: refused}]}
- {rule: ordinary, share: [person.legal_name], with: {sector: police}}
- {rule: limit, withhold: [person.legal_name], with: {sector: health}}
promises:
- {promise: p, never share: [person.legal_name], with: {sector: [police, health]}, last resort: yes}
- {promise: q, never share: [person.legal_name], when: {consent: refused}, last resort: yes}
`,
    });
    const { deletions, unnoticed, withoutEffect } = coverage(bundle);
    const heard = unnoticed.map(({ rule, what }) => (what.kind === 'value' ? `${rule} ${what.word}` : `${rule} whole`));
    expect(heard.toSorted()).toEqual([
      'us-health/glass high',
      'us-health/glass whole',
      'us-health/limit health',
      'us-health/ordinary police',
    ]);
    // The exception of the glass, the ordinary share and the limit.
    expect({ noticed: deletions - heard.length, withoutEffect }).toEqual({ noticed: 3, withoutEffect: 0 });
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
