import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { testAuthority, type Identity, type TestAuthority } from '../../test/authority.js';
import { ask, faultOf, question, VOCABULARY } from '../../test/ask.js';
import { json, tlsServer, type TestServer } from '../../test/tls-server.js';
import { connect } from '../connect.js';
import { parseMapping } from '../parse-mapping.js';
import type { ConnectedSource } from '../source.js';

const SNOMED = 'http://snomed.info/sct';
const MAPPING = `
source: st-brigid
protocol: fhir
subject: {identifier: 'urn:oid:2.16.840.1.113883.19.5'}
limits: {deadline: 5 s, size: 200 kB, at once: 4, pages: 5, faults: 3, pause: 300 ms}
fields:
  person.legal_name: Patient.name.where(use = 'official')
  person.birth_date: Patient.birthDate
  person.language: Patient.communication.where(preferred = true).language.text
  contact.actual_address: Patient.address.where(use = 'home')
  contact.safe_phone:
    path: Patient.telecom.where(system = 'phone')
    only where: extension('https://postern.example/safe-to-contact').value = true
    value: value
  medical.injury_findings:
    path: Condition.code
    codes:
      ${SNOMED}:
        62106007: Concussion with no loss of consciousness
        44465007: Sprain of ankle
  medical.pregnancy:
    path: Observation.value
    of codes: {'http://loinc.org': [82810-3]}
`;

const SHE = {
  resourceType: 'Patient',
  id: 'p1',
  identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.5', value: 'MRN 900417' }],
  name: [
    { use: 'official', family: 'Ellison', given: ['Mara', 'Jo'], prefix: ['Ms.'] },
    { use: 'maiden', family: 'Okafor' },
  ],
  birthDate: '1991-04-30',
  communication: [{ language: { text: 'English' }, preferred: true }],
  telecom: [
    { system: 'phone', value: '+1 555 010 0199', use: 'home' },
    {
      system: 'phone',
      value: '+1 555 010 0142',
      extension: [{ url: 'https://postern.example/safe-to-contact', valueBoolean: true }],
    },
  ],
  address: [{ use: 'home', line: ['12 Elm St'], city: 'Lowell', state: 'Massachusetts', postalCode: '01850' }],
};
const SOMEBODY_ELSE = {
  ...SHE,
  id: 'p2',
  identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.5', value: 'MRN 900418' }],
};
const condition = (code: string, about = 'Patient/p1', more = {}) => ({
  resourceType: 'Condition',
  id: `c${code}`,
  subject: { reference: about },
  code: { text: `as typed: ${code}`, coding: [{ system: SNOMED, code, display: 'shown' }] },
  ...more,
});
const bundle = (resources: readonly unknown[], next?: string) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  ...(next === undefined
    ? {}
    : {
        link: [
          { relation: 'self', url: 'x' },
          { relation: 'next', url: next },
        ],
      }),
  entry: resources.map((resource) => ({ resource, search: { mode: 'match' } })),
});

let authority: TestAuthority;
let identity: Identity;
let server: TestServer;
let source: ConnectedSource;
let conditions: unknown;

const fhir = (response: ServerResponse, body: unknown) => json(response, body, 'application/fhir+json; charset=utf-8');

beforeAll(async () => {
  authority = await testAuthority('Hospital authority');
  identity = await authority.issue('127.0.0.1');
});

beforeEach(async () => {
  server = await tlsServer(identity);
  conditions = bundle([
    condition('62106007'),
    condition('19169002'),
    condition('44465007', `${server.base}/r4/Patient/p1/_history/3`),
  ]);
  server.answer = (request, response) => {
    const url = new URL(request.url ?? '', server.base);
    if (url.pathname === '/r4/Patient') fhir(response, bundle([SHE]));
    else if (url.pathname === '/r4/Condition') fhir(response, conditions);
    else if (url.pathname === '/r4/Observation')
      fhir(
        response,
        bundle([
          {
            resourceType: 'Observation',
            id: 'o1',
            status: 'final',
            subject: { reference: 'Patient/p1' },
            code: { coding: [{ system: 'http://loinc.org', code: '82810-3' }] },
            valueBoolean: false,
          },
        ]),
      );
    else response.writeHead(404).end();
  };
  source = hospital();
});

afterEach(async () => {
  await source.close();
  await server.close();
});

function hospital(access = {}): ConnectedSource {
  return connect(parseMapping(MAPPING, 'st-brigid.yaml', VOCABULARY), {
    protocol: 'fhir',
    base: `${server.base}/r4`,
    authority: authority.certificate,
    bearer: 'abc',
    ...access,
  });
}

