import type { FactName, FieldName } from '#terms';
import { smallBundle } from '../../test/small-policies.js';
import { explain } from '../explain.js';
import { parseSituation } from '../parse-situation.js';
import { prove } from './prove.js';

const ALL = '{origins: enrolled here, fields: everything}';

function proved(files: { readonly [path: string]: string }): ReturnType<typeof prove> {
  return prove(smallBundle(files));
}

describe('prove', () => {
  it('finds the one situation that nobody thought of, and explain shows it', () => {
    const bundle = smallBundle({
      'us-health/a.yaml': `
rules:
- {rule: a, share: [{contact.actual_address: city}], with: {sector: police}, for purpose: [emergency], when: {risk: high, discloser_confirms: serious_imminent_threat}}
- {rule: b, withhold: [location], when: {perpetrator_at_requester: [yes, unknown]}, unless: [{age: 16 to 17, discloser_confirms: required_by_law}]}
promises:
- {promise: Nobody learns where she is, never share: [everything tagged whereabouts], when: {perpetrator_at_requester: [yes, unknown]}}
`,
    });
    const [proof] = prove(bundle);
    expect(proof?.holds).toBe(false);
    expect(proof?.broken.map(({ field }) => field)).toEqual(['contact.actual_address']);
    const example = proof?.broken[0]?.example;
    expect(example?.given).toBe(
      '{origins: us-health, purpose: emergency, discloser_confirms: [serious_imminent_threat, required_by_law], age: 16 to 17, risk: high, sector: police}',
    );
    const situation = parseSituation(example?.given ?? '', bundle);
    const told = explain(bundle, situation, [example!.field]).fields.get(example!.field);
    expect(told?.words).toBe('city: granted by us-health/a');
    expect(example?.level).toBe(2);
    // Two values of the tie, any other grounds besides the two, and whatever she said: five words, or agreed to one of three.
    const grounds = bundle.vocabulary.facts.get('discloser_confirms' as FactName)?.values.length ?? 0;
    expect(proof?.brokenIn).toBe(2n * 2n ** BigInt(grounds - 2) * 8n);
  });

  it('speaks for every combination of regimes', () => {
    const files = {
      'us-health/a.yaml': `
rules: [{rule: a, share: [identity]}]
promises: [{promise: p, never share: [identity], with: {sector: employer}}]`,
      'uk/regime.yaml': `{regime: uk, title: UK, governs: [${ALL}]}`,
      'uk/a.yaml': 'rules: [{rule: a, share: [identity], with: {sector: police}}]',
    };
    const [proof] = proved(files);
    // Of the sectors only `employer` and unknown are meant; with the other regime nothing goes to either.
    expect(proof?.broken[0]?.example.given).toBe('{origins: us-health, purpose: safety_planning, sector: employer}');
    const [held] = proved({
      ...files,
      'core/a.yaml': 'rules: [{rule: a, withhold: [everything], with: {sector: employer}}]',
    });
    expect(held).toMatchObject({ holds: true, brokenIn: 0n, broken: [] });
    expect(held?.speaksOf).toBeGreaterThan(0n);
  });

  it('holds what is always to be shared against its own regime, with core', () => {
    const files = {
      'us-health/a.yaml': `
rules: [{rule: a, share: [{person.birth_date: year}], for purpose: [treatment]}]
promises: [{promise: p, always share: [{person.birth_date: year}], for purpose: [treatment], regime: us-health}]`,
      'uk/regime.yaml': `{regime: uk, title: UK, governs: [${ALL}]}`,
    };
    expect(proved(files)[0]).toMatchObject({ holds: true });
    const [broken] = proved({
      ...files,
      'core/a.yaml': 'rules: [{rule: a, at most: {person.birth_date: age_band}, when: {age: under 13}}]',
    });
    expect(broken?.broken).toMatchObject([
      { field: 'person.birth_date', example: { level: 1, given: '{origins: us-health, purpose: treatment}' } },
    ]);
  });

  it('tells breaking the glass from sharing', () => {
    const promise = 'promises: [{promise: p, never share: everything, last resort: yes}]';
    const share = 'rules: [{rule: a, share: [identity], for purpose: [emergency]';
    expect(proved({ 'us-health/a.yaml': `${share}}]\n${promise}` })[0]).toMatchObject({ holds: true });
    expect(proved({ 'us-health/a.yaml': `${share}, last resort: yes}]\n${promise}` })[0]).toMatchObject({
      holds: false,
    });
  });

  it('lets the sender go only where a value goes', () => {
    const promise = 'promises: [{promise: p, never share: [envelope.sender]}]';
    const alone = 'rules: [{rule: a, share: [envelope.sender]}]';
    expect(proved({ 'us-health/a.yaml': `${alone}\n${promise}` })[0]).toMatchObject({ holds: true });
    const [broken] = proved({
      'us-health/a.yaml': `rules:\n- {rule: a, share: [health], names sender: yes, when: {consent: agreed}}\n${promise}`,
    });
    const example = broken?.broken[0]?.example;
    expect(example).toMatchObject({ field: 'envelope.sender', level: 1 });
    expect(example?.situation.consent.size).toBe(1);
    expect([...(example?.situation.consent.keys() ?? [])][0]).not.toBe('envelope.sender' as FieldName);
  });

  it('says where a promise says nothing', () => {
    const [proof] = proved({
      'us-health/a.yaml': `promises: [{promise: p, never share: [identity], when: {risk: known high}, unless: [{risk: high}]}]`,
    });
    expect(proof).toMatchObject({ holds: true, speaksOf: 0n });
  });
});
