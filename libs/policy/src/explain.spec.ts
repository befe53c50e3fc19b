import type { FieldName } from '#terms';
import { smallBundle } from '../test/small-policies.js';
import type { RulesOfField } from './bundle.js';
import { explain } from './explain.js';
import { parseSituation } from './parse-situation.js';

const NAME = 'person.legal_name' as FieldName;
const BORN = 'person.birth_date' as FieldName;
const ADDRESS = 'contact.actual_address' as FieldName;

function explained(rules: string, given: string, field: FieldName) {
  const bundle = smallBundle({ 'us-health/a.yaml': `rules:\n${rules}` });
  return explain(bundle, parseSituation(`{purpose: treatment, origins: us-health, ${given}}`, bundle), [
    field,
  ]).fields.get(field)!;
}

function misses(rules: string, given: string, field: FieldName): readonly string[] {
  return explained(rules, given, field).nearMisses.map(({ words }) => words);
}

describe('explain', () => {
  it('says in one line what decided', () => {
    const rules =
      '- {rule: a, title: She agreed to it, share: [identity], when: {consent: agreed}}\n- {rule: l, at most: {person.birth_date: year}}';
    expect(explained(rules, 'consent: agreed', BORN).words).toBe(
      'year: granted by us-health/a (She agreed to it); cut by us-health/l',
    );
    expect(explained(rules, '', BORN).words).toBe('nothing: no share of us-health matches');
    expect(explained('- {rule: a, share: [identity]}\n- {rule: l, withhold: [identity]}', '', BORN).words).toBe(
      'nothing: withheld by us-health/l',
    );
  });

  it('says what each regime said', () => {
    const rules =
      '- {rule: a, share: [{person.birth_date: year}]}\n- {rule: l, at most: {person.birth_date: age_band}}';
    expect(explained(rules, '', BORN).regimes).toEqual([
      {
        regime: 'us-health',
        level: 1,
        levelName: 'age_band',
        shares: [{ id: 'us-health/a', title: '', level: 2, levelName: 'year' }],
        limits: [{ id: 'us-health/l', title: '', level: 1, levelName: 'age_band' }],
      },
    ]);
  });
});

describe('near misses', () => {
  it('name what she would have had to say', () => {
    const rules = '- {rule: a, share: [identity], when: {consent: agreed}}';
    expect(misses(rules, '', NAME)).toEqual(['would be shared if consent were *agreed*; it is *not asked*']);
    expect(misses(rules, 'consent: {person.birth_date: agreed to year}', BORN)).toEqual([
      'would be shared in full if consent were *agreed*; it is *agreed to year*',
    ]);
  });

  it('name every word that would do', () => {
    const rules = '- {rule: a, share: [identity], for purpose: [emergency, housing_placement], with: {sector: health}}';
    expect(misses(rules, 'sector: health', NAME)).toEqual([
      'would be shared if purpose were *emergency* or *housing placement*; it is *treatment*',
    ]);
  });

  it('name the fact that would lift a limit, and the level that it would lift it to', () => {
    const rules =
      '- {rule: a, share: [location]}\n- {rule: l, withhold: [location], when: {perpetrator_at_requester: yes}}\n- {rule: m, at most: {contact.actual_address: region}}';
    expect(misses(rules, '', ADDRESS)).toEqual([
      'would be shared to *region* if perpetrator at requester were *no*; it is *unknown*',
    ]);
  });

  it('name what a list would have to include, or that it would have to be empty', () => {
    expect(misses('- {rule: a, share: [identity], with: {tie: her_shelter}}', '', NAME)).toEqual([
      'would be shared if tie included *her shelter*; it is *none*',
    ]);
    expect(
      misses(
        '- {rule: a, share: [identity]}\n- {rule: l, withhold: [identity], with: {tie: his_employer}}',
        'tie: his_employer',
        NAME,
      ),
    ).toEqual(['would be shared if tie were *none*; it is *his employer*']);
  });

  it('name several things together where no single one would do', () => {
    const rules =
      '- {rule: a, share: [identity], for purpose: [emergency], when: {consent: agreed, risk: high}}\n- {rule: b, share: [identity], for purpose: [emergency], with: {sector: police}}';
    expect(misses(rules, '', NAME)).toEqual([
      'would be shared if sector were *police* (it is *unknown*) and purpose were *emergency* (it is *treatment*)',
    ]);
  });

  it('never name what would not help', () => {
    const rules = '- {rule: a, share: [identity], when: {consent: agreed}}\n- {rule: l, withhold: [identity]}';
    expect(misses(rules, '', NAME)).toEqual([]);
    expect(misses('- {rule: a, share: [identity]}', '', NAME)).toEqual([]);
    expect(misses('- {rule: a, share: [identity]}', '', ADDRESS)).toEqual([]);
  });

  it('are sought so often and no more, however many shares there are', () => {
    const { purposes, sectors } = smallBundle({}).vocabulary;
    const shares = [...purposes.keys()].flatMap((purpose) =>
      [...sectors.keys()].map(
        (sector) =>
          `- {rule: ${purpose}-${sector}, share: [identity], for purpose: [${purpose}], with: {sector: ${sector}}}`,
      ),
    );
    const bundle = smallBundle({
      'us-health/a.yaml': `rules:\n${shares.join('\n').replaceAll(/rule: \S+/g, (name) => name.replaceAll('_', '-'))}`,
      'core/a.yaml': 'rules:\n- {rule: l, withhold: [everything]}',
    });
    let asked = 0;
    class Counting extends Map<FieldName, RulesOfField> {
      override get(name: FieldName): RulesOfField | undefined {
        asked += 1;
        return super.get(name);
      }
    }
    const counted = { ...bundle, byField: new Counting(bundle.byField) };
    const situation = parseSituation('{purpose: treatment, origins: us-health}', bundle);
    expect(explain(counted, situation, [NAME]).fields.get(NAME)?.nearMisses).toEqual([]);
    expect(shares.length).toBeGreaterThan(300);
    // Each try looks a field up twice, for core and for the regime.
    expect(asked).toBeLessThan(2 * (100 + purposes.size + sectors.size) + 20);
  });
});