const injuries = () => ask(source, question('MRN 900417', ['medical.injury_findings']));

describe('a hospital’s FHIR server', () => {
  it('answers each field cut to its level', async () => {
    const fields = [
      'person.legal_name',
      ['person.birth_date', 'year'],
      ['contact.actual_address', 'city'],
      'contact.safe_phone',
      'person.language',
      'medical.injury_findings',
      'medical.pregnancy',
      'person.alias',
    ] as const;
    expect(await ask(source, question('MRN 900417', fields))).toEqual({
      'person.legal_name': 'Mara Jo Ellison',
      'person.birth_date': '1991',
      'contact.actual_address': { city: 'Lowell', region: 'Massachusetts' },
      'contact.safe_phone': '+1 555 010 0142',
      'person.language': 'English',
      'medical.injury_findings': ['Concussion with no loss of consciousness', 'Sprain of ankle'],
      'medical.pregnancy': false,
      'person.alias': undefined,
    });
  });

  it('is asked for no more than the fields need', async () => {
    await ask(source, question('MRN 900417', ['person.birth_date']));
    expect(server.asked.map(decodeURIComponent)).toEqual([
      'GET /r4/Patient?identifier=urn:oid:2.16.840.1.113883.19.5|MRN+900417&_elements=identifier,birthDate',
    ]);
    server.asked.length = 0;
    await ask(source, question('MRN 900417', ['person.alias']));
    expect(server.asked).toEqual([]);
  });

  it('cannot be asked for two people at once by a local id made for it', async () => {
    await faultOf(ask(source, question('MRN 900417,MRN 900418|x', ['person.birth_date'])));
    expect(decodeURIComponent(server.asked[0] ?? '')).toContain('MRN+900417\\,MRN+900418\\|x&');
  });

  it('holds no value where only unlisted, refuted or erroneous records are', async () => {
    conditions = bundle([
      condition('19169002'),
      condition('62106007', 'Patient/p1', { verificationStatus: { coding: [{ code: 'entered-in-error' }] } }),
      condition('44465007', 'Patient/p1', { verificationStatus: { coding: [{ code: 'refuted' }] } }),
    ]);
    expect(await injuries()).toEqual({ 'medical.injury_findings': undefined });
  });

  it('is asked by its own id where the mapping says so', async () => {
    const byId = connect(
      parseMapping(MAPPING.replace("{identifier: 'urn:oid:2.16.840.1.113883.19.5'}", 'id'), 'm.yaml', VOCABULARY),
      {
        protocol: 'fhir',
        base: `${server.base}/r4`,
        authority: authority.certificate,
      },
    );
    server.answer = (request, response) =>
      request.url?.startsWith('/r4/Patient/p1')
        ? fhir(response, SHE)
        : request.url?.startsWith('/r4/Patient/p3')
          ? fhir(response, SHE)
          : response.writeHead(410).end();
    const dateOf = (id: string) => ask(byId, question(id, ['person.birth_date']));
    expect(await dateOf('p1')).toEqual({ 'person.birth_date': '1991-04-30' });
    expect(await dateOf('p2')).toEqual({ 'person.birth_date': undefined });
    expect(await faultOf(dateOf('p3'))).toBe('SOURCE_GARBAGE');
    for (const id of ['..', 'p1/../p2', 'p1?x', 'p1#']) expect(await faultOf(dateOf(id))).toBe('SOURCE_REFUSED');
    await byId.close();
  });

  it('answers absent for a person it does not know', async () => {
    server.answer = (_, response) => fhir(response, bundle([]));
    expect(await injuries()).toEqual({ 'medical.injury_findings': undefined });
    // That there is nothing to search says nothing about her.
    server.answer = (_, response) => response.writeHead(404).end();
    expect(await faultOf(injuries())).toBe('SOURCE_REFUSED');
  });

  it('is read page by page', async () => {
    const pages = [bundle([condition('62106007')], '/r4/Condition?page=2'), bundle([condition('44465007')])];
    server.answer = (request, response) =>
      fhir(
        response,
        request.url?.startsWith('/r4/Patient') ? bundle([SHE]) : request.url?.includes('page=2') ? pages[1] : pages[0],
      );
    expect(await injuries()).toEqual({
      'medical.injury_findings': ['Concussion with no loss of consciousness', 'Sprain of ankle'],
    });
  });
});

