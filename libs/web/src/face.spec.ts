import { Body, Controller, Get, Module, Param, Post, Query, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsInt } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import {
  type Authority,
  createCallerKey,
  createIssuing,
  createRoot,
  issueAgencyCertificate,
  issueRevocationList,
  issueServerCertificate,
  newKeyPair,
  privateKeyPem,
  readCallerKey,
  type Serial,
  serialOf,
} from '#certificates';
import { LedgerError } from '#ledger';
import { type AgencyId, instantOf } from '#terms';
import { Answers } from './answers.js';
import { type CallerContext, signCaller } from './caller-context.js';
import type { PeerRefusal } from './enrolment.js';
import { createFace } from './face.js';
import { Caller, ConnectedAgency, WithoutCaller } from './guards.js';
import { type Credentials, renewCredentials } from './https-options.js';
import type { Line } from './log.js';
import { Many, Optional } from './nested.js';
import { concerns } from './peer-request.js';
import { Text } from './text.js';

const DAY = 86_400_000;
const police = 'county-police' as AgencyId;
const shelter = 'harbour-house' as AgencyId;
const serial = () => serialOf(randomBytes(16));

class Note {
  @Text(/^.{1,40}$/u, 'a text of 1 to 40 characters') reason: string;
}

class Ask {
  @Text(/^h-\d+$/, 'a handle') subject: string;
  @Optional() @IsInt() count?: number;
  @Optional() @Many(() => Note) notes?: Note[];
}

class Page {
  @Optional() @Text(/^\d{1,3}$/, 'a number') limit?: string;
}

@Controller('v1')
class Asked {
  @Post('asks')
  @Answers()
  ask(@Body() body: Ask, @Caller() caller: CallerContext) {
    return { subject: body.subject, isAsk: body instanceof Ask, caller };
  }

  @Get('asks')
  list(@Query() page: Page) {
    return { limit: page.limit ?? null };
  }

  @Get('asks/:id')
  one(@Param('id') id: string) {
    return { id };
  }

  @Get('open')
  @WithoutCaller()
  open(@ConnectedAgency() agency: AgencyId) {
    return { agency };
  }

  @Post('faults/:kind')
  @WithoutCaller()
  fault(@Param('kind') kind: string, @Req() request: FastifyRequest): never {
    concerns(request, 'd-77');
    if (kind === 'busy') throw new LedgerError('LEDGER_BUSY', 'the queue is full');
    if (kind === 'forked') throw new LedgerError('LEDGER_FORKED', 'root 12ab does not follow');
    if (kind === 'driver')
      throw Object.assign(new Error('Key (name)=(Mara Ellison) already exists'), { code: '23505', status: 404 });
    if (kind === 'borrowed')
      throw Object.assign(new Error('Mara Ellison'), { code: 'HANDLE_UNKNOWN', statusCode: 404 });
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw 'Mara Ellison';
  }
}

@Module({ controllers: [Asked] })
class AskedModule {}

interface Reply {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Record<string, unknown>;
}

interface Client {
  readonly cert: string;
  readonly key: string;
  readonly serial: Serial;
}

