import path from 'node:path';
import { readPolicies } from '../../../apps/gateway/src/read-policies.js';
import { decide, parseSituation } from '#policy';
import { CHECKOUT } from '../../../apps/sandbox/checkout.js';
import { FIELDS } from './record.js';

describe('the record that is measured', () => {
  it('leaves whole under all shipped policies, once her release and two facts are stated', async () => {
    const { bundle } = await readPolicies(path.join(CHECKOUT, 'policies'));
    const given =
      '{origins: us-health, purpose: safety_planning, sector: victim_service, age: 18 and over, perpetrator_at_requester: no, consent: agreed}';
    const { fields } = decide(bundle, parseSituation(given, bundle), FIELDS);
    expect(FIELDS.filter((field) => (fields.get(field)?.level ?? 0) === 0)).toEqual([]);
  });
});
