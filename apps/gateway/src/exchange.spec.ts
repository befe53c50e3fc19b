import { createPublicKey, randomUUID } from 'node:crypto';
import { logIdOf, verifyReceipt } from '#ledger';
import { type County, hospital, operator, police, shelter, startCounty } from '../testonly/county.js';

/** The main way: a woman's release, a link, a question, an answer, each over real TLS and PostgreSQL. */
describe('an exchange', () => {
  let county: County;

  beforeAll(async () => {
    county = await startCounty();
  });

  afterAll(() => county.close());

  it('opens handles', async () => {
    const reply = await county.as(hospital).post('/v1/handles', { localId: '900417' });
    expect(reply).toMatchObject({ status: 201, body: { handle: expect.stringMatching(/^[\w-]{22}$/) } });
    const receipt = Buffer.from(String(reply.body['receipt']), 'base64url');
    const key = createPublicKey(county.ledgerKey);
    expect(() => verifyReceipt(logIdOf('test.example/postern'), receipt, key)).not.toThrow();
  });

  it('answers the uniform answer where nobody is known', async () => {
    const decision = randomUUID();
    const question = { decision, subject: 'A'.repeat(22), fields: ['contact.safe_phone'], purpose: 'safety_planning' };
    const reply = await county.as(police).post('/v1/disclosures', question, { unit: 'detectives' });
    expect(reply.status).toBe(200);
    expect(Object.keys(reply.body)).toEqual(['decision', 'receipt']);
    expect(reply.body['decision']).toBe(decision);
  });

  it('refuses a victim service that has no release naming the operator', async () => {
    const reply = await county.as(shelter).post('/v1/handles', { localId: 'HH-0142' });
    expect(reply).toMatchObject({ status: 422, body: { code: 'release_required' } });
    expect(operator).toBe('postern-operator');
  });
});
