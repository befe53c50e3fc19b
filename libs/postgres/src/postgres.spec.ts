import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import type { Serial } from '#certificates';
import { seal } from '#ledger';
import {
  type Agency,
  type Change,
  ENTRY_TYPE,
  FoldedLog,
  assertFact,
  correctFact,
  encodeBody,
  foldTail,
  publishRecipientKey,
  recordWithdrawal,
  resumeAgency,
  revokeCertificate,
  suspendAgency,
  withdrawRecipientKey,
} from '#disclosure';
import {
  type County,
  advocate,
  ask,
  at,
  caller,
  clinician,
  court,
  dvOfficer,
  employer,
  fields,
  hospital,
  linkByCode,
  open,
  openCounty,
  operator,
  police,
  shelter,
  sign,
  values,
  vocabulary,
} from '../../disclosure/testonly/county.js';
import {
  type EntityClass,
  type FactName,
  type HandleId,
  type PersonId,
  instantOf,
  type EntryId,
  type OfficerId,
  type Purpose,
  type QuestionId,
} from '#terms';
import { testDatabase } from '../../../test/postgres.js';
import {
  PostgresLog,
  StoredKeys,
  agreeOnLease,
  connect,
  enrol,
  type Enrolment,
  loadFoldedLog,
  loadMembers,
  migrate,
  poolOf,
  writeProjections,
} from './index.js';
import { EntityClasses1763800000005 } from './migrations/1763800000005-entity-classes.js';

async function prescribed(): Promise<unknown> {
  return (await loadMembers(gateway)).directory.get(police.id)?.entityClasses;
}

function enrolmentOf(agency: Agency): Enrolment {
  const { entityClasses, regimes, units } = agency;
  return { ...agency, entityClasses: [...entityClasses], regimes: [...regimes], units: [...units], callerKeys: [] };
}

const OWNER = testDatabase();
const DATABASE = `postgres_spec_${process.pid}`;
const GATEWAY = { name: `${DATABASE} "gateway"`, password: "a password with a quote ' in it" };
const url = (user: string, password: string, database = DATABASE) =>
  `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${OWNER.host}:${OWNER.port}/${database}`;

let owner: DataSource;
let gateway: DataSource;

beforeAll(async () => {
  const client = new Client({ ...OWNER });
  await client.connect();
  await client.query(`CREATE DATABASE ${DATABASE}`);
  await client.end();
  await migrate(url(OWNER.user, OWNER.password), GATEWAY);
  owner = await connect({ url: url(OWNER.user, OWNER.password), poolSize: 2, durability: 'not in this test' });
  gateway = await connect({
    url: url(GATEWAY.name, GATEWAY.password),
    poolSize: 4,
    durability: 'not in this test',
  });
});

afterAll(async () => {
  await gateway?.destroy();
  await owner?.destroy();
  const client = new Client({ ...OWNER });
  await client.connect();
  await client.query(`DROP DATABASE ${DATABASE}`);
  await client.end();
});

