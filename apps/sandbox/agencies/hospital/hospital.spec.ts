import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { CHECKOUT } from '../../checkout.js';
import type { Started } from '../agency.js';
import { type CountyAuthority, createCountyAuthority } from '../authority.js';
import { loadBundles } from './bundle.js';
import { startHospital } from './server.js';

const BUNDLES = join(CHECKOUT, 'apps', 'sandbox', 'agencies', 'hospital', 'bundles');
const SYNTHEA = join(CHECKOUT, '..', 'shared', 'data', 'synthea');

let authority: CountyAuthority;
let agent: Agent;
const started: Started[] = [];

beforeAll(async () => {
  authority = await createCountyAuthority(Date.now());
  agent = new Agent({ connect: { ca: authority.certificate } });
});
afterAll(async () => {
  await agent.destroy();
  for (const one of started) await one.stop();
});

interface Answered {
  readonly status: number;
  readonly type: string;
  readonly body: {
    readonly resourceType: string;
    readonly total?: number;
    readonly link?: readonly { readonly relation: string; readonly url: string }[];
    readonly entry?: readonly { readonly resource: { readonly [element: string]: unknown } }[];
    readonly [element: string]: unknown;
  };
}

/** A hospital, and how to read from it with its key. */
async function hospital(bundles?: string): Promise<(path: string, key?: string) => Promise<Answered>> {
  const one = await startHospital({ authority, port: 0, ...(bundles === undefined ? {} : { bundles }) });
  started.push(one);
  const { access, address } = one.standIn;
  const own = access.protocol === 'fhir' ? (access.bearer ?? '') : '';
  return async (path, key = own) => {
    const url = path.startsWith('https:') ? path : `${address}/${path}`;
    const response = await request(url, { dispatcher: agent, headers: { authorization: `Bearer ${key}` } });
    return {
      status: response.statusCode,
      type: String(response.headers['content-type']),
      body: (await response.body.json()) as Answered['body'],
    };
  };
}

describe('a FHIR R4 server', () => {
  let get: (path: string, key?: string) => Promise<Answered>;
  beforeAll(async () => {
    get = await hospital();
  });

  it('says what it can do, to anybody', async () => {
    const { status, type, body } = await get('metadata', 'none');
    expect([status, type]).toEqual([200, 'application/fhir+json; charset=utf-8']);
    expect(body).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' });
  });

  it('shows records only to whoever has its key', async () => {
    expect((await get('Patient', 'guessed')).status).toBe(401);
    expect((await get('Patient')).status).toBe(200);
  });

  it('finds a patient by her number in its own system only', async () => {
    const { body } = await get('Patient?identifier=http://hospital.smarthealthit.org|900417');
    expect(body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 1 });
    expect((await get('Patient?identifier=urn:other|900417')).body.total).toBe(0);
    expect((await get('Patient?identifier=900417')).body.total).toBe(1);
    expect((await get('Patient?identifier=900417,900802')).body.total).toBe(2);
    expect((await get(String.raw`Patient?identifier=900417\,900802`)).body.total).toBe(0);
  });

  it('reads what it found, with references to what is stored', async () => {
    const [found] = (await get('Patient?family=elli&given=mara')).body.entry ?? [];
    const id = String(found?.resource['id']);
    expect((await get(`Patient/${id}`)).body).toMatchObject({ birthDate: '1991-04-30' });
    const conditions = (await get(`Condition?patient=${id}`)).body.entry ?? [];
    expect(conditions).toHaveLength(7);
    expect(conditions[0]?.resource['subject']).toEqual({ reference: `Patient/${id}` });
    expect((await get(`Observation?subject=Patient/${id}&code=http://loinc.org|76504-0`)).body.total).toBe(1);
  });

  it('leaves out the elements that were not asked for, and keeps all types of one that was', async () => {
    const [found] = (await get('Observation?code=76504-0&_elements=value,status')).body.entry ?? [];
    expect(Object.keys(found?.resource ?? {}).toSorted()).toEqual([
      'id',
      'meta',
      'resourceType',
      'status',
      'valueInteger',
    ]);
  });

  it('turns pages', async () => {
    const seen: unknown[] = [];
    for (let next: string | undefined = 'Condition?_count=4'; next !== undefined;) {
      const { body }: Answered = await get(next);
      seen.push(...(body.entry ?? []).map(({ resource }) => resource['id']));
      next = body.link?.find(({ relation }) => relation === 'next')?.url;
    }
    const { total } = (await get('Condition')).body;
    expect(new Set(seen).size).toBe(total);
    expect(seen).toHaveLength(total ?? 0);
  });

  it.each([
    ['Patient?shoe-size=38', 400],
    ['Patient?_count=many', 400],
    ['Patient/absent', 404],
    ['Ward', 404],
    ['Patient/a/b', 400],
  ])('refuses %s with an outcome and no trace', async (path, status) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(answer.body.resourceType).toBe('OperationOutcome');
    expect(JSON.stringify(answer.body)).not.toMatch(/at .*\.ts|node_modules/);
  });
});

const carePlan = (id: string, other: string) => ({
  fullUrl: `urn:uuid:${id}`,
  resource: { resourceType: 'CarePlan', partOf: [{ reference: `urn:uuid:${other}` }] },
});

describe('loading bundles', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-bundles-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes references that go round in a circle', () => {
    const bundle = { resourceType: 'Bundle', type: 'collection', entry: [carePlan('a', 'b'), carePlan('b', 'a')] };
    writeFileSync(join(folder, 'circle.json'), JSON.stringify(bundle));
    expect(loadBundles([folder]).get('CarePlan')?.get('a')).toEqual({
      resourceType: 'CarePlan',
      id: 'a',
      partOf: [{ reference: 'CarePlan/b' }],
    });
  });

  it.each([
    ['{"resourceType": "Bundle", "entry": [', 'wrong.json is not JSON.'],
    ['{"resourceType": "Patient", "id": "p"}', 'wrong.json is not a FHIR bundle.'],
    ['{"resourceType": "Bundle", "entry": {}}', 'wrong.json has no list of entries.'],
    ['{"resourceType": "Bundle", "entry": [{"resource": {"id": "p"}}]}', 'wrong.json has an entry without type or id.'],
  ])('refuses %s in one sentence', (text, message) => {
    writeFileSync(join(folder, 'wrong.json'), text);
    expect(() => loadBundles([folder])).toThrow(message);
  });

  it('says that there is no such folder', () => {
    expect(() => loadBundles([join(folder, 'absent')])).toThrow('There is no folder of FHIR bundles at');
  });

  it('has invented patients of its own', () => {
    expect(loadBundles([BUNDLES]).get('Patient')?.size).toBe(readdirSync(BUNDLES).length);
  });
});

// Synthetic patients lie beside some checkouts; where they do not, this says so by being skipped.
(existsSync(SYNTHEA) ? describe : describe.skip)('a folder of synthetic patients', () => {
  it('loads, and every condition and observation is found by its patient', async () => {
    const get = await hospital(SYNTHEA);
    const records = loadBundles([BUNDLES, SYNTHEA]);
    const patients = [...(records.get('Patient')?.keys() ?? [])];
    expect(patients).toHaveLength(readdirSync(BUNDLES).length + 4);
    for (const type of ['Condition', 'Observation', 'Procedure', 'Claim']) {
      let found = 0;
      for (const id of patients) found += (await get(`${type}?patient=${id}`)).body.total ?? 0;
      expect([type, found]).toEqual([type, records.get(type)?.size]);
    }
  });
});
