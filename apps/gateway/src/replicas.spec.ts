import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Client, type County, hospital, police, shelter, startCounty } from '../testonly/county.js';
import { domesticViolenceUnit, enrolMara, linkByCode, made, type Mara, release, toOperator } from '../testonly/mara.js';
import type { RunningGateway } from './start-gateway.js';

/** Two gateways on one database. Neither may say or release anything that the other has already made untrue. */
describe('two gateways', () => {
  let county: County;
  let second: RunningGateway;
  let mara: Mara;
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-policies-'));

  beforeAll(async () => {
    county = await startCounty();
    second = await county.another();
    mara = await enrolMara(county);
  }, 60_000);

  afterAll(async () => {
    await county.close();
    rmSync(folder, { recursive: true });
  });

  const there = (agency: typeof police): Client => county.as(agency, { port: second.port });
  const askAt = async (client: Client, fields: readonly string[]): Promise<readonly string[]> => {
    const question = { decision: randomUUID(), subject: mara.atPolice, fields, purpose: 'safety_planning' };
    const reply = await client.post('/v1/disclosures', question, { unit: domesticViolenceUnit });
    expect(reply.status).toBe(200);
    return Object.keys(reply.body);
  };

  it("know each other's handles, codes and consents", async () => {
    const opened = await made(there(shelter), '/v1/handles', { localId: 'HH-0900', release: toOperator() });
    const subject = String(opened['handle']);
    const again = await made(county.as(shelter), '/v1/handles', { localId: 'HH-0900', release: toOperator() });
    expect(again['handle']).toBe(subject);

    const later = await made(there(shelter), '/v1/handles', { localId: 'HH-0901', release: toOperator() });
    const fact = { fact: 'address_confidential', value: 'yes', basis: 'she said so' };
    await made(county.as(shelter), `/v1/persons/${String(later['handle'])}/facts`, fact);

    const said = release(shelter, {
      disclosers: [hospital],
      recipients: [shelter],
      fields: { 'person.birth_date': 'year' },
    });
    const recorded = await made(there(shelter), '/v1/consents', { subject: mara.atShelter, ...said });
    const id = String(recorded['consent']);
    expect(await made(county.as(hospital), `/v1/consents/${id}/confirmation`, { kind: 'discloser' })).toMatchObject({
      state: 'active',
    });
  });

  it('answer a question about a handle that the other has just opened', async () => {
    const opened = await made(county.as(police), '/v1/handles', { localId: 'P-900' });
    const known = await made(there(shelter), '/v1/handles', { localId: 'HH-0142', release: toOperator() });
    await linkByCode(county, [shelter, String(known['handle'])], [police, String(opened['handle'])]);
    const phone = release(shelter, {
      disclosers: [shelter],
      recipients: [police],
      fields: { 'contact.safe_phone': 'full' },
    });
    await made(county.as(shelter), '/v1/consents', { subject: mara.atShelter, ...phone });
    const question = {
      decision: randomUUID(),
      subject: opened['handle'],
      fields: ['contact.safe_phone'],
      purpose: 'safety_planning',
    };
    const reply = await there(police).post('/v1/disclosures', question, { unit: domesticViolenceUnit });
    expect(reply.body).toMatchObject({ fields: [{ field: 'contact.safe_phone' }] });
  });

  it('stop at once where she said stop to the other', async () => {
    expect(await askAt(there(police), ['contact.safe_phone'])).toContain('fields');
    const withdrawn = await county.as(shelter).post(`/v1/persons/${mara.atShelter}/withdrawals`, { from: police });
    expect(withdrawn.status).toBe(200);
    expect(await askAt(there(police), ['contact.safe_phone'])).toEqual(['decision', 'receipt']);
  });

  it('hear a withdrawal about a handle that only the other knows yet', async () => {
    await county.owner.query(
      `INSERT INTO systems.person (agency, id, phone) VALUES ('${shelter}', 'HH-0903', '555 0903')`,
    );
    const ana = await enrolMara(county, { shelter: 'HH-0903', hospital: '900903', police: 'P-903' });
    const said = { disclosers: [shelter], recipients: [police], fields: { 'contact.safe_phone': 'full' } };
    await made(county.as(shelter), '/v1/consents', { subject: ana.atShelter, ...release(shelter, said) });
    const ask = async () => {
      const question = { decision: randomUUID(), subject: ana.atPolice, fields: ['contact.safe_phone'] };
      const asked = { ...question, purpose: 'safety_planning' };
      return Object.keys((await county.as(police).post('/v1/disclosures', asked, { unit: domesticViolenceUnit })).body);
    };
    expect(await ask()).toContain('fields');
    const stop = await there(shelter).post(`/v1/persons/${ana.atShelter}/withdrawals`, { from: 'everyone' });
    expect(stop.status).toBe(200);
    expect(await ask()).toEqual(['decision', 'receipt']);
  });

  it('decide under the policies that the other has published', async () => {
    const phone = release(shelter, {
      disclosers: [shelter],
      recipients: [police],
      fields: { 'contact.safe_phone': 'full' },
    });
    await made(county.as(shelter), '/v1/consents', { subject: mara.atShelter, ...phone });
    expect(await askAt(county.as(police), ['contact.safe_phone'])).toContain('fields');

    cpSync(county.config.policies, folder, { recursive: true });
    const rules = path.join(folder, 'us-victim-services', 'release.yaml');
    writeFileSync(rules, readFileSync(rules, 'utf8').replace('  - contact_details\n', ''));
    const third = await county.another({ policies: folder });
    expect(await askAt(county.as(police), ['contact.safe_phone'])).toEqual(['decision', 'receipt']);
    expect(await askAt(county.as(police, { port: third.port }), ['contact.safe_phone'])).toEqual([
      'decision',
      'receipt',
    ]);
  });
});
