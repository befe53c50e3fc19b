import { createPublicKey, randomUUID } from 'node:crypto';
import { logIdOf, noteVerifier, openCheckpoint, verifyConsistency, verifyInclusion, verifyReceipt } from '#ledger';
import { type County, hospital, police, type Reply, shelter, startCounty } from '../testonly/county.js';
import { domesticViolenceUnit, enrolMara, made, type Mara, release } from '../testonly/mara.js';

const ORIGIN = 'test.example/postern';

/** The main way, each step over real TLS and PostgreSQL. */
describe('an exchange', () => {
  let county: County;
  let mara: Mara;

  beforeAll(async () => {
    county = await startCounty();
    mara = await enrolMara(county);
  }, 60_000);

  afterAll(() => county.close());

  const ask = (
    agency: typeof police,
    subject: string,
    fields: readonly string[],
    more: Readonly<Record<string, unknown>> = {},
    who: { unit?: string; role?: string } = {},
  ): Promise<Reply> => {
    const question = { decision: randomUUID(), subject, fields, purpose: 'safety_planning', ...more };
    return county.as(agency).post('/v1/disclosures', question, who);
  };
  const receiptIn = (reply: { readonly body: Readonly<Record<string, unknown>> }) => {
    const bytes = Buffer.from(String(reply.body['receipt']), 'base64url');
    return verifyReceipt(logIdOf(ORIGIN), bytes, createPublicKey(county.ledgerKey));
  };
  const entryOf = (reply: Reply): string => Buffer.from(receiptIn(reply).entryId).toString('hex');

  it('gives an agency one handle for one of its local ids, and a receipt that verifies', async () => {
    const again = await county.as(hospital).post('/v1/handles', { localId: '900417' });
    expect(again).toMatchObject({ status: 201, body: { handle: mara.atHospital } });
    expect(receiptIn(again).leaf).toHaveLength(32);
  });

  it('lets the hospital confirm what the shelter gains from, and then tells the shelter that and no more', async () => {
    const said = release(shelter, {
      disclosers: [hospital],
      recipients: [shelter],
      fields: { 'medical.injury_findings': 'full', 'person.birth_date': 'year' },
    });
    const recorded = await made(county.as(shelter), '/v1/consents', { subject: mara.atShelter, ...said });
    expect(recorded).toMatchObject({ state: 'pending' });
    const wanted = ['medical.injury_findings', 'person.birth_date', 'person.legal_name'];
    expect(Object.keys((await ask(shelter, mara.atShelter, wanted)).body)).toEqual(['decision', 'receipt']);

    const waiting = await county.as(hospital).get('/v1/consents/pending');
    expect(waiting).toMatchObject({
      status: 200,
      body: {
        consents: [
          {
            id: recorded['consent'],
            handle: mara.atHospital,
            recipients: [shelter],
            fields: { 'medical.injury_findings': 'full', 'person.birth_date': 'year' },
            recordedBy: { agency: shelter, officer: 'o-1' },
          },
        ],
      },
    });
    const confirmation = `/v1/consents/${String(recorded['consent'])}/confirmation`;
    expect(await made(county.as(hospital), confirmation, { kind: 'discloser' })).toMatchObject({ state: 'active' });
    expect((await county.as(hospital).get('/v1/consents/pending')).body).toEqual({ consents: [] });

    const answer = await ask(shelter, mara.atShelter, wanted);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        fields: [
          { field: 'medical.injury_findings', level: 'full', value: ['Bruising of the neck'] },
          { field: 'person.birth_date', level: 'year', value: '1991' },
        ],
        notAvailable: ['person.legal_name'],
        duties: ['keep_from_perpetrator', 'use_for_stated_purpose_only'],
        silent: [],
      },
    });
    expect(Object.keys(answer.body).toSorted()).toEqual(
      [
        'asOf',
        'decision',
        'duties',
        'fields',
        'notAvailable',
        'policy',
        'receipt',
        'say',
        'silent',
        'validUntil',
      ].toSorted(),
    );
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' });
    const why = await county.as(hospital).get(`/v1/disclosures/${entryOf(answer)}/explanation`);
    expect(why).toMatchObject({ status: 200, body: { asker: { agency: shelter }, purpose: 'safety_planning' } });
    expect(why.body['fields']).toMatchObject([
      { field: 'person.legal_name', level: 'nothing', released: false, grantedBy: [] },
      { field: 'person.birth_date', level: 'year', released: true },
      {
        field: 'medical.injury_findings',
        level: 'full',
        released: true,
        grantedBy: [{ id: 'us-health/authorisation' }],
      },
    ]);
    const other = await county.as(police).get(`/v1/disclosures/${entryOf(answer)}/explanation`);
    expect(other).toMatchObject({ status: 404, body: { code: 'entry_unknown' } });
  });

  it('answers one unit, and gives the tied unit and a stranger the same bytes once ids are masked', async () => {
    const said = release(shelter, {
      disclosers: [shelter],
      recipients: [police],
      fields: { 'contact.safe_phone': 'full', 'envelope.sender': 'full' },
    });
    expect(await made(county.as(shelter), '/v1/consents', { subject: mara.atShelter, ...said })).toMatchObject({
      state: 'active',
    });
    const wanted = ['contact.safe_phone', 'contact.actual_address'];
    const unit = { unit: domesticViolenceUnit };
    expect((await ask(police, mara.atPolice, wanted, {}, unit)).body).toMatchObject({
      fields: [{ field: 'contact.safe_phone', level: 'full', value: '+1 555 010 0142', from: shelter }],
      notAvailable: ['contact.actual_address'],
    });

    const tied = await ask(police, mara.atPolice, wanted, {}, { unit: 'detectives' });
    const nobody = await ask(police, 'N'.repeat(22), wanted, {}, { unit: 'detectives' });
    const foreign = await ask(police, mara.atShelter, wanted, {}, unit);
    const withheld = await ask(police, mara.atPolice, ['contact.email'], {}, unit);
    const masked = [tied, nobody, foreign, withheld].map(({ status, headers, text, body }) => {
      const own = [String(body['decision']), String(body['receipt'])];
      const { date: _date, ...others } = headers;
      return JSON.stringify([status, others, own.reduce((all, one) => all.replace(one, '*'.repeat(one.length)), text)]);
    });
    expect(new Set(masked).size).toBe(1);
    expect(masked[0]).not.toContain('fields');
  });

  it('asks a person at the discloser, opens what she confirms, and gives a second person a review', async () => {
    const wanted = ['medical.injury_findings', 'risk.level'];
    const threat = {
      declares: [{ ground: 'serious_imminent_threat', reason: 'He said tonight.' }],
      purpose: 'emergency',
    };
    const unit = { unit: domesticViolenceUnit };
    expect(Object.keys((await ask(police, mara.atPolice, wanted, threat, unit)).body)).toEqual(['decision', 'receipt']);

    const [question] = (await county.as(hospital).get('/v1/questions')).body['questions'] as Record<string, unknown>[];
    expect(question).toMatchObject({
      handle: mara.atHospital,
      asker: { agency: police, unit: domesticViolenceUnit },
      purpose: 'emergency',
      grounds: ['serious_imminent_threat'],
      reason: 'He said tonight.',
    });
    const answer = `/v1/questions/${String(question?.['id'])}/answer`;
    const confirm = { answer: 'confirm', grounds: ['serious_imminent_threat'], reason: 'I examined her.' };
    const clinician = { role: 'clinician', officer: 'dr-9' };
    expect((await county.as(hospital).post(answer, confirm, clinician)).status).toBe(200);
    expect((await county.as(hospital).get('/v1/questions')).body).toEqual({ questions: [] });

    expect((await ask(police, mara.atPolice, wanted, threat, unit)).body).toMatchObject({
      fields: [{ field: 'medical.injury_findings', value: ['Bruising of the neck'] }],
      notAvailable: ['risk.level'],
    });
    const { body } = await county.as(hospital).get('/v1/reviews');
    expect(body).toMatchObject({ reviews: [{ handle: mara.atHospital, duty: 'second_person_review_24h' }] });
    const [review] = body['reviews'] as readonly { readonly id: string }[];
    const closing = `/v1/reviews/${String(review?.id)}/closing`;
    const found = { verdict: 'justified', note: 'He was arrested at her door.' };
    expect((await county.as(hospital).post(closing, found, clinician)).body['code']).toBe('not_allowed');
    expect((await county.as(hospital).post(closing, found)).status).toBe(200);
    expect((await county.as(hospital).post(closing, found)).body['code']).toBe('question_unknown');
    expect((await county.as(hospital).get('/v1/reviews')).body).toEqual({ reviews: [] });
  });

  it('lets an agency correct what it has stated, and nobody else', async () => {
    const facts = `/v1/persons/${mara.atHospital}/facts`;
    const wrong = { fact: 'age', value: '16 to 17', basis: 'chart' };
    const { fact } = await made(county.as(hospital), facts, wrong);
    const correction = { reason: 'another patient', instead: { value: '18 and over', basis: 'her passport' } };
    const target = `${facts}/${String(fact)}/correction`;
    const twice = { ...correction, instead: { ...correction.instead, count: 3 } };
    expect((await county.as(hospital).post(target, twice)).body['code']).toBe('body_invalid');
    const byPolice = `/v1/persons/${mara.atPolice}/facts/${String(fact)}/correction`;
    expect((await county.as(police).post(byPolice, correction)).body['code']).toBe('fact_unknown');
    const corrected = await county.as(hospital).post(target, correction);
    expect(corrected).toMatchObject({ status: 200, body: { fact: expect.stringMatching(/^[0-9a-f]{32}$/) as string } });
    expect((await county.as(hospital).post(target, correction)).body['code']).toBe('fact_unknown');
    const again = `${facts}/${String(corrected.body['fact'])}/correction`;
    expect(Object.keys((await county.as(hospital).post(again, { reason: 'misread' })).body)).toEqual(['receipt']);
  });

  it('stops at her word, with one reply whatever there was to stop', async () => {
    const wanted = ['contact.safe_phone'];
    const unit = { unit: domesticViolenceUnit };
    const replies: Reply[] = [];
    const took: number[] = [];
    for (const [handle, from] of [
      [mara.atShelter, police],
      ['N'.repeat(22), police],
      [mara.atPolice, 'everyone'],
    ]) {
      const began = performance.now();
      replies.push(await county.as(shelter).post(`/v1/persons/${handle}/withdrawals`, { from }));
      took.push(performance.now() - began);
    }
    expect(Math.min(...took)).toBeGreaterThanOrEqual(1.25 * county.config.limits.lease - 1);
    expect(replies.map(({ status, body }) => [status, Object.keys(body)])).toEqual([
      [200, ['receipt']],
      [200, ['receipt']],
      [200, ['receipt']],
    ]);
    expect(Object.keys((await ask(police, mara.atPolice, wanted, {}, unit)).body)).toEqual(['decision', 'receipt']);
  });

  it('gives the receipt again for a question already asked, and nothing else', async () => {
    const question = {
      decision: randomUUID(),
      subject: mara.atShelter,
      fields: ['person.birth_date'],
      purpose: 'safety_planning',
    };
    const first = await county.as(shelter).post('/v1/disclosures', question);
    const again = await county.as(shelter).post('/v1/disclosures', question);
    expect(Object.keys(first.body)).toContain('fields');
    expect(again.body).toEqual({ decision: question.decision, receipt: first.body['receipt'] });
  });

  it('ends a link at once', async () => {
    const wanted = ['person.birth_date'];
    expect(Object.keys((await ask(shelter, mara.atShelter, wanted)).body)).toContain('fields');
    const ended = await county.as(hospital).delete(`/v1/persons/${mara.atHospital}/links/${shelter}`);
    expect([ended.status, Object.keys(ended.body)]).toEqual([200, ['receipt']]);
    expect(Object.keys((await ask(shelter, mara.atShelter, wanted)).body)).toEqual(['decision', 'receipt']);
  });

  it('shows that every receipt is in the log, and that the log only grew', async () => {
    const verifier = noteVerifier(ORIGIN, createPublicKey(county.ledgerKey));
    const earlier = openCheckpoint((await county.as(police).get('/v1/ledger/checkpoint')).text, [verifier]);
    const asked = await ask(shelter, mara.atShelter, ['person.birth_date']);
    const shown = await untilFound(() => county.as(police).get(`/v1/ledger/proofs/inclusion?entry=${entryOf(asked)}`));
    const { index, proof, checkpoint } = shown.body as { index: number; proof: string[]; checkpoint: string };
    const later = openCheckpoint(checkpoint, [verifier]);
    const { leaf } = receiptIn(asked);
    expect(verifyInclusion(index, later.size, leaf, hashes(proof), later.root)).toBe(true);
    expect(verifyInclusion(index - 1, later.size, leaf, hashes(proof), later.root)).toBe(false);

    const target = `/v1/ledger/proofs/consistency?from=${earlier.size}&to=${later.size}`;
    const grown = (await county.as(police).get(target)).body as { proof: string[] };
    expect(verifyConsistency(earlier.size, later.size, hashes(grown.proof), earlier.root, later.root)).toBe(true);
  });
});

/** Where the entry never comes into a checkpoint, the test runs out of time. */
async function untilFound(look: () => Promise<Reply>): Promise<Reply> {
  for (;;) {
    const reply = await look();
    if (reply.status !== 404) return reply;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function hashes(texts: readonly string[]): readonly Uint8Array[] {
  return texts.map((text) => Buffer.from(text, 'base64'));
}
