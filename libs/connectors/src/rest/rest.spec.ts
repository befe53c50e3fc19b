import type { IncomingMessage, ServerResponse } from 'node:http';
import { testAuthority, type Identity, type TestAuthority } from '../../test/authority.js';
import { ask, faultOf, question, VOCABULARY } from '../../test/ask.js';
import { json, tlsServer, type TestServer } from '../../test/tls-server.js';
import { connect } from '../connect.js';
import { parseMapping } from '../parse-mapping.js';
import type { ConnectedSource } from '../source.js';

const MAPPING = `
source: county-police
protocol: rest
scope: persons.read
limits: {deadline: 5 s, size: 50 kB, at once: 4, faults: 10}
reads:
  person: {get: 'v1/persons/{id}', person: person.number}
  orders: {get: 'v1/orders?person={id}', person: subject}
fields:
  person.legal_name: {from: person, path: person.name.first & ' ' & person.name.last}
  person.birth_date: {from: person, path: person.born, form: MM/DD/YYYY}
  contact.actual_address: {from: person, path: "{'lines': person.home.street, 'city': person.home.town, 'region': person.home.state}"}
  offender.tagging: {from: person, path: person.tagged, means yes: [Y], means no: [N]}
  offender.role_status: {from: person, path: person.status, codes: {A: alleged, E: established}}
  protection_order.served: {from: orders, path: "orders[kind = 'protection'].served_on"}
  protection_order.protected_persons: {from: orders, path: orders.protects}
`;

const PERSON = {
  person: {
    number: 'P-55821',
    name: { first: 'Mara', last: 'Ellison' },
    born: '4/30/1991',
    home: { street: '12 Elm St', town: 'Lowell', state: 'MA' },
    tagged: 'N',
    status: 'X',
  },
};
const ORDERS = {
  subject: 'P-55821',
  orders: [
    { kind: 'protection', served_on: '2026-11-20T09:00:00-05:00', protects: ['Mara Ellison', 'her son'] },
    { kind: 'parking', served_on: '2024-01-01' },
  ],
};

let authority: TestAuthority;
let identity: Identity;
let server: TestServer;
let source: ConnectedSource;
let tokens: { given: number; lasts: number; valid: string };
let answers: { [path: string]: unknown };

beforeAll(async () => {
  authority = await testAuthority('Police authority');
  identity = await authority.issue('127.0.0.1');
});

beforeEach(async () => {
  server = await tlsServer(identity);
  tokens = { given: 0, lasts: 3600, valid: '' };
  answers = { '/api/v1/persons/P-55821': PERSON, '/api/v1/orders?person=P-55821': ORDERS };
  server.answer = (request, response) =>
    request.url === '/token' ? giveToken(request, response) : answer(request, response);
  source = connect(parseMapping(MAPPING, 'county-police.yaml', VOCABULARY), {
    protocol: 'rest',
    base: `${server.base}/api`,
    tokenEndpoint: `${server.base}/token`,
    clientId: 'postern',
    clientSecret: 'a secret: with %',
    authority: authority.certificate,
  });
});

afterEach(async () => {
  await source.close();
  await server.close();
});

function giveToken(request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const [id, secret] = Buffer.from(request.headers.authorization?.slice('Basic '.length) ?? '', 'base64')
      .toString()
      .split(':')
      .map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
    const form = new URLSearchParams(body);
    if (
      id !== 'postern' ||
      secret !== 'a secret: with %' ||
      form.get('grant_type') !== 'client_credentials' ||
      form.get('scope') !== 'persons.read'
    )
      return void response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"invalid_client"}');
    tokens.valid = `token-${++tokens.given}`;
    json(response, { access_token: tokens.valid, token_type: 'Bearer', expires_in: tokens.lasts });
  });
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.authorization !== `Bearer ${tokens.valid}`) return void response.writeHead(401).end();
  const body = answers[request.url ?? ''];
  if (body === undefined) response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{}');
  else json(response, body);
}

const served = (localId = 'P-55821') => ask(source, question(localId, ['protection_order.served']));

