import { randomUUID } from 'node:crypto';
import tls from 'node:tls';
import * as fc from 'fast-check';
import { createIssuing, createRoot } from '#certificates';
import { instantOf } from '#terms';
import {
  type Client,
  type County,
  employer,
  hospital,
  police,
  type Reply,
  type Sent,
  serial,
  shelter,
  startCounty,
} from '../testonly/county.js';
import { enrolMara, type Mara, made, release, toOperator } from '../testonly/mara.js';

const DAY = 86_400_000;

/** What must never happen: a stack trace, a word of what was sent, an entry that nobody asked for, an unclear answer. */
describe('bad input', () => {
  let county: County;
  let mara: Mara;
  let client: Client;
  let ask: Readonly<Record<string, unknown>>;

  beforeAll(async () => {
    county = await startCounty();
    mara = await enrolMara(county);
    client = county.as(police);
  }, 60_000);

  afterAll(() => county.close());

  beforeEach(() => {
    ask = { decision: randomUUID(), subject: mara.atPolice, fields: ['contact.safe_phone'], purpose: 'emergency' };
  });

  const size = async (): Promise<number> =>
    Number((await county.owner.query<{ size: string }>('SELECT size FROM ledger.head')).rows[0]?.size);

  /** Sends it, and says its code; the ledger must be as it was, and nothing of the inside may show. */
  async function refused(send: () => Promise<Reply>): Promise<readonly [number, unknown]> {
    const before = await size();
    const reply = await send();
    expect(await size()).toBe(before);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.text).not.toMatch(/node_modules|\.[jt]s:\d|at [A-Z]\w+\.|SELECT|Ellison/);
    return [reply.status, reply.body['code']];
  }

  const post = (body: unknown, sent: Sent = {}) => refused(() => client.post('/v1/disclosures', body, sent));
  const raw = (bytes: string | Uint8Array) => post(undefined, { raw: bytes });

  const permit = (change: Readonly<Record<string, unknown>>) => ({
    subject: mara.atShelter,
    ...release(shelter, { disclosers: [shelter], recipients: [police], fields: { 'contact.safe_phone': 'full' } }),
    ...change,
  });
  const signing = (change: Readonly<Record<string, unknown>>) => {
    const said = permit({});
    return { ...said, signing: { ...said.signing, ...change } };
  };

  /** Whether the handshake lets this client say anything at all. */
  const handshake = (shown: { cert: string; key: string } | undefined): Promise<string> =>
    new Promise((resolve) => {
      const { port } = county.gateway;
      const socket = tls.connect({ host: '127.0.0.1', port, ca: county.root.certificate, ...shown }, () => {
        socket.write('GET /v1/ledger/checkpoint HTTP/1.1\r\nhost: x\r\n\r\n');
      });
      socket.on('data', (data) => (socket.destroy(), resolve(data.toString().slice(0, 15))));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'closed'));
      socket.on('close', () => resolve('closed'));
    });

  describe('as bytes', () => {
    it.each<[string, () => string | Uint8Array, readonly [number, string]]>([
      ['10 MB', () => Buffer.alloc(10 * 1024 * 1024, 32), [413, 'body_too_large']],
      ['a deep one', () => `{"decision":${'['.repeat(2_000)}${']'.repeat(2_000)}}`, [400, 'json_too_deep']],
      ['one key twice', () => JSON.stringify(ask).replace('{', '{"purpose":"audit",'), [400, 'json_duplicate_key']],
      [
        'a key twice in an inner object',
        () => '{"emergency":{"reason":"a","reason":"b"}}',
        [400, 'json_duplicate_key'],
      ],
      ['half a body', () => JSON.stringify(ask).slice(0, -5), [400, 'json_malformed']],
      ['no body', () => '', [400, 'json_malformed']],
      ['not UTF-8', () => Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), [400, 'json_not_utf8']],
      ['a prototype', () => JSON.stringify(ask).replace('{', '{"__proto__":{"x":1},'), [400, 'json_text_refused']],
      ['NUL in a text', () => JSON.stringify({ ...ask, emergency: { reason: 'a\0b' } }), [400, 'json_text_refused']],
      ['a list', () => '[]', [400, 'body_invalid']],
      ['null', () => 'null', [400, 'body_invalid']],
      ['a number beyond numbers', () => '{"decision":1e999}', [400, 'json_text_refused']],
    ])('%s', async (_, bytes, expected) => {
      expect(await raw(bytes())).toEqual(expected);
    });

    it('another type, another coding', async () => {
      expect(await post(ask, { headers: { 'content-type': 'text/plain' } })).toEqual([415, 'content_type_unsupported']);
      expect(await post(ask, { headers: { 'content-encoding': 'gzip' } })).toEqual([415, 'content_type_unsupported']);
    });
  });

  describe('as a question', () => {
    const cases: readonly [string, Readonly<Record<string, unknown>>, string, RegExp][] = [
      ['an unknown field', { fields: ['contact.safe_fone'] }, '#/fields/0', /did you mean contact\.safe_phone\?/],
      ['a field twice', { fields: ['person.alias', 'person.alias'] }, '#/fields/1', /twice/],
      ['a field of the envelope', { fields: ['envelope.sender'] }, '#/fields/0', /is not asked for/],
      ['no field', { fields: [] }, '#/fields', /at least 1/],
      ['101 fields', { fields: Array.from({ length: 101 }, (_, n) => `a.b${n}`) }, '#/fields', /no more than 100/],
      ['a field that is a number', { fields: [7] }, '#/fields', /word of the vocabulary/],
      ['fields that are one', { fields: 'person.alias' }, '#/fields', /array/],
      ['an unknown purpose', { purpose: 'emergancy' }, '#/purpose', /did you mean emergency\?/],
      ['no purpose', { purpose: undefined }, '#/purpose', /word/],
      ['a decision that is no UUID', { decision: 'x' }, '#/decision', /UUID/],
      ['a decision in capitals', { decision: randomUUID().toUpperCase() }, '#/decision', /lower case/],
      ['a handle of another shape', { subject: "'; DROP TABLE postern.handle; --" }, '#/subject', /handle/],
      ['an emergency without a reason', { emergency: {} }, '#/emergency/reason', /text/],
      ['an emergency with a blank reason', { emergency: { reason: ' \n ' } }, '#/emergency/reason', /text/],
      ['a long reason', { emergency: { reason: 'x'.repeat(501) } }, '#/emergency/reason', /500/],
      ['a ground without a reason', { declares: [{ ground: 'required_by_law' }] }, '#/declares/0/reason', /text/],
      [
        'an unknown ground',
        { declares: [{ ground: 'required_by_lore', reason: 'x' }] },
        '#/declares/0/ground',
        /required_by_law\?/,
      ],
      [
        'a ground twice',
        { declares: [1, 2].map(() => ({ ground: 'required_by_law', reason: 'x' })) },
        '#/declares/1/ground',
        /twice/,
      ],
      [
        'a field that is not ours',
        { filter: { 'person.birth_date': '1991-04-30' } },
        '#/filter',
        /not a field of this request/,
      ],
      ['a null', { emergency: null }, '#/emergency', /object/],
    ];

    it.each(cases)('%s', async (_, change, pointer, detail) => {
      const reply = await client.post('/v1/disclosures', { ...ask, ...change });
      expect(await post({ ...ask, ...change })).toEqual([400, 'body_invalid']);
      const { errors } = reply.body as { errors: { pointer: string; detail: string }[] };
      expect(errors.find((flaw) => flaw.pointer === pointer)?.detail).toMatch(detail);
    });

    it('is refused or answered in the uniform shape, whatever it holds, and never fails', async () => {
      const valid = { ...ask, fields: ['contact.safe_phone'], purpose: 'investigation' };
      const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string(), fc.constantFrom('', 'any', -1, 1e21));
      const bodies = fc.tuple(fc.constantFrom(...Object.keys(valid), 'declares', 'emergency', 'toString'), value);
      await fc.assert(
        fc.asyncProperty(bodies, async ([key, given]) => {
          const reply = await client.post('/v1/disclosures', { ...valid, [key]: given });
          const said = reply.status === 200 ? Object.keys(reply.body) : [reply.status, reply.body['code']];
          expect([
            ['decision', 'receipt'],
            [400, 'body_invalid'],
            [400, 'json_text_refused'],
          ]).toContainEqual(said);
        }),
        { numRuns: 60 },
      );
      expect(county.lines.filter((line) => line.includes('"failed"'))).toEqual([]);
    }, 60_000);
  });

  describe('in other bodies', () => {
    it.each<readonly [string, string, () => unknown, number, string, string | undefined]>([
      [
        'a level that there is not',
        '/v1/consents',
        () => permit({ fields: { 'contact.safe_phone': 'ful' } }),
        400,
        'body_invalid',
        '#/fields/contact.safe_phone',
      ],
      [
        'nothing as a level',
        '/v1/consents',
        () => permit({ fields: { 'contact.safe_phone': 'nothing' } }),
        400,
        'body_invalid',
        '#/fields/contact.safe_phone',
      ],
      [
        'an agency that there is not',
        '/v1/consents',
        () => permit({ recipients: ['county-polise'] }),
        400,
        'body_invalid',
        '#/recipients/0',
      ],
      [
        'everybody as a recipient',
        '/v1/consents',
        () => permit({ recipients: 'any' }),
        400,
        'body_invalid',
        '#/recipients',
      ],
      [
        'a release for ever',
        '/v1/consents',
        () => permit({ end: { kind: 'until_lifted' } }),
        400,
        'body_invalid',
        '#/end',
      ],
      ['8 days', '/v1/consents', () => permit({ end: { kind: 'days', days: 8 } }), 400, 'body_invalid', '#/end/days'],
      [
        'days without a number',
        '/v1/consents',
        () => permit({ end: { kind: 'days' } }),
        400,
        'body_invalid',
        '#/end/days',
      ],
      [
        'an end with two meanings',
        '/v1/consents',
        () => permit({ end: { kind: 'once', days: 7 } }),
        400,
        'body_invalid',
        '#/end/days',
      ],
      [
        'a day that there is not',
        '/v1/consents',
        () => permit({ end: { kind: 'date', date: '2027-02-30', timeZone: 'UTC' } }),
        422,
        'consent_end_invalid',
        undefined,
      ],
      [
        'a time zone that there is not',
        '/v1/consents',
        () => permit({ end: { kind: 'date', date: '2027-02-20', timeZone: 'Mars' } }),
        422,
        'consent_end_invalid',
        undefined,
      ],
      ['a spoken release', '/v1/consents', () => signing({ form: 'spoken' }), 422, 'consent_form_missing', undefined],
      ['no witness', '/v1/consents', () => signing({ witnesses: [] }), 422, 'consent_witness_missing', undefined],
      [
        'nobody told her',
        '/v1/consents',
        () => signing({ informed: undefined }),
        422,
        'consent_not_informed',
        undefined,
      ],
      [
        'a parent who abused her',
        '/v1/consents',
        () => signing({ signers: [{ kind: 'parent', abusive: 'yes' }] }),
        422,
        'consent_signer_may_not_sign',
        undefined,
      ],
      [
        'a parent of whom nothing is said',
        '/v1/consents',
        () => signing({ signers: [{ kind: 'parent' }] }),
        400,
        'body_invalid',
        '#/signing/signers/0/abusive',
      ],
      [
        'an unknown handle',
        '/v1/consents',
        () => permit({ subject: 'N'.repeat(22) }),
        404,
        'handle_unknown',
        undefined,
      ],
      ['a foreign handle', '/v1/consents', () => permit({ subject: mara.atPolice }), 404, 'handle_unknown', undefined],
      [
        'a refusal with levels',
        '/v1/consents',
        () => permit({ kind: 'refuse', end: { kind: 'until_lifted' } }),
        400,
        'body_invalid',
        '#/fields',
      ],
      [
        'a refusal for one disclosure',
        '/v1/consents',
        () => permit({ kind: 'refuse', fields: 'any', end: { kind: 'once' } }),
        400,
        'body_invalid',
        '#/end',
      ],
      ['no release', '/v1/handles', () => ({ localId: 'HH-1' }), 422, 'release_required', undefined],
      [
        'a release that names another',
        '/v1/handles',
        () => ({ localId: 'HH-1', release: { ...toOperator(), recipients: [police] } }),
        422,
        'release_required',
        undefined,
      ],
      [
        'a shelter with a docket',
        '/v1/handles',
        () => ({ localId: 'HH-1', release: toOperator(), dockets: [{ number: '1', role: 'survivor' }] }),
        403,
        'matching_docket_not_allowed',
        undefined,
      ],
      ['a long local id', '/v1/handles', () => ({ localId: 'x'.repeat(129) }), 400, 'body_invalid', '#/localId'],
      [
        'a fault in the release',
        '/v1/handles',
        () => ({ localId: 'HH-1', release: { ...toOperator(), purposes: ['fun'] } }),
        400,
        'body_invalid',
        '#/release/purposes/0',
      ],
      [
        'an unknown fact',
        '/v1/persons/{her}/facts',
        () => ({ fact: 'agee', date: '1991-04-30', basis: 'x' }),
        400,
        'body_invalid',
        '#/fact',
      ],
      [
        'a fact without a value',
        '/v1/persons/{her}/facts',
        () => ({ fact: 'age', basis: 'x' }),
        400,
        'body_invalid',
        '#',
      ],
      [
        'a fact with two',
        '/v1/persons/{her}/facts',
        () => ({ fact: 'age', date: '1991-04-30', value: '18 and over', basis: 'x' }),
        400,
        'body_invalid',
        '#',
      ],
      [
        'a word that the fact has not',
        '/v1/persons/{her}/facts',
        () => ({ fact: 'deceased', value: 'maybe', basis: 'x' }),
        422,
        'matching_value_invalid',
        undefined,
      ],
      [
        'a fact that she cannot state',
        '/v1/persons/{her}/facts',
        () => ({ fact: 'incapacitated', value: 'yes', basis: 'x' }),
        403,
        'matching_fact_not_yours',
        undefined,
      ],
      [
        'a tie for a unit that there is not',
        '/v1/persons/{her}/facts',
        () => ({
          fact: 'perpetrator_at_requester',
          value: 'yes',
          basis: 'x',
          towards: { agency: police, unit: 'detektives' },
        }),
        400,
        'body_invalid',
        '#/towards/unit',
      ],
      [
        'a moment without an offset',
        '/v1/persons/{her}/facts',
        () => ({ fact: 'deceased', value: 'no', basis: 'x', until: '2027-01-01T00:00:00' }),
        400,
        'body_invalid',
        '#/until',
      ],
      [
        'a person whom nobody holds',
        `/v1/persons/${'N'.repeat(22)}/facts`,
        () => ({ fact: 'deceased', value: 'no', basis: 'x' }),
        404,
        'handle_unknown',
        undefined,
      ],
      [
        'a path of another shape',
        '/v1/persons/x/facts',
        () => ({ fact: 'deceased', value: 'no', basis: 'x' }),
        400,
        'path_invalid',
        undefined,
      ],
      [
        'a withdrawal from nobody that we know',
        '/v1/persons/{her}/withdrawals',
        () => ({ from: 'county-polise' }),
        400,
        'body_invalid',
        '#/from',
      ],
      [
        'a code for eight days',
        '/v1/persons/{her}/link-codes',
        () => ({ recipient: police, legalBasis: 'x', validForMinutes: 11_520 }),
        400,
        'body_invalid',
        '#/validForMinutes',
      ],
      [
        'a code for oneself',
        '/v1/persons/{her}/link-codes',
        () => ({ recipient: shelter, legalBasis: 'x', validForMinutes: 5 }),
        422,
        'matching_same_agency',
        undefined,
      ],
      [
        'an unknown question',
        `/v1/questions/${'0'.repeat(32)}/answer`,
        () => ({ answer: 'decline' }),
        404,
        'question_unknown',
        undefined,
      ],
      [
        'a confirmation without a reason',
        `/v1/questions/${'0'.repeat(32)}/answer`,
        () => ({ answer: 'confirm', grounds: ['required_by_law'] }),
        400,
        'body_invalid',
        '#/reason',
      ],
      [
        'an unknown consent',
        `/v1/consents/${'0'.repeat(32)}/confirmation`,
        () => ({ kind: 'she' }),
        404,
        'consent_unknown',
        undefined,
      ],
      [
        'an unknown code',
        `/v1/link-codes/${'0'.repeat(32)}/confirmation`,
        () => undefined,
        422,
        'code_unusable',
        undefined,
      ],
      ['an unknown route', '/v1/nothing', () => ({}), 404, 'not_found', undefined],
    ])('%s', async (_, target, body, status, code, pointer) => {
      const advocate = county.as(shelter);
      let reply: Reply | undefined;
      const send = async () => (reply = await advocate.post(target.replace('{her}', mara.atShelter), body()));
      expect(await refused(send)).toEqual([status, code]);
      const { errors = [] } = (reply?.body ?? {}) as { errors?: { pointer: string }[] };
      expect(errors.map((flaw) => flaw.pointer)).toEqual(pointer === undefined ? [] : [pointer]);
    });

    it('says the same of an unknown and a foreign handle, word by word', async () => {
      const advocate = county.as(shelter);
      const fact = { fact: 'deceased', value: 'no', basis: 'x' };
      const replies = await Promise.all(
        ['N'.repeat(22), mara.atPolice].map((handle) => advocate.post(`/v1/persons/${handle}/facts`, fact)),
      );
      expect(replies[0]?.text).toBe(replies[1]?.text);
    });

    it('refuses every code in the same words, and after five of them any', async () => {
      const issued = await made(county.as(shelter), `/v1/persons/${mara.atShelter}/link-codes`, {
        recipient: hospital,
        legalBasis: 'her release',
        validForMinutes: 5,
      });
      const opened = await made(county.as(employer), '/v1/handles', { localId: 'E-1' });
      const tries = [String(issued['code']), 'wrong', 'A'.repeat(27), 'x', 'y', 'z'];
      const replies: Reply[] = [];
      for (const code of tries)
        replies.push(await county.as(employer).post('/v1/link-codes/redemptions', { subject: opened['handle'], code }));
      expect(new Set(replies.slice(0, 5).map(({ text }) => text)).size).toBe(1);
      expect(replies.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422, 429]);
    });
  });

  it('takes SQL in a local id for a local id', async () => {
    const localId = "'; DROP TABLE systems.person; --";
    const ana = await enrolMara(county, { shelter: 'HH-0700', hospital: localId, police: 'P-700' });
    const said = release(shelter, {
      disclosers: [hospital],
      recipients: [shelter],
      fields: { 'person.birth_date': 'year' },
    });
    const { consent } = await made(county.as(shelter), '/v1/consents', { subject: ana.atShelter, ...said });
    await made(county.as(hospital), `/v1/consents/${String(consent)}/confirmation`, { kind: 'discloser' });
    const question = { ...ask, subject: ana.atShelter, fields: ['person.birth_date'], purpose: 'safety_planning' };
    const reply = await county.as(shelter).post('/v1/disclosures', question);
    expect(Object.keys(reply.body)).toEqual(['decision', 'receipt']);
    expect((await county.owner.query('SELECT FROM systems.person')).rowCount).toBe(3);
  }, 15_000);

  describe('in who asks', () => {
    it.each<[string, Sent, readonly [number, string]]>([
      ['a unit that is not enrolled', { unit: 'night-shift' }, [403, 'not_allowed']],
      ['a role that there is not', { role: 'police_oficer' }, [401, 'caller_malformed']],
      ['no context', { headers: { 'postern-caller': '' } }, [401, 'caller_missing']],
      ['a context that is none', { headers: { 'postern-caller': 'a.b.c' } }, [401, 'caller_malformed']],
    ])('%s', async (_, sent, expected) => {
      expect(await post(ask, sent)).toEqual(expected);
    });

    it('a system answers no question that is for a person', async () => {
      const answer = `/v1/questions/${'0'.repeat(32)}/answer`;
      const send = () => county.as(hospital).post(answer, { answer: 'decline' }, { role: 'system' });
      expect(await refused(send)).toEqual([403, 'not_allowed']);
    });
  });

  describe('in queries', () => {
    it.each<[string, readonly [number, string]]>([
      ['inclusion?entry=x', [400, 'body_invalid']],
      [`inclusion?entry=${'0'.repeat(32)}`, [404, 'entry_unknown']],
      ['consistency?from=0&to=1', [400, 'body_invalid']],
      ['consistency?from=2&to=1', [400, 'body_invalid']],
      ['consistency?from=1&to=999999999', [400, 'body_invalid']],
      ['consistency?from=1', [400, 'body_invalid']],
      ['consistency?from=1&to=1;DROP', [400, 'body_invalid']],
      ['consistency?from=1&from=2&to=3', [400, 'body_invalid']],
    ])('%s', async (query, expected) => {
      expect(await refused(() => client.get(`/v1/ledger/proofs/${query}`))).toEqual(expected);
    });
  });

  describe('in certificates', () => {
    it('lets in whom it knows', async () => {
      expect(await handshake(await county.shownBy(police))).toBe('HTTP/1.1 200 OK');
    });

    it('hangs up on a revoked one in the handshake, from the next list on', async () => {
      const shown = await county.shownBy(police);
      expect(await handshake(shown)).toMatch(/^HTTP/);
      county.gateway.renew(await county.credentialsRevoking(shown.serial));
      expect(await handshake(shown)).not.toMatch(/^HTTP/);
      expect(await handshake(await county.shownBy(police))).toMatch(/^HTTP/);
    });

    it.each<[string, () => Promise<{ cert: string; key: string } | undefined>]>([
      ['none', () => Promise.resolve(undefined)],
      ['one that has expired', () => county.shownBy(police, county.issuing, Date.now() - 3 * DAY, 1)],
      ['one of a foreign authority', async () => county.shownBy(police, await foreign())],
      ['one that signed itself', selfSigned],
      ['that of a server', () => Promise.resolve(serverOf(county))],
    ])('hangs up on %s in the handshake', async (_, shown) => {
      expect(await handshake(await shown())).not.toMatch(/^HTTP/);
    });
  });
});

function serverOf({ config: { credentials } }: County): { cert: string; key: string } {
  return { cert: credentials.certificate, key: credentials.key };
}

async function selfSigned(): Promise<{ cert: string; key: string }> {
  const at = instantOf(Date.now());
  const { certificate, privateKey } = await createRoot({ name: 'Nobody', at, days: 365, serial: serial() });
  return { cert: certificate, key: privateKey };
}

async function foreign() {
  const at = instantOf(Date.now());
  const root = await createRoot({ name: 'Foreign Root', at, days: 365, serial: serial() });
  return createIssuing(root, { name: 'Foreign Issuing', at, days: 180, serial: serial() });
}
