import { coverageBesides } from '../src/proof/struck-besides.js';
import { testCases } from '../src/test-cases.js';
import { smallBundle } from './small-policies.js';

const REGIME = `regime: us-health
title: Health
governs:
- {origins: enrolled here, fields: [identity, contact.email], under: {risk: [medium, high]}}
- {origins: enrolled here, fields: [location]}
treated as:
- {subject_role: third_party, for purpose: [treatment, emergency], as: survivor}
`;

const RULES = `rules:
- {rule: a, share: [identity], when: {risk: high}, duties: [expires_1h, do_not_publish], say: Read this.}
- {rule: b, share: [contact.email], with: {tie: her_shelter}, for purpose: [treatment], duties: [do_not_publish], tell upon: contact.email}
- {rule: c, withhold: [location], with: {sector: employer}, alert: yes}
- {rule: d, share: [contact.shelter], when: {subject_role: survivor}, last resort: yes}
`;

function missed(cases: string): readonly string[] {
  const bundle = smallBundle({
    'us-health/regime.yaml': REGIME,
    'us-health/a.yaml': RULES,
    'us-health/a.cases.yaml': `cases:\n${cases}`,
  });
  expect(testCases(bundle).flatMap(({ name, differences }) => differences.map((one) => [name, one]))).toEqual([]);
  return coverageBesides(bundle).unnoticed.map(({ of, what: { kind, ...more } }) =>
    [of.replace('us-health/', ''), kind, ...Object.values(more)].join(' '),
  );
}

const HIGH = 'given: {purpose: treatment, risk: high, tie: her_shelter}';
const FIELDS = 'identity: full, contact.email: full, everything else: nothing';

describe('what nobody would miss besides', () => {
  it('is each thing that comes with an answer, and each part of a regime, where no case speaks of it', () => {
    expect(missed('- {case: c, given: {purpose: audit}, expect: {everything else: nothing}}')).toEqual([
      'a duty expires_1h',
      'a duty do_not_publish',
      'a say',
      'b duty do_not_publish',
      'b tell upon contact.email',
      'c alert',
      'd last resort',
      'us-health governs 1',
      ...['legal_name', 'alias', 'birth_date', 'gender_identity', 'language', 'ethnicity'].map(governed),
      ...['immigration_status', 'orientation', 'death_date'].map(governed),
      'us-health governed field 1 protection_order.protected_persons',
      'us-health governed field 1 contact.email',
      'us-health under 1 risk: medium',
      'us-health under 1 risk: high',
      'us-health governs 2',
      'us-health governed field 2 contact.shelter',
      'us-health treated as 1',
      'us-health purpose of treated as 1 treatment',
      'us-health purpose of treated as 1 emergency',
    ]);
  });

  it('is noticed by a case that names it, unless another rule brings it too', () => {
    const left =
      missed(`- {case: c, ${HIGH}, expect: {${FIELDS}, duties: [expires_1h, do_not_publish], say: Read this.}}
- {case: d, given: {purpose: treatment, sector: employer}, expect: {everything else: nothing, alert: yes}}
- {case: e, given: {purpose: emergency, sector: health, subject_role: third_party}, expect: {contact.shelter: full, everything else: nothing, last resort: yes}}`);
    expect(left).toEqual(
      expect.arrayContaining(['a duty do_not_publish', 'b duty do_not_publish', 'b tell upon contact.email']),
    );
    for (const one of ['a duty expires_1h', 'a say', 'c alert', 'd last resort', 'us-health treated as 1'])
      expect(left).not.toContain(one);
    expect(left).toContain('us-health purpose of treated as 1 treatment');
    const rest = missed(
      `- {case: c, ${HIGH}, expect: {${FIELDS}, duties of: {contact.email: do_not_publish, identity: [expires_1h, do_not_publish]}, tell upon: contact.email}}`,
    );
    for (const one of ['a duty do_not_publish', 'b duty do_not_publish', 'b tell upon contact.email'])
      expect(rest).not.toContain(one);
  });
});

function governed(name: string): string {
  return `us-health governed field 1 person.${name}`;
}
