import { smallBundle } from '../test/small-policies.js';
import { check } from './check.js';

/** Without what every rule of a test lacks: somebody who confirmed it, and a case. */
function warnings(rules: string, core = ''): readonly string[] {
  const bundle = smallBundle({
    'us-health/a.yaml': `rules:\n${rules}`,
    ...(core && { 'core/a.yaml': `rules:\n${core}` }),
  });
  return check(bundle)
    .filter(({ code }) => code !== 'UNCONFIRMED' && code !== 'NO_CASE')
    .map(({ message }) => message);
}

describe('check', () => {
  it('has nothing to say about a sound rule', () => {
    expect(
      warnings('- {rule: a, share: [identity], with: {sector: police}, when: {age: under 18}, unless: [{risk: high}]}'),
    ).toEqual([]);
  });

  it.each([
    ['two sectors at once', '{rule: a, share: [identity], with: {sector: police}, when: {sector: health}}'],
    ['two bands at once', '{rule: a, share: [identity], when: {age: under 13}, when any: [{age: 18 and over}]}'],
    ['a tie and none', '{rule: a, share: [identity], with: {tie: none}, when: {tie: her_shelter}}'],
    ['two purposes at once', '{rule: a, share: [identity], for purpose: [treatment], when any: [{purpose: audit}]}'],
    ['agreement and refusal', '{rule: a, share: [identity], when: {consent: agreed}, when any: [{consent: refused}]}'],
  ])('notices a share that asks for %s', (_, rule) => {
    expect(warnings(`- ${rule}`)).toEqual(['us-health/a can never hold: no situation meets all its conditions']);
  });

  it('notices an exception that swallows its rule', () => {
    const message = 'us-health/a can never hold: wherever its conditions hold, its own `unless` does too';
    expect(warnings('- {rule: a, share: [identity], when: {risk: high}, unless: [{risk: [medium, high]}]}')).toEqual([
      message,
    ]);
    expect(warnings('- {rule: a, share: [identity], with: {sector: police}, unless: [{sector: police}]}')).toEqual([
      message,
    ]);
    expect(warnings('- {rule: a, share: [identity], with: {tie: her_shelter}, unless: [{tie: his_employer}]}')).toEqual(
      [],
    );
  });

  it('notices an exception that no share reaches', () => {
    const limit = '- {rule: l, withhold: [location], unless: [{sector: police}, {sector: court}]}';
    const message = 'us-health/l has an exception that no share reaches (number 2 of its `unless`)';
    expect(warnings(`${limit}\n- {rule: s, share: [location], with: {sector: police}}`)).toEqual([message]);
    expect(warnings(`${limit}\n- {rule: s, share: [location]}`)).toEqual([]);
    expect(
      warnings('- {rule: s, share: [identity]}', '- {rule: l, withhold: [location], unless: [{sector: police}]}'),
    ).toEqual(['core/l has an exception that no share reaches (number 1 of its `unless`)']);
  });

  it('notices two rules that say the same', () => {
    expect(
      warnings(
        '- {rule: a, share: [identity, location], when: {risk: [high, medium]}}\n- {rule: b, title: Other, share: [location, identity], when: {risk: [medium, high]}}',
      ),
    ).toEqual(['us-health/b says the same as us-health/a']);
  });

  it.each([
    [
      'a share that another makes idle',
      '- {rule: a, share: [{person.birth_date: year}], when: {risk: high}}\n- {rule: b, share: [identity], when: {risk: [medium, high]}}',
      'us-health/a never matters: wherever it shares, us-health/b does so too, as far',
    ],
    [
      'a share that two others make idle',
      '- {rule: a, share: [identity], when: {risk: high, deceased: [yes, no]}}\n- {rule: b, share: [identity], when: {deceased: yes}}\n- {rule: c, share: [identity], when: {deceased: no}}',
      'us-health/a never matters: wherever it shares, us-health/b and us-health/c do so too, as far',
    ],
    [
      'a share of what is kept back',
      '- {rule: a, share: [identity], with: {sector: employer}}\n- {rule: b, share: [health]}',
      'us-health/a never matters: what only it shares is always kept back by core/l',
    ],
    [
      'a limit that is part of another',
      '- {rule: a, share: [identity]}\n- {rule: b, at most: {person.birth_date: year}, with: {sector: employer}}',
      'us-health/b never matters: wherever it limits, core/l does so too, as far',
    ],
    [
      'a limit with nothing to keep back',
      '- {rule: a, share: [identity], with: {sector: [health, employer]}}\n- {rule: b, withhold: [identity], with: {sector: police}}',
      'us-health/b never matters: nothing that it keeps back would leave without it',
    ],
  ])('notices %s', (_, rules, message) => {
    const core = '- {rule: l, withhold: [everything], with: {sector: employer}}';
    expect(warnings(rules, core)).toEqual([message]);
  });

  it('lets a rule stay that changes nothing of how far something leaves, but brings a duty or an alert', () => {
    const same = '- {rule: b, share: [identity]}\n';
    expect(warnings(`${same}- {rule: a, share: [identity], when: {risk: high}, duties: [expires_1h]}`)).toEqual([]);
    expect(warnings(`${same}- {rule: a, share: [identity], when: {risk: high}, alert: yes}`)).toEqual([]);
    expect(warnings(`${same}- {rule: a, share: [identity], when: {risk: high}}`)).toHaveLength(1);
  });

  it('notices rules whose fields their regime does not govern', () => {
    const bundle = smallBundle({
      'us-health/regime.yaml': 'regime: us-health\ntitle: T\ngoverns:\n- {origins: enrolled here, fields: [health]}',
      'us-health/a.yaml': 'rules:\n- {rule: a, share: [identity]}\n- {rule: b, share: [health, identity]}',
    });
    expect(
      check(bundle)
        .filter(({ code }) => code === 'NOT_GOVERNED')
        .map(({ rule }) => rule),
    ).toEqual(['us-health/a']);
  });

  it('notices what nobody confirmed and what no case comes under', () => {
    const bundle = smallBundle({
      'us-health/a.yaml':
        'rules:\n- {rule: a, share: [identity], checked: {by: A. Lawyer, on: 2026-03-01}}\n- {rule: b, share: [location], when: {risk: high}}',
      'us-health/a.cases.yaml':
        'cases:\n- {case: c, given: {purpose: treatment}, expect: {identity: full, everything else: nothing}}',
    });
    expect(check(bundle).map(({ code, rule, place }) => `${place.path}:${place.line} ${code} ${rule}`)).toEqual([
      'us-health/a.yaml:3 NO_CASE us-health/b',
      'us-health/a.yaml:3 UNCONFIRMED us-health/b',
    ]);
  });
});