describe('the police’s API', () => {
  it('answers each field cut to its level', async () => {
    const fields = [
      'person.legal_name',
      ['person.birth_date', 'year'],
      ['contact.actual_address', 'city'],
      'offender.tagging',
      'offender.role_status',
      'protection_order.served',
      ['protection_order.protected_persons', 'count'],
    ] as const;
    expect(await ask(source, question('P-55821', fields))).toEqual({
      'person.legal_name': 'Mara Ellison',
      'person.birth_date': '1991',
      'contact.actual_address': { city: 'Lowell', region: 'MA' },
      'offender.tagging': false,
      'offender.role_status': undefined,
      'protection_order.served': '2026-11-20',
      'protection_order.protected_persons': 2,
    });
  });

  it('is asked for no more than the fields need', async () => {
    await served();
    expect(server.asked).toEqual(['POST /token', 'GET /api/v1/orders?person=P-55821']);
  });

  it('answers absent for a person it does not know', async () => {
    expect(await served('P-00001')).toEqual({ 'protection_order.served': undefined });
  });

  it('gets one token for many questions, and another when that is about to expire', async () => {
    await Promise.all(Array.from({ length: 10 }, () => served()));
    await served();
    expect(tokens.given).toBe(1);
  });

  it('does not use a token in its last seconds', async () => {
    tokens.lasts = 9;
    await served();
    await served();
    expect(tokens.given).toBe(2);
  });

  it('gets another token where one was revoked, once', async () => {
    await served();
    tokens.valid = 'revoked';
    expect(await served()).toEqual({ 'protection_order.served': '2026-11-20' });
    expect(tokens.given).toBe(2);
    server.answer = (request, response) =>
      request.url === '/token' ? giveToken(request, response) : void response.writeHead(401).end();
    expect(await faultOf(served())).toBe('SOURCE_REFUSED');
    expect(tokens.given).toBe(3);
  });

  it('never lets a local id change what is asked', async () => {
    for (const id of ['P-55821/../P-1', 'P-55821?x=1', 'P-55821#', '%2e%2e', 'P-55821&person=P-1', '$&'])
      expect(await ask(source, question(id, ['person.legal_name', 'protection_order.served']))).toEqual({
        'person.legal_name': undefined,
        'protection_order.served': undefined,
      });
    for (const url of server.asked.filter((each) => !each.endsWith('/token')))
      expect(url).toMatch(/^GET \/api\/v1\/(persons\/[^/?#&]+|orders\?person=[^/?#&]+)$/);
    for (const id of ['', '.', '..'])
      expect(await faultOf(ask(source, question(id, ['person.legal_name'])))).toBe('SOURCE_REFUSED');
  });
});

describe('what an API sends that is no answer', () => {
  it.each<[string, unknown]>([
    ['about somebody else', { ...ORDERS, subject: 'P-1' }],
    ['about nobody', { orders: ORDERS.orders }],
    ['about several people', { ...ORDERS, subject: ['P-55821', 'P-1'] }],
    ['about an object', { ...ORDERS, subject: { toString: 'P-55821' } }],
    ['a key twice', '{"subject":"P-1","orders":[],"subject":"P-55821"}'],
    ['cut off', '{"subject":"P-55821","orders":['],
    ['nothing', ''],
  ])('%s', async (_, body) => {
    answers['/api/v1/orders?person=P-55821'] = body;
    expect(await faultOf(served())).toBe('SOURCE_GARBAGE');
  });

  it('more than it may', async () => {
    answers['/api/v1/orders?person=P-55821'] = { ...ORDERS, filler: 'x'.repeat(60_000) };
    expect(await faultOf(served())).toBe('SOURCE_TOO_LARGE');
  });

  it('a redirect, with our token in hand', async () => {
    server.answer = (request, response) =>
      request.url === '/token'
        ? giveToken(request, response)
        : void response.writeHead(307, { location: 'https://127.0.0.1:1/' }).end();
    expect(await faultOf(served())).toBe('SOURCE_REFUSED');
  });

  it.each<[string, string, (response: ServerResponse) => void]>([
    [
      'no token',
      'SOURCE_REFUSED',
      (response) => response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_scope"}'),
    ],
    [
      'an error page',
      'SOURCE_REFUSED',
      (response) => response.writeHead(503, { 'content-type': 'text/html' }).end('<html>'),
    ],
    [
      'a redirect for a token',
      'SOURCE_REFUSED',
      (response) => response.writeHead(302, { location: 'https://127.0.0.1:1/' }).end(),
    ],
    ['a token that is none', 'SOURCE_GARBAGE', (response) => json(response, { access_token: 7, token_type: 'Bearer' })],
    [
      'a token of another kind',
      'SOURCE_GARBAGE',
      (response) => json(response, { access_token: 'x', token_type: 'mac' }),
    ],
    ['a page instead of a token', 'SOURCE_GARBAGE', (response) => json(response, '<html>', 'text/html')],
    [
      'a token larger than it may be',
      'SOURCE_TOO_LARGE',
      (response) => json(response, { access_token: 'x'.repeat(90_000), token_type: 'Bearer' }),
    ],
    ['a connection that ends', 'SOURCE_UNREACHABLE', (response) => response.destroy()],
  ])('%s: %s', async (_, code, give) => {
    server.answer = (request, response) => (request.url === '/token' ? give(response) : answer(request, response));
    expect(await faultOf(served())).toBe(code);
  });

  it('no token by the deadline', async () => {
    server.answer = () => undefined;
    expect(await faultOf(ask(source, question('P-55821', ['protection_order.served'], 150)))).toBe('SOURCE_TIMEOUT');
  });
});