describe('what a hospital’s server sends that is no answer', () => {
  it.each<[string, string, () => unknown]>([
    ['about somebody else', 'SOURCE_GARBAGE', () => bundle([condition('62106007', 'Patient/p2')])],
    ['about nobody', 'SOURCE_GARBAGE', () => bundle([{ ...condition('62106007'), subject: undefined }])],
    ['another patient beside her', 'SOURCE_GARBAGE', () => bundle([condition('62106007'), SOMEBODY_ELSE])],
    [
      'a patient of another server',
      'SOURCE_GARBAGE',
      () => bundle([condition('62106007', 'https://elsewhere.example/r4/Patient/p1')]),
    ],
    [
      'pages in a circle',
      'SOURCE_GARBAGE',
      () => bundle([condition('62106007')], `${server.base}/r4/Condition?page=1`),
    ],
    [
      'pages on another server',
      'SOURCE_GARBAGE',
      () => bundle([condition('62106007')], 'https://127.0.0.1:1/r4/Condition'),
    ],
    ['pages outside its own folder', 'SOURCE_GARBAGE', () => bundle([condition('62106007')], '/r4-other/Condition')],
    ['no bundle', 'SOURCE_GARBAGE', () => condition('62106007')],
    ['a bundle of another type', 'SOURCE_GARBAGE', () => ({ ...bundle([]), type: 'transaction' })],
    ['entries that are no resources', 'SOURCE_GARBAGE', () => ({ ...bundle([]), entry: [{ resource: 'x' }] })],
    [
      'an answer that it calls not whole',
      'SOURCE_GARBAGE',
      () => bundle([{ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] }]),
    ],
    ['a key twice', 'SOURCE_GARBAGE', () => '{"resourceType":"Bundle","type":"searchset","entry":[],"entr\\u0079":[]}'],
    [
      'nested too deeply',
      'SOURCE_GARBAGE',
      () => `{"resourceType":"Bundle","type":"searchset","x":${'['.repeat(60)}${']'.repeat(60)}}`,
    ],
    ['cut off', 'SOURCE_GARBAGE', () => '{"resourceType":"Bundle","type":"searchset","entry":['],
    [
      'too large',
      'SOURCE_TOO_LARGE',
      () => bundle([condition('62106007', 'Patient/p1', { note: 'x'.repeat(300_000) })]),
    ],
  ])('%s: %s', async (_, code, body) => {
    conditions = body();
    expect(await faultOf(injuries())).toBe(code);
  });

  it('two patients, or another one, for her identifier', async () => {
    for (const patients of [[SHE, SOMEBODY_ELSE], [SOMEBODY_ELSE], [{ ...SHE, identifier: [] }]]) {
      server.answer = (_, response) => fhir(response, bundle(patients));
      expect(await faultOf(injuries())).toBe('SOURCE_GARBAGE');
    }
  });

  it('pages without end', async () => {
    let page = 0;
    server.answer = (request, response) =>
      fhir(
        response,
        request.url?.startsWith('/r4/Patient')
          ? bundle([SHE])
          : bundle([condition('62106007')], `/r4/Condition?page=${++page}`),
      );
    expect(await faultOf(injuries())).toBe('SOURCE_TOO_LARGE');
    expect(page).toBe(5);
  });

  it('another kind of content, another encoding, or bytes that are no UTF-8', async () => {
    server.answer = (_, response) => json(response, bundle([SHE]), 'text/html');
    expect(await faultOf(injuries())).toBe('SOURCE_GARBAGE');
    server.answer = (_, response) =>
      response.writeHead(200, { 'content-type': 'application/fhir+json', 'content-encoding': 'gzip' }).end('x');
    expect(await faultOf(injuries())).toBe('SOURCE_GARBAGE');
    server.answer = (_, response) =>
      response.writeHead(200, { 'content-type': 'application/fhir+json' }).end(Buffer.from([0x22, 0xff, 0x22]));
    expect(await faultOf(injuries())).toBe('SOURCE_GARBAGE');
  });

  it('a redirect, even to itself', async () => {
    server.answer = (request, response) =>
      response.writeHead(302, { location: `${server.base}${request.url}&again` }).end();
    expect(await faultOf(injuries())).toBe('SOURCE_REFUSED');
    expect(server.asked).toHaveLength(1);
  });

  it('half an answer, whose connection then ends', async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/fhir+json', 'content-length': '5000' });
      response.write('{"resourceType":"Bundle"', () => response.destroy());
    };
    expect(await faultOf(injuries())).toBe('SOURCE_GARBAGE');
  });

  it('bytes without end', async () => {
    let sent = 0;
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/fhir+json' });
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(16_384))) sent += 16_384;
      };
      response.on('drain', more);
      more();
    };
    expect(await faultOf(injuries())).toBe('SOURCE_TOO_LARGE');
    expect(sent).toBeLessThan(20_000_000);
  });
});