describe('on PostgreSQL', () => {
  let county: County;
  let handles: readonly HandleId[];

  it('keeps what happens and finds it again', async () => {
    let log: PostgresLog<Change> | undefined;
    county = openCounty({
      store: () => ({
        head: () => log!.head(),
        // The county lives at a fixed instant; the database's clock does not.
        append: (batch) =>
          log!.append({
            ...batch,
            entries: batch.entries.map((each) => ({ ...each, entry: { ...each.entry, at: Date.now() } })),
          }),
        tail: (from, limit) => log!.tail(from, limit),
      }),
    });
    for (const agency of county.directory.values()) {
      await enrol(owner, county.keyring, agency.keyId, enrolmentOf(agency), vocabulary);
    }
    log = await PostgresLog.open(
      poolOf(gateway),
      county.logId,
      writeProjections(gateway, county.known, county.keyring),
    );

    const atShelter = await open(county, shelter, 'HH-0142');
    const atHospital = await open(county, hospital, '900417', [{ number: '2026-PO-0311', role: 'survivor' }]);
    const atPolice = await open(county, police, 'P-55821', [{ number: '2026-PO-0311', role: 'survivor' }]);
    handles = [atShelter, atHospital, atPolice];
    await linkByCode(county, shelter, atShelter, police, atPolice);
    await linkByCode(county, shelter, atShelter, hospital, atHospital);
    await sign(county, atShelter, { from: shelter, to: police, fields: { 'contact.safe_phone': 'full' } });
    const age = { subject: atHospital, fact: 'age' as FactName, value: '18 and over', basis: 'chart' };
    await assertFact(county, hospital, clinician, age, at);
    await sign(county, atShelter, { from: hospital, to: shelter, fields: { 'medical.injury_findings': 'full' } });
    const answer = await ask(county, police, dvOfficer, atPolice, ['contact.safe_phone'], {});
    expect(values(answer)).toEqual({ 'contact.safe_phone': '+1 555 0142' });
    await recordWithdrawal(county, shelter, advocate, { subject: atShelter, from: hospital.id }, at);
    await write(atHospital, aboutReviews(county.known.handle(atHospital)!.person));
    const wrong = await assertFact(county, hospital, clinician, { ...age, value: '16 to 17' }, at);
    const correction = { subject: atHospital, fact: wrong.result, reason: 'misread' };
    const instead = { value: '13 to 15', basis: 'her passport' };
    const restated = await correctFact(county, hospital, clinician, { ...correction, instead }, at);
    await correctFact(county, hospital, clinician, { ...correction, fact: restated.result! }, at);
    for (let nth = 0; nth < 3; nth++) {
      const key = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
      const { result: kid } = await publishRecipientKey(county, police, dvOfficer, key, at);
      if (nth === 1) await withdrawRecipientKey(county, police, dvOfficer, kid, at);
    }
    const clerk = caller(operator, 'clerk');
    for (const { id } of [court, employer])
      await suspendAgency(county, operator, clerk, { agency: id, reason: 'a lost key' }, at);
    await revokeCertificate(county, operator, clerk, { agency: court.id, serial: LOST, reason: 'a lost key' }, at);
    await resumeAgency(county, operator, clerk, { agency: employer.id, reason: 'a new key' }, at);
  });

  /** An entry about one person, as the use cases write them. */
  async function write(handle: HandleId, changes: readonly Change[]): Promise<void> {
    const { person } = county.known.handle(handle)!;
    const secret = await county.keyring.open(person, county.known.wrappedKey(person)!);
    const body = encodeBody({ changes }, vocabulary);
    const keys = [{ id: Buffer.from(person, 'hex'), secret }];
    const terms = { id: randomBytes(16), type: ENTRY_TYPE.decision, at, policy: randomBytes(32), body, keys };
    await county.sequencer.submit({
      entry: seal(county.logId, terms, randomBytes),
      basis: county.sequencer.position,
      reads: new Set(),
      writes: new Set(),
      changes,
      apply: (seq) => county.known.foldEntry(seq, changes),
    });
  }

  it('loads from the tables the map that folding the whole ledger gives', async () => {
    const loaded = await loadFoldedLog(gateway, county.keyring);
    const folded = new FoldedLog();
    const log = await PostgresLog.open<Change>(poolOf(gateway), county.logId, () => Promise.resolve());
    const { size } = await log.head();
    const wrappedKeys = new StoredKeys(gateway);
    const fold = {
      logId: county.logId,
      known: folded,
      directory: county.directory,
      keyring: county.keyring,
      wrappedKeys,
      vocabulary,
    };
    await foldTail(fold, await log.tail(0, size));
    expect(size).toBeGreaterThan(10);
    expect(loaded.size).toBe(size);
    expect(loaded.reviewsOf(hospital.id)).toHaveLength(1);
    expect(loaded.recipientKeysOf(police.id)).toHaveLength(2);
    expect([court, employer].map(({ id }) => loaded.isSuspended(id))).toEqual([true, false]);
    expect([court, employer].map(({ id }) => loaded.isRevoked(id, LOST))).toEqual([true, false]);
    expect(folded.size).toBe(size);
    expect(pictureOf(loaded, handles)).toEqual(pictureOf(folded, handles));
    expect(pictureOf(county.known, handles)).toEqual(pictureOf(folded, handles));
  });

  it('finds the key of an agency that was enrolled after a replica last looked', async () => {
    const found = await new StoredKeys(gateway).find([police.keyId]);
    expect(Buffer.from(found.get(police.keyId) ?? []).length).toBeGreaterThan(0);
  });

  it('lets the policies hold that the ledger names last, whatever the clocks of its gateways said', async () => {
    const publish = (digest: string, moment: number) =>
      county.sequencer.submit({
        entry: seal(
          county.logId,
          {
            id: randomBytes(16),
            type: ENTRY_TYPE['policy published'],
            at,
            policy: randomBytes(32),
            body: encodeBody({ changes: [published(digest, moment)] }, vocabulary),
            keys: [{ id: Buffer.from(operator.keyId, 'hex'), secret: createSecretKey(randomBytes(32)) }],
          },
          randomBytes,
        ),
        basis: county.sequencer.position,
        reads: new Set(),
        writes: new Set(),
        changes: [published(digest, moment)],
        apply: () => undefined,
      });
    await publish('wider', at + 3000);
    await publish('narrower', at);
    await publish('narrowest', at);
    expect((await loadFoldedLog(gateway, county.keyring)).policyDigest).toBe('narrowest');
  });

  it('gives back the members as they were enrolled', async () => {
    const { directory } = await loadMembers(gateway);
    expect(directory.get(police.id)).toMatchObject({
      id: police.id,
      sector: 'police',
      units: police.units,
      keyId: police.keyId,
    });
    expect(directory.size).toBe(county.directory.size);
  });

  it('gives back as what an agency is prescribed; as nothing, where it was enrolled before that could be said', async () => {
    const both = ['information_sharing_entity', 'risk_assessment_entity'] as EntityClass[];
    const enrolAs = (entityClasses: readonly EntityClass[]) =>
      enrol(owner, county.keyring, police.keyId, { ...enrolmentOf(police), entityClasses }, vocabulary);
    await enrolAs(both);
    expect(await prescribed()).toEqual(new Set(both));
    const runner = owner.createQueryRunner();
    await new EntityClasses1763800000005().down(runner);
    await new EntityClasses1763800000005().up(runner);
    await runner.release();
    expect(await prescribed()).toEqual(new Set());
    await enrolAs(both);
    await enrolAs([]);
    expect(await prescribed()).toEqual(new Set());
  });

  it.each([
    [{ entityClasses: ['risk_assesment_entity'] }, 'a class of entities; did you mean risk_assessment_entity?'],
    [{ entityClasses: ['police'] }, 'expected one of information_sharing_entity, risk_assessment_entity'],
    [{ sector: 'polce' }, 'polce is not a sector; did you mean police?'],
  ])('enrols nobody by a word that the vocabulary does not have: %j', async (changed, message) => {
    const misspelt = { ...enrolmentOf(police), ...changed, title: 'never written' } as unknown as Enrolment;
    const enrolling = enrol(owner, county.keyring, police.keyId, misspelt, vocabulary);
    await expect(enrolling).rejects.toMatchObject({
      code: 'WORD_UNKNOWN',
      message: expect.stringContaining(message) as string,
    });
    expect((await loadMembers(gateway)).directory.get(police.id)?.title).toBe(police.title);
  });

  it.each([
    'UPDATE ledger.entry SET commitment = leaf',
    'DELETE FROM ledger.entry',
    'DELETE FROM ledger.content',
    'TRUNCATE ledger.entry',
    'UPDATE ledger.head SET size = 0',
    'INSERT INTO ledger.entry (seq, leaf, header, commitment) SELECT 9999, leaf, header, commitment FROM ledger.entry LIMIT 1',
    "UPDATE postern.agency SET sector = 'police'",
    "UPDATE postern.agency SET entity_classes = '{risk_assessment_entity}'",
    'DELETE FROM postern.consent',
    'DROP TABLE postern.fact',
    'UPDATE postern.lease SET milliseconds = 60000',
    'DELETE FROM postern.lease',
    'DELETE FROM postern.standing',
    'UPDATE postern.fact SET person = id',
    "UPDATE postern.recipient_key SET public_key = '{}'",
    'DELETE FROM postern.revoked_certificate',
    "UPDATE postern.revoked_certificate SET serial = 'none'",
  ])('refuses its own gateway: %s', async (statement) => {
    await expect(gateway.query(statement)).rejects.toThrow(/permission denied|must be owner|append-only/);
  });

  it('holds nothing readable about her in its tables', async () => {
    const tables = await owner.query<{ name: string }[]>(
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('postern', 'ledger')",
    );
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['postern.link', 'ledger.content']));
    for (const { name } of tables) {
      const [{ text } = { text: '' }] = await owner.query<{ text: string }[]>(
        `SELECT coalesce(string_agg(t::text, ' '), '') AS text FROM ${name} t`,
      );
      const readable = text.replaceAll(/\\x([0-9a-f]+)/g, (_, hex: string) =>
        Buffer.from(hex, 'hex').toString('latin1'),
      );
      expect(readable).not.toMatch(/HH-0142|900417|P-55821|2026-PO|safe_phone|injury|her release|legalBasis/);
    }
  });

  it('does not take one link for another, both though hers: what was sealed for a row opens in no other', async () => {
    const swap = `UPDATE postern.link AS one SET sealed = other.sealed FROM postern.link AS other
      WHERE one.person = other.person AND one.id <> other.id RETURNING one.id`;
    const [swapped] = await owner.query<[readonly unknown[], number]>(swap);
    expect(swapped).toHaveLength(2);
    await expect(loadFoldedLog(gateway, county.keyring)).rejects.toThrow('unable to authenticate');
    await owner.query(swap);
    expect((await loadFoldedLog(gateway, county.keyring)).linksOf(handles[0] as HandleId)).toHaveLength(2);
  });

  it('holds the first lease for all, whoever comes at the same moment', async () => {
    const wanted = [250, 300, 60_000, 350, 400];
    const agreed = await Promise.allSettled(wanted.map((lease) => agreeOnLease(poolOf(gateway), lease)));
    const lease = wanted.find((_, nth) => agreed[nth]?.status === 'fulfilled') ?? 0;
    expect(agreed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await agreeOnLease(poolOf(gateway), lease);
    await expect(agreeOnLease(poolOf(gateway), lease + 1)).rejects.toMatchObject({
      code: 'LEASE_DIFFERS',
      message: expect.stringMatching(`${lease} ms.* ${lease + 1} ms`) as string,
    });
  });

  it('leaves alone the role of another database on the same server', async () => {
    const [other, role] = [`${DATABASE}_other`, { name: `${DATABASE}_other_gateway`, password: 'another' }];
    const reach = (as: typeof role, to: string) =>
      connect({ url: url(as.name, as.password, to), poolSize: 1, durability: 'not in this test' });
    await owner.query(`CREATE DATABASE ${other}`);
    try {
      await migrate(url(OWNER.user, OWNER.password, other), role);
      for (const [as, to] of [
        [GATEWAY, DATABASE],
        [role, other],
      ] as const) {
        const source = await reach(as, to);
        expect(await source.query('SELECT * FROM ledger.entry WHERE seq < 0')).toEqual([]);
        await source.destroy();
      }
      const stranger = await reach(role, DATABASE);
      await expect(stranger.query('SELECT * FROM ledger.entry')).rejects.toThrow('permission denied');
      await expect(stranger.query('SELECT * FROM postern.person')).rejects.toThrow('permission denied');
      await stranger.destroy();
    } finally {
      await owner.query(`DROP DATABASE ${other} WITH (FORCE)`);
      await owner.query(`DROP ROLE IF EXISTS ${role.name}`);
    }
  });

  it('refuses a database that could lose what it has acknowledged', async () => {
    const options = { url: url(GATEWAY.name, GATEWAY.password), poolSize: 1, durability: 'required' as const };
    await expect(connect(options)).rejects.toMatchObject({ code: 'DATABASE_FORGETFUL' });
  });
});

