import { smallBundle } from '../test/small-policies.js';
import { testCases } from './test-cases.js';

const RULES =
  'rules:\n- {rule: a, share: [identity], when: {consent: agreed}}\n- {rule: glass, share: [{person.birth_date: year}], when: {emergency_declared: yes}, last resort: yes}\n';

function results(cases: string, promises = '') {
  return testCases(
    smallBundle({
      'us-health/a.yaml': `${RULES}${promises && `promises:\n${promises}`}`,
      'us-health/a.cases.yaml': `cases:\n${cases}`,
    }),
  );
}

describe('a case', () => {
  it('holds where every field comes out as it says', () => {
    expect(
      results(
        '- {case: c, given: {purpose: treatment, consent: agreed}, expect: {identity: full, everything else: nothing}}',
      ),
    ).toMatchObject([{ name: 'c', passed: true, differences: [], matched: ['us-health/a'] }]);
  });

  it('expects what comes with the answer, too, whole', () => {
    const rules = `rules:
- {rule: a, share: [identity], when: {consent: agreed}, duties: [expires_1h, do_not_publish], say: Read this.}
- {rule: b, share: [contact.email], with: {tie: her_shelter}, for purpose: [treatment], tell upon: contact.email, last resort: yes}
- {rule: c, withhold: [location], with: {sector: employer}, alert: yes}
`;
    const of = (given: string, expected: string) =>
      testCases(
        smallBundle({
          'us-health/a.yaml': rules,
          'us-health/a.cases.yaml': `cases:\n- {case: c, given: {purpose: treatment, sector: health${given}}, expect: {identity: full, contact.email: full, everything else: nothing, ${expected}}}`,
        }),
      )[0]?.differences.flatMap(({ field, expected: wanted, got, why }) =>
        field === 'identity' || field.includes('.') ? [] : [`${field}: ${wanted}, got ${got} (${why})`],
      );
    const all = ', consent: agreed, tie: her_shelter';
    const right =
      'duties: [expires_1h, do_not_publish], duties of: {contact.email: none}, say: Read this., alert: no, last resort: yes, tell upon: [contact.email]';
    expect(of(all, right)).toEqual([]);
    expect(of(', consent: refused', right)).toEqual([
      'duties: expires_1h, do_not_publish, got none (nothing brings expires_1h, do_not_publish)',
      'say: Read this., got none (nothing brings Read this.)',
      'last resort: yes, got no (by none)',
      'tell upon: contact.email, got none (nothing brings contact.email)',
    ]);
    expect(of(all, 'duties: none, duties of: {person.alias: expires_1h}, alert: yes, tell upon: none')).toEqual([
      'duties: none, got expires_1h, do_not_publish (expires_1h comes by us-health/a; do_not_publish comes by us-health/a)',
      'duties of: expires_1h, got expires_1h, do_not_publish (person.alias: do_not_publish comes by us-health/a)',
      'alert: yes, got no (by none)',
      'tell upon: none, got contact.email (contact.email comes by us-health/b)',
    ]);
  });

  it('names each field that does not, and what decided it', () => {
    const [result] = results(
      '- {case: c, given: {purpose: treatment, consent: {person.alias: agreed}}, expect: {person.birth_date: year, everything else: nothing}}',
    );
    expect(result).toMatchObject({ passed: false, place: { path: 'us-health/a.cases.yaml', line: 2 } });
    expect(
      result?.differences.map(({ field, expected, got, why }) => `${field}: ${expected}, got ${got} (${why})`),
    ).toEqual([
      'person.alias: nothing, got full (full: granted by us-health/a)',
      'person.birth_date: year, got nothing (nothing: no share of us-health matches)',
    ]);
  });

  it('lets a field say otherwise than its group, and a group than everything else', () => {
    expect(
      results(
        '- {case: c, given: {purpose: treatment, consent: {everything: agreed, person.birth_date: agreed to year}}, expect: {person.birth_date: year, identity: full, everything else: nothing}}',
      )[0]?.passed,
    ).toBe(true);
  });

  it('comes from a row as it would from a line', () => {
    const table =
      '- table: t\n  given: {purpose: treatment}\n  columns: [consent, emergency_declared, person.birth_date, person.legal_name]\n  rows:\n  - [agreed, no, full, full]\n  - [refused, yes, year, nothing]\n  - [refused, no, year, nothing]';
    expect(results(table).map(({ name, passed, place }) => `${name} ${passed} ${place.line}`)).toEqual([
      't: agreed, no true 6',
      't: refused, yes true 7',
      't: refused, no false 8',
    ]);
  });

  it('says what one of the people is, unless it says otherwise', () => {
    const cases =
      'people:\n  doctor: {purpose: treatment, consent: {identity: agreed}}\ncases:\n- {case: c, given: {like: doctor, consent: {person.alias: refused}}, expect: {identity: full, person.alias: nothing, everything else: nothing}}';
    expect(testCases(smallBundle({ 'us-health/a.yaml': RULES, 'us-health/a.cases.yaml': cases }))[0]?.passed).toBe(
      true,
    );
  });
});

describe('a promise', () => {
  const agreed =
    '- {case: c, given: {purpose: treatment, consent: {person.legal_name: agreed}}, expect: {person.legal_name: full, everything else: nothing}}';
  const emergency =
    '- {case: c, given: {purpose: emergency, emergency_declared: yes}, expect: {person.birth_date: year, everything else: nothing}}';

  it.each([
    ['is broken where a field of it leaves', agreed, '- {promise: p, never share: [identity]}', ['person.legal_name']],
    [
      'is kept where it speaks of other situations',
      agreed,
      '- {promise: p, never share: [identity], for purpose: [audit]}',
      [],
    ],
    [
      'covers what nobody knows',
      agreed,
      '- {promise: p, never share: [identity], when: {perpetrator_at_requester: yes}}',
      ['person.legal_name'],
    ],
    [
      'covers only the known where it says so',
      agreed,
      '- {promise: p, never share: [identity], when: {perpetrator_at_requester: known yes}}',
      [],
    ],
    [
      'of no last resort is broken by breaking the glass',
      emergency,
      '- {promise: p, never share: everything, last resort: yes}',
      ['person.birth_date'],
    ],
    [
      'of no last resort is kept by ordinary shares',
      agreed,
      '- {promise: p, never share: everything, last resort: yes}',
      [],
    ],
    [
      'always to share is broken where less leaves',
      agreed,
      '- {promise: p, always share: [{person.birth_date: year}], regime: us-health}',
      ['person.birth_date'],
    ],
    [
      'always to share is kept where it does',
      emergency,
      '- {promise: p, always share: [{person.birth_date: year}], regime: us-health, when: {emergency_declared: yes}}',
      [],
    ],
  ])('%s', (_, case_, promise, fields) => {
    const [result] = results(case_, promise);
    expect(result?.broken.map(({ field }) => field)).toEqual(fields);
    expect(result?.passed).toBe(fields.length === 0);
  });
});

it('is not made to try more than takes a moment', () => {
  const names = Array.from({ length: 1_001 }, (_, at) => at);
  const rules = names.map((at) => `- {rule: r${at}, share: [identity]}`);
  const cases = names.map((at) => `- {case: c${at}, given: {purpose: treatment}, expect: {everything else: nothing}}`);
  const bundle = smallBundle({
    'us-health/a.yaml': `rules:\n${rules.join('\n')}`,
    'us-health/a.cases.yaml': `cases:\n${cases.join('\n')}`,
  });
  expect(() => testCases(bundle)).toThrow(
    '1001 cases of 1001 rules each are more than 1000000 to try; test some regimes, with core, at a time',
  );
});