describe('reaching a hospital’s server', () => {
  it('ends at the deadline, whatever the server does', async () => {
    server.answer = () => undefined;
    expect(await faultOf(ask(source, question('MRN 900417', ['person.birth_date'], 150)))).toBe('SOURCE_TIMEOUT');
    server.answer = (_, response) =>
      void response.writeHead(200, { 'content-type': 'application/fhir+json' }).write('{');
    expect(await faultOf(ask(source, question('MRN 900417', ['person.birth_date'], 150)))).toBe('SOURCE_TIMEOUT');
  });

  it('ends when the asker stops waiting', async () => {
    server.answer = () => undefined;
    const asker = new AbortController();
    setTimeout(() => asker.abort(), 50);
    expect(await faultOf(ask(source, question('MRN 900417', ['person.birth_date']), asker.signal))).toBe(
      'SOURCE_TIMEOUT',
    );
    expect(await faultOf(ask(source, question('MRN 900417', ['person.birth_date']), AbortSignal.abort()))).toBe(
      'SOURCE_TIMEOUT',
    );
  });

  it('is given up for a while after several faults in a row, and taken up again', async () => {
    const good = server.answer;
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    server.answer = (_, response) => response.writeHead(503).end();
    for (let i = 0; i < 3; i++) expect(await faultOf(injuries())).toBe('SOURCE_REFUSED');
    server.answer = good;
    server.asked.length = 0;
    clock.mockReturnValue(now + 299);
    expect(await faultOf(injuries())).toBe('SOURCE_CIRCUIT_OPEN');
    expect(server.asked).toEqual([]);
    clock.mockReturnValue(now + 300);
    expect(await injuries()).toHaveProperty(['medical.injury_findings', 0]);
    clock.mockRestore();
  });

  it('is not given up because of one poisoned record', async () => {
    const good = conditions;
    conditions = bundle([condition('62106007', 'Patient/p2')]);
    for (let i = 0; i < 5; i++) expect(await faultOf(injuries())).toBe('SOURCE_GARBAGE');
    conditions = good;
    expect(await injuries()).toHaveProperty(['medical.injury_findings', 0]);
  });

  it('happens so many times at once and no more', async () => {
    let open = 0;
    let most = 0;
    const good = server.answer;
    server.answer = (request, response) => {
      most = Math.max(most, ++open);
      response.on('close', () => open--);
      setTimeout(() => good(request, response), 10);
    };
    await Promise.all(Array.from({ length: 20 }, () => ask(source, question('MRN 900417', ['person.birth_date']))));
    expect(most).toBe(4);
  });

  it('fails where nobody listens, or somebody whom the authority does not know', async () => {
    const other = await testAuthority('Another authority');
    const [stranger, gone] = [hospital({ authority: other.certificate }), hospital({ base: 'https://127.0.0.1:1/r4' })];
    for (const each of [stranger, gone]) {
      expect(await faultOf(ask(each, question('MRN 900417', ['person.birth_date'])))).toBe('SOURCE_UNREACHABLE');
      await each.close();
    }
    expect(server.asked).toEqual([]);
  });

  it('fails without a certificate where the server wants one, and works with it', async () => {
    const clients = await testAuthority('Postern');
    const us = await clients.issue('gateway.example');
    const strict = await tlsServer(identity, clients.certificate);
    strict.answer = server.answer;
    const [without, with_] = [hospital({ base: `${strict.base}/r4` }), hospital({ base: `${strict.base}/r4`, ...us })];
    expect(await faultOf(ask(without, question('MRN 900417', ['person.birth_date'])))).toMatch(/SOURCE_/);
    expect(await ask(with_, question('MRN 900417', ['person.birth_date']))).toEqual({
      'person.birth_date': '1991-04-30',
    });
    await Promise.all([without.close(), with_.close(), strict.close()]);
  });

  it('shows the token, and says when it is not taken', async () => {
    let shown: string | undefined;
    server.answer = (request, response) => {
      shown = request.headers.authorization;
      response.writeHead(401).end();
    };
    expect(await faultOf(injuries())).toBe('SOURCE_REFUSED');
    expect(shown).toBe('Bearer abc');
  });

  it('is refused without TLS, and with a query in the address', () => {
    for (const base of ['http://127.0.0.1/r4', 'https://127.0.0.1/r4?x', 'nonsense'])
      expect(() => hospital({ base })).toThrow('https://');
  });

  it('never seals: a question that wants it is refused', async () => {
    const request = { ...question('MRN 900417', ['person.birth_date']), recipientKey: { kty: 'OKP' } };
    expect(await faultOf(ask(source, request))).toBe('SOURCE_REFUSED');
    expect(server.asked).toEqual([]);
  });
});

