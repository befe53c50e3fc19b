import { generateKeyPairSync } from 'node:crypto';
import { type County, hospital, operator, police, startCounty } from '../testonly/county.js';
import type { RunningGateway } from './start-gateway.js';

/** Who is let in, said at one gateway and held at every one. */
describe('two gateways', () => {
  let county: County;
  let second: RunningGateway;

  beforeAll(async () => {
    county = await startCounty();
    second = await county.another();
  }, 60_000);

  afterAll(() => county.close());

  const reason = 'its private key was found on a public server';
  const askedBy = async (agency: typeof police, port: number) => {
    const { status, body } = await county.as(agency, { port }).get('/v1/reviews');
    return status === 200 ? 'let in' : body['code'];
  };
  const everywhere = async (agency: typeof police) => [
    await askedBy(agency, county.gateway.port),
    await askedBy(agency, second.port),
  ];

  it('let a suspended agency in no more, nor does one that starts later, until the operator ends it', async () => {
    const desk = county.as(operator, { port: second.port });
    const suspended = await desk.post(`/v1/agencies/${police}/suspension`, { reason });
    expect(suspended).toMatchObject({ status: 200, body: { receipt: expect.any(String) as string } });
    expect(await everywhere(police)).toEqual(['agency_suspended', 'agency_suspended']);
    expect(await everywhere(hospital)).toEqual(['let in', 'let in']);
    const third = await county.another();
    expect(await askedBy(police, third.port)).toBe('agency_suspended');
    expect((await desk.post(`/v1/agencies/${police}/resumption`, { reason })).status).toBe(200);
    // The first answers by what it has folded: another's question makes it look.
    expect(await askedBy(hospital, county.gateway.port)).toBe('let in');
    expect(await everywhere(police)).toEqual(['let in', 'let in']);
  });

  it('let nobody in with a certificate that its agency or the operator has revoked, at whichever', async () => {
    const [lost, kept] = [await county.shownBy(police), await county.shownBy(police)];
    const asked = async (shown: typeof lost, port: number) =>
      (await county.as(police, { ...shown, port }).get('/v1/reviews')).body['code'] ?? 'let in';
    const target = (agency: typeof police) => `/v1/agencies/${agency}/certificates/${lost.serial}/revocation`;
    expect(await asked(lost, second.port)).toBe('let in');
    expect((await county.as(hospital).post(target(police), { reason })).body['code']).toBe('not_allowed');
    expect((await county.as(hospital).post(target(hospital), { reason })).status).toBe(200);
    expect(await asked(lost, second.port)).toBe('let in');
    expect((await county.as(police).post(target(police), { reason })).status).toBe(200);
    for (const { port } of [county.gateway, second, await county.another()]) {
      expect(await asked(lost, port)).toBe('certificate_revoked');
      expect(await asked(kept, port)).toBe('let in');
    }
    expect((await county.as(operator).post(target(police), { reason })).status).toBe(200);
    expect(
      (await county.as(police).post(`/v1/agencies/${police}/certificates/xyz/revocation`, { reason })).status,
    ).toBe(400);
  });

  it('take a key under which to seal from its agency, and take it back', async () => {
    const key = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
    const published = await county.as(police).post('/v1/recipient-keys', key);
    expect(published.status).toBe(201);
    const withdrawal = `/v1/recipient-keys/${String(published.body['kid'])}/withdrawal`;
    expect((await county.as(hospital, { port: second.port }).post(withdrawal, undefined)).status).toBe(404);
    expect((await county.as(police, { port: second.port }).post(withdrawal, undefined)).status).toBe(200);
    expect((await county.as(police).post('/v1/recipient-keys', key)).body['code']).toBe('recipient_key_invalid');
    expect((await county.as(police).post('/v1/recipient-keys', { ...key, d: key.x })).body['code']).toBe(
      'body_invalid',
    );
  });

  const refused = async (by: typeof police, agency: string) =>
    (await county.as(by).post(`/v1/agencies/${agency}/suspension`, { reason })).body['code'];

  it('take no such word from a member, nor about one that there is not', async () => {
    expect(await refused(hospital, police)).toBe('not_allowed');
    expect(await refused(operator, operator)).toBe('question_invalid');
    expect(await refused(operator, 'county-polise')).toBe('question_invalid');
    expect(await refused(operator, 'County%20Police')).toBe('path_invalid');
    expect(await everywhere(police)).toEqual(['let in', 'let in']);
  });
});