describe('a face of Postern', () => {
  let now = instantOf(Date.now());
  let root: Authority;
  let issuing: Authority;
  let credentials: Credentials;
  let app: NestFastifyApplication;
  let port: number;
  const agents: https.Agent[] = [];
  const lines: Line[] = [];
  const refusals = new Map<string, PeerRefusal>();
  const made = createCallerKey();
  const signing = createPrivateKey({ key: { ...made.privateKey }, format: 'jwk' });
  const keys = new Map<string, KeyObject>([[`${police} ${made.kid}`, readCallerKey(made.publicKey).publicKey]]);
  let client: Client;
  let agent: https.Agent;

  async function agencyClient(agency: AgencyId, from: Authority = issuing, at = now, days = 90): Promise<Client> {
    const pair = await newKeyPair();
    const terms = { agency, publicKey: pair.publicKey, at, days, serial: serial() };
    return { cert: await issueAgencyCertificate(from, terms), key: await privateKeyPem(pair), serial: terms.serial };
  }

  async function listOf(authority: Authority, revoked: readonly Serial[] = []): Promise<string> {
    return issueRevocationList(authority, {
      revoked: revoked.map((one) => ({ serial: one, at: now, reason: 'key compromised' })),
      at: now,
      until: instantOf(now + 7 * DAY),
      number: revoked.length,
    });
  }

  function connectAs(who: { cert?: string; key?: string }): https.Agent {
    const one = new https.Agent({
      keepAlive: true,
      maxSockets: 1,
      ca: root.certificate,
      cert: who.cert,
      key: who.key,
    });
    agents.push(one);
    return one;
  }

  async function send(
    method: string,
    path: string,
    given: { body?: string | Uint8Array; headers?: Record<string, string>; agent?: https.Agent; caller?: string } = {},
  ): Promise<Reply> {
    const body = given.body === undefined ? undefined : Buffer.from(given.body);
    const caller = { kid: made.kid, key: signing, officer: 'o-417', role: 'investigator', unit: 'detectives' };
    const headers: Record<string, string> = {
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(body.length) }),
      'postern-caller': given.caller ?? signCaller(caller, { method, path, body }, now),
      ...given.headers,
    };
    return new Promise((resolve, reject) => {
      const request = https.request({ host: '127.0.0.1', port, method, path, headers, agent: given.agent ?? agent });
      request.on('error', reject).on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        response.on('end', () => {
          const parsed = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
          resolve({ status: response.statusCode ?? 0, headers: { ...response.headers }, body: parsed });
        });
      });
      request.end(body);
    });
  }

  beforeAll(async () => {
    root = await createRoot({ name: 'Riverside Root', at: now, days: 730, serial: serial() });
    issuing = await createIssuing(root, { name: 'Riverside Issuing', at: now, days: 365, serial: serial() });
    const pair = await newKeyPair();
    const server = { hosts: ['127.0.0.1'] as [string], publicKey: pair.publicKey, at: now, days: 90, serial: serial() };
    credentials = {
      key: await privateKeyPem(pair),
      certificate: (await issueServerCertificate(issuing, server)) + issuing.certificate,
      authorities: [root.certificate, issuing.certificate],
      revocationLists: [await listOf(root), await listOf(issuing)],
    };
    app = await createFace(AskedModule, {
      credentials,
      enrolment: {
        refusal: (peer) => refusals.get(peer.serial) ?? refusals.get(peer.agency),
        callerKey: (agency, kid) => keys.get(`${agency} ${kid}`),
      },
      now: () => now,
      log: (line) => void lines.push(line),
    });
    await app.listen(0, '127.0.0.1');
    port = (app.getHttpServer().address() as AddressInfo).port;
    client = await agencyClient(police);
    agent = connectAs(client);
  });

  beforeEach(() => {
    now = instantOf(Date.now());
    lines.length = 0;
    refusals.clear();
  });

  afterAll(async () => {
    for (const one of agents) one.destroy();
    await app.close();
  });

  const ask = '{"subject":"h-1","count":2,"notes":[{"reason":"fire"}]}';

  it('answers an agency that says who is asking', async () => {
    const reply = await send('POST', '/v1/asks', { body: ask });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        subject: 'h-1',
        isAsk: true,
        caller: { agency: 'county-police', unit: 'detectives', officer: 'o-417', role: 'investigator' },
      },
      headers: {
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'strict-transport-security': 'max-age=63072000; includeSubDomains',
        'x-content-type-options': 'nosniff',
      },
    });
    expect(await send('GET', '/v1/asks?limit=5')).toMatchObject({ status: 200, body: { limit: '5' } });
    expect(await send('GET', '/v1/open', { caller: '' })).toMatchObject({ body: { agency: 'county-police' } });
  });

  it.each<[string, string | Uint8Array, number, string, string | undefined]>([
    ['an unknown field', '{"subject":"h-1","colour":"red"}', 400, 'body_invalid', '#/colour'],
    [
      'a nested unknown field',
      '{"subject":"h-1","notes":[{"reason":"x","by":1}]}',
      400,
      'body_invalid',
      '#/notes/0/by',
    ],
    ['a missing field', '{}', 400, 'body_invalid', '#/subject'],
    ['a wrong type', '{"subject":7}', 400, 'body_invalid', '#/subject'],
    ['null', '{"subject":"h-1","count":null}', 400, 'body_invalid', '#/count'],
    ['a number in quotes', '{"subject":"h-1","count":"2"}', 400, 'body_invalid', '#/count'],
    ['an operator for a text', '{"subject":{"$ne":""}}', 400, 'body_invalid', '#/subject'],
    ['SQL', '{"subject":"h-1\'; drop table ledger; --"}', 400, 'body_invalid', '#/subject'],
    ['a list', '[]', 400, 'body_invalid', '#'],
    ['a key given twice', '{"subject":"h-1","subject":"h-2"}', 400, 'json_duplicate_key', '#/subject'],
    ['deep JSON', `{"subject":${'['.repeat(5000)}${']'.repeat(5000)}}`, 400, 'json_too_deep', undefined],
    ['a prototype', '{"subject":"h-1","__proto__":{"count":1}}', 400, 'json_text_refused', undefined],
    ['a constructor', '{"subject":"h-1","constructor":{"prototype":{}}}', 400, 'body_invalid', '#/constructor'],
    ['NUL', '{"subject":"h-1\\u0000"}', 400, 'json_text_refused', undefined],
    ['bad UTF-8', Uint8Array.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), 400, 'json_not_utf8', undefined],
    ['half a body', '{"subject":', 400, 'json_malformed', undefined],
    ['no JSON', 'subject=h-1', 400, 'json_malformed', undefined],
    ['an empty body', '', 400, 'json_malformed', undefined],
    ['a body of 65,537 bytes', `{"subject":"${'h'.repeat(65_523)}"}`, 413, 'body_too_large', undefined],
  ])('refuses %s', async (_, body, status, code, pointer) => {
    const reply = await send('POST', '/v1/asks', { body });
    expect(reply).toMatchObject({
      status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
      body: { status, code, type: `urn:postern:problem:${code}`, title: expect.any(String) as string },
    });
    const errors = (reply.body.errors ?? []) as { pointer: string }[];
    expect(pointer === undefined || errors.some((flaw) => flaw.pointer === pointer)).toBe(true);
    expect(lines).toEqual([expect.objectContaining({ event: 'refused', status, code })]);
  });

  it.each<[string, Record<string, string>]>([
    ['text', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['no type', { 'content-type': '' }],
    ['JSON of another kind', { 'content-type': 'application/json-patch+json' }],
    ['JSON in Latin-1', { 'content-type': 'application/json; charset=iso-8859-1' }],
    ['compressed JSON', { 'content-encoding': 'gzip' }],
  ])('refuses %s', async (_, headers) => {
    const reply = await send('POST', '/v1/asks', { body: ask, headers });
    expect(reply).toMatchObject({ status: 415, body: { code: 'content_type_unsupported' } });
  });

  it('refuses 10 MB before they have arrived, said or unsaid how long', async () => {
    for (const length of [{ 'content-length': '10000000' }, { 'transfer-encoding': 'chunked' }]) {
      const caller = signCaller(
        { kid: made.kid, key: signing, officer: 'o', role: 'r' },
        { method: 'POST', path: '/v1/asks' },
        now,
      );
      let sent = 0;
      const status = await new Promise<number>((resolve) => {
        const headers = { 'content-type': 'application/json', 'postern-caller': caller, ...length };
        const request = https.request({
          host: '127.0.0.1',
          port,
          method: 'POST',
          path: '/v1/asks',
          headers,
          ...credentialsOf(client),
        });
        let answered = false;
        request.on('response', (response) => {
          answered = true;
          resolve(response.statusCode ?? 0);
          request.destroy();
        });
        request.on('error', () => {});
        const chunk = Buffer.alloc(10_000, 0x20);
        const pump = (): void => {
          if (answered || sent >= 10_000_000) return;
          sent += chunk.length;
          request.write(chunk, () => setImmediate(pump));
        };
        pump();
      });
      expect(status).toBe(413);
      expect(sent).toBeLessThan(5_000_000);
    }
  });

  function credentialsOf({ cert, key }: Client) {
    return { ca: root.certificate, cert, key, agent: false as const };
  }

  it.each<[string, number, string]>([
    ['/v1/nothing', 404, 'not_found'],
    ['/v1/asks/%zz', 400, 'request_malformed'],
    [`/v1/asks/${'x'.repeat(200)}`, 404, 'not_found'],
    ['/v1/asks?limit=abc', 400, 'body_invalid'],
    ['/v1/asks?limit=1&limit=2', 400, 'body_invalid'],
    ['/v1/asks?offset=1', 400, 'body_invalid'],
  ])('answers %s as a problem', async (path, status, code) => {
    expect(await send('GET', path)).toMatchObject({
      status,
      body: { code },
      headers: { 'content-type': 'application/problem+json', 'x-content-type-options': 'nosniff' },
    });
  });

  it('answers what is no HTTP as a problem, and hangs up', async () => {
    const said = await new Promise<string>((resolve) => {
      const socket = tls.connect({ host: '127.0.0.1', port, ...credentialsOf(client) });
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => resolve(text));
      socket.write('HELLO\r\n\r\n');
    });
    expect(said).toMatch(/^HTTP\/1\.1 400 /);
    expect(said).toContain('content-type: application/problem+json');
    expect(said).toContain('"code":"request_malformed"');
  });

  describe('faults of our own', () => {
    it.each<[string, number, string, string | undefined]>([
      ['busy', 503, 'ledger_busy', 'the queue is full'],
      ['forked', 500, 'internal', undefined],
      ['driver', 500, 'internal', undefined],
      ['borrowed', 500, 'internal', undefined],
      ['text', 500, 'internal', undefined],
    ])('%s', async (kind, status, code, detail) => {
      const reply = await send('POST', `/v1/faults/${kind}`);
      expect(reply).toMatchObject({ status, body: { code, decisionId: 'd-77' } });
      expect(reply.body.detail).toBe(detail);
      expect(JSON.stringify(reply)).not.toMatch(/Mara|12ab|\.ts|stack/);
      expect(lines).toHaveLength(1);
      expect(JSON.stringify(lines)).not.toMatch(/Mara|12ab/);
      expect(lines[0]).toMatchObject({
        event: code === 'internal' ? 'failed' : 'refused',
        status,
        agency: police,
        decision: 'd-77',
      });
    });
  });

  describe('who is asking', () => {
    const caller = { kid: made.kid, key: signing, officer: 'o-417', role: 'investigator' };
    const bound = { method: 'POST', path: '/v1/asks', body: ask };
    const bad: [string, () => string | undefined, string][] = [
      ['nobody', () => '', 'caller_missing'],
      ['an expired context', () => signCaller(caller, bound, instantOf(now - 3_600_000)), 'caller_expired'],
      ['a context of the future', () => signCaller(caller, bound, instantOf(now + 3_600_000)), 'caller_not_yet_valid'],
      ['a context for another body', () => signCaller(caller, { ...bound, body: '{}' }, now), 'caller_other_request'],
      [
        'a context for another path',
        () => signCaller(caller, { ...bound, path: '/v1/asks?x' }, now),
        'caller_other_request',
      ],
      [
        'a context for another method',
        () => signCaller(caller, { ...bound, method: 'PUT' }, now),
        'caller_other_request',
      ],
      ['a key not enrolled', () => signCaller({ ...caller, kid: 'other' }, bound, now), 'caller_key_unknown'],
      [
        'a foreign key under an enrolled name',
        () =>
          signCaller(
            { ...caller, key: createPrivateKey({ key: { ...createCallerKey().privateKey }, format: 'jwk' }) },
            bound,
            now,
          ),
        'caller_signature',
      ],
      [
        'an altered context',
        () => {
          const [header, , signature] = signCaller(caller, bound, now).split('.');
          const [, payload] = signCaller({ ...caller, officer: 'o-1' }, bound, now).split('.');
          return [header, payload, signature].join('.');
        },
        'caller_signature',
      ],
    ];
    it.each(bad)('refuses %s', async (_, token, code) => {
      const reply = await send('POST', '/v1/asks', { body: ask, caller: token() });
      expect(reply).toMatchObject({ status: 401, body: { code }, headers: { 'www-authenticate': 'Postern-Caller' } });
    });

    it("refuses one agency's officers on another agency's connection", async () => {
      const theirs = connectAs(await agencyClient(shelter));
      const reply = await send('POST', '/v1/asks', { body: ask, agent: theirs });
      expect(reply).toMatchObject({ status: 401, body: { code: 'caller_key_unknown' } });
    });

    it('looks at who is asking before it looks at what is asked, once the body can be read', async () => {
      const reply = await send('POST', '/v1/asks', { body: '{"colour":"red"}', caller: '' });
      expect(reply).toMatchObject({ status: 401 });
    });
  });

  describe('the connection', () => {
    it('is refused in the handshake without a certificate, or with an expired, foreign or server one', async () => {
      const other = await createRoot({ name: 'Riverside Root', at: now, days: 30, serial: serial() });
      const old = await agencyClient(police, issuing, instantOf(now - 40 * DAY), 30);
      const foreign = await agencyClient(police, other, now, 20);
      for (const who of [{}, old, foreign, { cert: credentials.certificate, key: credentials.key }])
        await expect(send('GET', '/v1/open', { agent: connectAs(who) })).rejects.toMatchObject({
          code: expect.stringMatching(/^(ECONNRESET|EPIPE|ERR_SSL_.*)$/) as string,
        });
      expect(lines).toEqual([]);
    });

    it('is refused in the handshake once a swapped list revokes it; one that stands is refused by the guard', async () => {
      const lost = await agencyClient(police);
      const standing = connectAs(lost);
      expect(await send('GET', '/v1/open', { agent: standing })).toMatchObject({ status: 200 });
      const lists = [await listOf(root), await listOf(issuing, [lost.serial])];
      renewCredentials(app.getHttpServer(), { ...credentials, revocationLists: lists });
      await expect(send('GET', '/v1/open', { agent: connectAs(lost) })).rejects.toMatchObject({
        code: expect.stringMatching(/^(ECONNRESET|EPIPE|ERR_SSL_.*)$/) as string,
      });
      expect(await send('GET', '/v1/open', { agent: connectAs(client) })).toMatchObject({ status: 200 });
      // The handshake lies behind it: only the live set can stop it.
      expect(await send('GET', '/v1/open', { agent: standing })).toMatchObject({ status: 200 });
      refusals.set(lost.serial, 'CERTIFICATE_REVOKED');
      expect(await send('GET', '/v1/open', { agent: standing })).toMatchObject({
        status: 403,
        body: { code: 'certificate_revoked' },
      });
      renewCredentials(app.getHttpServer(), credentials);
    });

    it('is refused from the instant its certificate ends, or its agency is suspended or unknown', async () => {
      const short = connectAs(await agencyClient(police, issuing, now, 1));
      expect(await send('GET', '/v1/open', { agent: short })).toMatchObject({ status: 200 });
      now = instantOf(now + DAY);
      expect(await send('GET', '/v1/open', { agent: short })).toMatchObject({ body: { code: 'certificate_expired' } });
      refusals.set(police, 'AGENCY_SUSPENDED');
      expect(await send('GET', '/v1/open')).toMatchObject({ status: 403, body: { code: 'agency_suspended' } });
      refusals.set(police, 'AGENCY_UNKNOWN');
      expect(await send('GET', '/v1/open')).toMatchObject({ status: 403, body: { code: 'agency_unknown' } });
    });

    it('never resumes a session: every handshake shows its certificate and meets the lists of the day', async () => {
      let session: Buffer | undefined;
      for (const expected of [false, false]) {
        const socket = tls.connect({ host: '127.0.0.1', port, session, ...credentialsOf(client) });
        socket.on('session', (given: Buffer) => (session = given));
        await new Promise((resolve) => socket.on('secureConnect', resolve));
        socket.write('GET /v1/open HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
        expect(socket.isSessionReused()).toBe(expected);
        await new Promise((resolve) => socket.on('data', () => {}).on('close', resolve));
      }
    });

    it('is TLS 1.3', async () => {
      const socket = tls.connect({ host: '127.0.0.1', port, ...credentialsOf(client), maxVersion: 'TLSv1.2' });
      await expect(new Promise((_, reject) => socket.on('error', reject))).rejects.toMatchObject({
        code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      });
    });
  });
});