function aboutReviews(person: PersonId): readonly Change[] {
  const decision = randomBytes(16).toString('hex') as EntryId;
  const asker = { agency: police.id, officer: 'o-1' as OfficerId };
  const [waiting, closed] = ['', ''].map(() => ({
    id: randomBytes(16).toString('hex') as QuestionId,
    agency: hospital.id,
    person,
    duty: 'second_person_review_24h',
    due: at,
    decision,
    involved: [asker],
  }));
  const finding = { verdict: 'justified' as const, note: 'He was arrested.', by: 'o-2' as OfficerId, at };
  const about = { purpose: 'emergency' as Purpose, fields: fields('person.legal_name'), reason: 'She called.', at };
  return [
    { type: 'glass broken', glass: { decision, discloser: hospital.id, person, asker, ...about } },
    { type: 'review opened', review: waiting! },
    { type: 'review opened', review: closed! },
    { type: 'review closed', review: closed!.id, person, finding },
  ];
}

const LOST = '4A00' as Serial;

function published(digest: string, moment: number): Change {
  return { type: 'policy published', digest, vocabulary: '', at: instantOf(moment) };
}

/** Everything the map answers with about these handles, in one comparable form. */
function pictureOf(known: FoldedLog, ids: readonly HandleId[]): string {
  const picture = ids.map((id) => {
    const handle = known.handle(id);
    const { person } = handle ?? { person: '' as PersonId };
    return [
      handle,
      known.handleOf(person),
      Buffer.from(known.sealedLocalId(id) ?? []).toString('hex'),
      Buffer.from(known.wrappedKey(person) ?? []).toString('hex'),
      known.linksOf(id),
      known.joined(person),
      known.consentsOf(person),
      known.assertionsOf(person),
      known.inquiriesOf(person),
      known.originsOf(person),
      known.brokenGlassOf(person),
    ];
  });
  const keys = known.recipientKeysOf(police.id).map(({ kid }, nth) => [nth, kid]);
  const shutOut = [shelter, court, employer].map(({ id }) => [id, known.isSuspended(id), known.isRevoked(id, LOST)]);
  return inOneOrder([picture, [...known.codes()], known.policyDigest, shutOut, known.reviewsOf(hospital.id), keys]);
}

function inOneOrder(value: unknown): string {
  if (value instanceof Map) return inOneOrder([...value].map(([key, each]) => ({ [String(key)]: each as unknown })));
  if (value instanceof Set) return inOneOrder([...value]);
  if (Array.isArray(value)) return `[${value.map(inOneOrder).toSorted().join('\n')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const pairs = Object.entries(value).map(([key, each]) => `${key}: ${inOneOrder(each)}`);
  return `{${pairs.toSorted().join(', ')}}`;
}