const SYNTHEA = '../shared/data/synthea';
const onlyWithSynthea = existsSync(SYNTHEA) ? describe : describe.skip;
if (!existsSync(SYNTHEA)) process.stderr.write(`${SYNTHEA} is absent: the four synthetic patients are not read\n`);

interface Entry {
  readonly fullUrl: string;
  readonly resource: {
    readonly resourceType: string;
    readonly id: string;
    readonly identifier?: readonly { readonly system: string; readonly value: string }[];
  };
}

onlyWithSynthea('four synthetic patients as a hospital holds them', () => {
  const files = existsSync(SYNTHEA) ? readdirSync(SYNTHEA).filter((name) => name.endsWith('.json')) : [];

  it.each([
    [
      'Oralia_Stark',
      {
        'person.legal_name': 'Oralia Stark',
        'person.birth_date': '1998',
        'medical.injury_findings': ['Sprain of ankle'],
      },
    ],
    [
      'Rachael_McDermott',
      {
        'person.legal_name': 'Rachael McDermott',
        'person.birth_date': '1974',
        'medical.injury_findings': ['Sprain of ankle'],
      },
    ],
    // Her miscarriage and pregnancies are Conditions too, and no injuries.
    [
      'Florida_Rutherford',
      {
        'person.legal_name': 'Florida Rutherford',
        'person.birth_date': '1983',
        'medical.injury_findings': [
          'Concussion with no loss of consciousness',
          'Concussion with loss of consciousness',
        ],
      },
    ],
    [
      'Maida_Gerhold',
      {
        'person.legal_name': 'Maida Gerhold',
        'person.birth_date': '1985',
        'medical.injury_findings': ['Concussion with no loss of consciousness'],
      },
    ],
  ])('%s', async (name, expected) => {
    const file = files.find((each) => each.startsWith(name));
    const { entry } = JSON.parse(readFileSync(join(SYNTHEA, file ?? ''), 'utf8')) as {
      readonly entry: readonly Entry[];
    };
    const patient = entry.find(({ resource }) => resource.resourceType === 'Patient');
    if (patient === undefined) throw new Error('no patient');
    // A server that loads the transaction gives references of its own.
    const held = entry.map(({ resource }): Entry['resource'] =>
      JSON.parse(JSON.stringify(resource).replaceAll(patient.fullUrl, `Patient/${patient.resource.id}`)),
    );
    server.answer = (request, response) => {
      const type = new URL(request.url ?? '', server.base).pathname.split('/').at(-1);
      fhir(response, bundle(held.filter(({ resourceType }) => resourceType === type)));
    };
    const mapping = MAPPING.replaceAll('urn:oid:2.16.840.1.113883.19.5', 'http://hospital.smarthealthit.org')
      .replace('Sprain of ankle', 'Sprain of ankle\n        62564004: Concussion with loss of consciousness')
      .replace(".where(use = 'home')", '')
      .replace('size: 200 kB', 'size: 4 MB');
    const synthetic = connect(parseMapping(mapping, 'synthea.yaml', VOCABULARY), {
      protocol: 'fhir',
      base: `${server.base}/r4`,
      authority: authority.certificate,
    });
    const mrn =
      patient.resource.identifier?.find(({ system }) => system === 'http://hospital.smarthealthit.org')?.value ?? '';
    const answered = await ask(
      synthetic,
      question(mrn, [
        'person.legal_name',
        ['person.birth_date', 'year'],
        ['contact.actual_address', 'region'],
        'contact.safe_phone',
        'medical.injury_findings',
      ]),
    );
    expect(answered).toEqual({
      ...expected,
      'contact.actual_address': { region: 'Massachusetts', country: 'US' },
      // Each has a telephone at home, which nobody marked as safe.
      'contact.safe_phone': undefined,
    });
    await synthetic.close();
  });
});
