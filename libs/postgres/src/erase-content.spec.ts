import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { encode } from 'cborg';
import { Client, type Pool } from 'pg';
import type { DataSource } from 'typeorm';
import {
  type Change,
  type ContentErased,
  erasePersons,
  type ErasureGate,
  finishErasures,
  FoldedLog,
  foldTail,
  liftHold,
  placeHold,
  unlink,
} from '#disclosure';
import { type LogStore, noteVerifier, Sequencer, unseal, verifyExport } from '#ledger';
import { type HandleId, type OfficerId, type PersonId } from '#terms';
import {
  ask,
  at,
  type County,
  dvOfficer,
  hospital,
  linkByCode,
  open,
  openCounty,
  operator,
  police,
  shelter,
  sign,
  vocabulary,
} from '../../disclosure/testonly/county.js';
import { maraIn } from '../../disclosure/testonly/mara.js';
import { testDatabase } from '../../../test/postgres.js';
import {
  connect,
  enrol,
  eraseProjections,
  exportLog,
  loadFoldedLog,
  migrate,
  poolOf,
  PostgresLog,
  remainsIn,
  StoredKeys,
  writeProjections,
} from './index.js';
import type { Project } from './ledger/log.js';
import { OF_PERSONS } from './write-projections.js';

const SERVER = testDatabase();
const NAME = `erase_spec_${process.pid}`;
const ROLE = { name: `${NAME}_gateway`, password: 'only in tests' };
const ORIGIN = 'county.example/log';
const log = generateKeyPairSync('ed25519');
const by = 'o-12' as OfficerId;
const PHONE = ['contact.safe_phone'];

let owner: DataSource;
let gateway: DataSource;
let pool: Pool;
let county: County;
let keys: Map<string, KeyObject>;

const urlFor = (user: string, password: string): string =>
  `postgres://${user}:${password}@${SERVER.host}:${SERVER.port}/${NAME}`;

/** The county lives at a fixed instant; the database's clock does not. */
function now<C>(store: () => PostgresLog<C>): LogStore<C> {
  return {
    head: () => store().head(),
    append: (batch) =>
      store().append({
        ...batch,
        entries: batch.entries.map((each) => ({ ...each, entry: { ...each.entry, at: Date.now() } })),
      }),
    tail: (from, limit) => store().tail(from, limit),
  };
}

beforeEach(async () => {
  const admin = new Client({ ...SERVER });
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${NAME} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${NAME}`);
  await admin.end();
  await migrate(urlFor(SERVER.user, SERVER.password), ROLE);
  owner = await connect({ url: urlFor(SERVER.user, SERVER.password), poolSize: 3, durability: 'not in this test' });
  pool = poolOf(owner);
  pool.on('error', () => {}); // connections that a test cuts
  gateway = await connect({ url: urlFor(ROLE.name, ROLE.password), poolSize: 3, durability: 'not in this test' });
  keys = new Map();
  let store: PostgresLog<Change> | undefined;
  county = openCounty({ keys, store: () => now(() => store!) });
  for (const agency of county.directory.values()) {
    const { entityClasses, regimes, units } = agency;
    const lists = { entityClasses: [...entityClasses], regimes: [...regimes], units: [...units], callerKeys: [] };
    await enrol(owner, county.keyring, agency.keyId, { ...agency, ...lists }, vocabulary);
  }
  const { known, keyring, logId } = county;
  store = await PostgresLog.open(poolOf(gateway), logId, writeProjections(gateway, known, keyring));
});

afterEach(async () => {
  await gateway.destroy();
  await owner.destroy();
  const admin = new Client({ ...SERVER });
  await admin.connect();
  await admin.query(`DROP DATABASE ${NAME} WITH (FORCE)`);
  await admin.end();
});

/** The operator's replica, which alone may destroy; `project` may break what it does. */
async function operating(project?: Project<Change | ContentErased>): Promise<ErasureGate> {
  const { logId, directory, keyring } = county;
  const known = await loadFoldedLog(owner, keyring);
  const projections = project ?? eraseProjections(owner, known, keyring);
  const store = await PostgresLog.open<Change | ContentErased>(pool, logId, projections);
  const wrappedKeys = new StoredKeys(owner);
  const sequencer = new Sequencer<Change | ContentErased>({
    store: now(() => store),
    position: known.size,
    fold: (tail) => foldTail({ logId, known, directory, keyring, wrappedKeys, vocabulary }, tail),
    sign: () => Promise.resolve(new Uint8Array(112)),
    monotonic: () => county.clock.monotonic(),
    queue: 10,
    batch: 10,
  });
  return { ...county, known, sequencer, remains: remainsIn(pool), now: () => at };
}

const personOf = (handle: HandleId): PersonId => county.known.handle(handle)!.person;
const asked = (...persons: PersonId[]) => ({ persons, ground: { kind: 'asked' as const }, by });

async function verdict() {
  const store = await PostgresLog.open(pool, county.logId, () => Promise.resolve());
  const lines: Buffer[] = [];
  for await (const line of exportLog(store, { origin: ORIGIN, key: log.privateKey })) lines.push(Buffer.from(line));
  return verifyExport(lines, noteVerifier(ORIGIN, log.publicKey));
}

async function numbers(text: string, values: unknown[] = []): Promise<readonly number[]> {
  const { rows } = await pool.query<{ n: string }>(text, values);
  return rows.map(({ n }) => Number(n));
}

/** Every table in which any of these texts stands, in whatever column. */
async function tablesWith(...texts: string[]): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string }>(
    "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('postern', 'ledger')",
  );
  const found: string[] = [];
  for (const { name } of rows)
    for (const text of texts) {
      const [n] = await numbers(`SELECT count(*) AS n FROM ${name} AS row WHERE strpos(row::text, $1) > 0`, [text]);
      if (n !== 0) found.push(name);
    }
  return found;
}

const uuid = (id: string): string => id.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** What an owner who means it could still do. */
async function withoutTriggers(text: string, values: unknown[] = []): Promise<void> {
  const client = await pool.connect();
  await client.query("SET session_replication_role = 'replica'");
  await client.query(text, values);
  await client.query("SET session_replication_role = 'origin'");
  client.release();
}

describe('erasing a person', () => {
  it('leaves nothing of her, every proof, and everybody else', async () => {
    const { atShelter, atHospital, atPolice } = await maraIn(county);
    const ruth = await open(county, hospital, '900512');
    expect((await ask(county, police, dvOfficer, atPolice, PHONE)).kind).toBe('released');
    const persons = [atShelter, atHospital, atPolice].map(personOf);
    const wrapped = persons.map((person) => Buffer.from(county.known.wrappedKey(person)!).toString('hex'));
    const names = [...persons.map(uuid), atShelter, atHospital, atPolice, ...wrapped];
    expect(await tablesWith(...names)).not.toEqual([]);
    const before = await verdict();
    expect(before).toMatchObject({ kind: 'sound', erased: 0 });

    const gate = await operating();
    const { entries } = await erasePersons(gate, operator, asked(...persons));

    expect(entries).toBeGreaterThan(10);
    // The ids alone stay, where nothing leads to her any more: under them nothing may ever be sealed again.
    expect(new Set(await tablesWith(...names))).toEqual(new Set(['ledger.destroyed_key']));
    const after = await verdict();
    expect(after).toMatchObject({ kind: 'sound', erased: entries });
    expect(await numbers('SELECT seq AS n FROM ledger.erased ORDER BY seq')).toEqual(
      await numbers(
        "SELECT e.seq AS n FROM ledger.entry e LEFT JOIN ledger.content c USING (seq) WHERE c.seq IS NULL AND substr(e.header, 1, 3) <> '\\xa40100' ORDER BY e.seq",
      ),
    );

    // A gateway that has heard nothing of it: it finds out before anything leaves.
    expect(await ask(county, police, dvOfficer, atPolice, PHONE)).toEqual({
      kind: 'uniform',
      decision: expect.any(String),
      receipt: expect.any(Uint8Array),
    });
    expect(county.known.handle(atShelter)).toBeUndefined();
    expect(county.known.handle(ruth)).toBeDefined();
    expect(await numbers('SELECT count(*) AS n FROM postern.person')).toEqual([1]);
    // Her agency may know her anew, as somebody that nothing is known of.
    expect(await open(county, police, 'P-55821')).not.toBe(atPolice);
  });

  it('takes her share of what concerns others, and the whole where she was the last', async () => {
    const atShelter = await open(county, shelter, 'HH-0142');
    const atPolice = await open(county, police, 'P-55821');
    await linkByCode(county, shelter, atShelter, police, atPolice);
    await sign(county, atShelter, { from: shelter, to: police, fields: { 'contact.safe_phone': 'full' } });
    expect((await ask(county, police, dvOfficer, atPolice, PHONE)).kind).toBe('released');
    const [hers, theirs] = [personOf(atShelter), personOf(atPolice)];
    const shared = await numbers('SELECT seq AS n FROM ledger.content WHERE key_ids @> $1', [[hers, theirs]]);
    expect(shared.length).toBeGreaterThan(1);
    const key = { id: Buffer.from(theirs, 'hex'), secret: keys.get(hex(county.known.wrappedKey(theirs)!))! };

    await erasePersons(await operating(), operator, asked(hers));

    const left = await numbers('SELECT seq AS n FROM ledger.content WHERE key_ids = $1 AND seq = ANY ($2)', [
      [theirs],
      shared,
    ]);
    expect(left).toEqual(shared);
    const store = await PostgresLog.open(pool, county.logId, () => Promise.resolve());
    for (const seq of shared)
      for (const entry of await store.tail(seq, 1)) expect(unseal(county.logId, entry, key).length).toBeGreaterThan(0);
    expect(await verdict()).toMatchObject({ kind: 'sound' });

    await erasePersons(await operating(), operator, asked(theirs));
    expect(await numbers('SELECT seq AS n FROM ledger.content WHERE seq = ANY ($1)', [shared])).toEqual([]);
    expect(await verdict()).toMatchObject({ kind: 'sound' });
  });

  it('is refused where what was stated still protects her elsewhere, until that is over', async () => {
    const { atShelter, atHospital } = await maraIn(county);
    const hers = personOf(atShelter);
    await expect(erasePersons(await operating(), operator, asked(hers))).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    await unlink(county, hospital, { subject: atHospital, other: police.id }, at);
    await erasePersons(await operating(), operator, asked(hers));
    expect(await numbers('SELECT count(*) AS n FROM postern.person')).toEqual([2]);
  });

  it('is refused while a hold lies on her, on whichever replica it was placed', async () => {
    const atPolice = await open(county, police, 'P-55821');
    const gate = await operating();
    const order = { subject: atPolice, by, basis: 'preservation letter of 3 November' };
    await placeHold(await operating(), operator, order, at); // at another desk, a moment ago
    await expect(erasePersons(gate, operator, asked(personOf(atPolice)))).rejects.toMatchObject({
      code: 'NOT_ALLOWED',
    });
    expect((await loadFoldedLog(owner, county.keyring)).holdOn(personOf(atPolice))?.basis).toBe(order.basis);
    await liftHold(gate, operator, order, at);
    expect((await loadFoldedLog(owner, county.keyring)).holdOn(personOf(atPolice))).toBeUndefined();
    await erasePersons(gate, operator, asked(personOf(atPolice)));
    expect(await verdict()).toMatchObject({ kind: 'sound' });
  });

  it('loads from the tables the map that folding the whole ledger gives', async () => {
    const { atShelter, atHospital, atPolice } = await maraIn(county);
    const other = await open(county, shelter, 'HH-0200');
    await unlink(county, hospital, { subject: atHospital, other: police.id }, at);
    await erasePersons(await operating(), operator, asked(personOf(atShelter)));
    const loaded = await loadFoldedLog(owner, county.keyring);
    const folded = new FoldedLog();
    const { logId, directory, keyring } = county;
    const wrappedKeys = new StoredKeys(owner);
    const store = await PostgresLog.open(pool, logId, () => Promise.resolve());
    await foldTail({ logId, known: folded, directory, keyring, wrappedKeys, vocabulary }, await store.tail(0, 1000));
    await county.sequencer.catchUp();
    const picture = (known: FoldedLog) =>
      [atShelter, atHospital, atPolice, other].map((id) => {
        const handle = known.handle(id);
        if (handle === undefined) return undefined;
        const { person } = handle;
        const said = [known.consentsOf(person), known.assertionsOf(person), known.inquiriesOf(person)];
        return [handle, known.linksOf(id), said, known.codesOf(id), known.wrappedKey(person)?.length];
      });
    expect(picture(loaded)).toEqual(picture(folded));
    expect(picture(county.known)).toEqual(picture(folded));
    expect(picture(folded)[0]).toBeUndefined();
  });

  it('knows every table that is about somebody', async () => {
    const { rows } = await pool.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'postern' AND column_name = 'person'",
    );
    expect(rows.map(({ name }) => name).toSorted()).toEqual([...OF_PERSONS].toSorted());
  });
});

describe('an erasure that was cut off', () => {
  it('between the order and the deletion, is read past by a replica and finished by the next command', async () => {
    const { atShelter, atHospital, atPolice } = await maraIn(county);
    const persons = [atShelter, atHospital, atPolice].map(personOf);
    const known = await loadFoldedLog(owner, county.keyring);
    const whole = eraseProjections(owner, known, county.keyring);
    const killed = await operating(async (client, changes) => {
      if (changes.some(({ change }) => change.type === 'content erased'))
        await client.query('SELECT pg_terminate_backend(pg_backend_pid())');
      await whole(client, changes);
    });
    await expect(erasePersons(killed, operator, asked(...persons))).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
    });

    // Neither the list nor the deletion: the log is whole, and nobody knows her any more.
    expect(await verdict()).toMatchObject({ kind: 'sound', erased: 0 });
    expect(await numbers('SELECT count(*) AS n FROM postern.handle')).toEqual([0]);
    expect((await ask(county, police, dvOfficer, atPolice, PHONE)).kind).toBe('uniform');
    const late = new FoldedLog();
    const { logId, directory, keyring } = county;
    const wrappedKeys = new StoredKeys(owner);
    const store = await PostgresLog.open(pool, logId, () => Promise.resolve());
    await foldTail({ logId, known: late, directory, keyring, wrappedKeys, vocabulary }, await store.tail(0, 1000));
    expect(late.handle(atShelter)).toBeUndefined();

    const entries = await finishErasures(await operating());
    expect(entries).toBeGreaterThan(10);
    expect(await verdict()).toMatchObject({ kind: 'sound', erased: entries });
    expect(await finishErasures(await operating())).toBe(0);
  });

  it('after the deletion and before its commit, has deleted nothing and listed nothing', async () => {
    const atPolice = await open(county, police, 'P-55821');
    const known = await loadFoldedLog(owner, county.keyring);
    const whole = eraseProjections(owner, known, county.keyring);
    const killed = await operating(async (client, changes) => {
      await whole(client, changes);
      if (changes.some(({ change }) => change.type === 'content erased'))
        await client.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await expect(erasePersons(killed, operator, asked(personOf(atPolice)))).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
    });
    expect(await numbers('SELECT seq AS n FROM ledger.erased')).toEqual([]);
    expect(await verdict()).toMatchObject({ kind: 'sound', erased: 0 });
    expect(await finishErasures(await operating())).toBe(1);
    expect(await verdict()).toMatchObject({ kind: 'sound', erased: 1 });
  });
});

describe('content that goes, or stays, otherwise', () => {
  it('is refused by the database: a row that no erasure lists, a key that lives, a share that is not hers', async () => {
    const atPolice = await open(county, police, 'P-55821');
    const hers = personOf(atPolice);
    await erasePersons(await operating(), operator, asked(hers));
    const other = personOf(await open(county, police, 'P-1'));
    const [seq] = await numbers('SELECT seq AS n FROM ledger.content WHERE key_ids @> $1', [[other]]);
    const [list] = await numbers('SELECT erasure AS n FROM ledger.erased LIMIT 1');
    const refused: [string, unknown[]][] = [
      ['DELETE FROM ledger.content WHERE seq = $1', [seq]],
      ["UPDATE ledger.content SET ciphertext = '\\x00' WHERE seq = $1", [seq]],
      ["UPDATE ledger.content SET key_ids = '{}', wrapped = '' WHERE seq = $1", [seq]],
      ['TRUNCATE ledger.content', []],
      ['DELETE FROM ledger.erased', []],
      // A list that is not the one in the log, and a list in the log that is used again.
      ['SELECT ledger.erase($1, ARRAY[$2::bigint], $3, true)', [list, seq, [other]]],
      ['SELECT ledger.erase($1, (SELECT array_agg(seq) FROM ledger.erased), $2, true)', [list, [hers]]],
    ];
    for (const [text, values] of refused) expect(await codeOf(pool.query(text, values))).toMatch(/55000|23505/);
    // Nor may a gateway, with whatever list.
    await expect(
      poolOf(gateway)
        .query("SELECT ledger.erase(0, '{}', '{}', false)")
        .catch((error: { code: string }) => error.code),
    ).resolves.toBe('42501');
    expect(await verdict()).toMatchObject({ kind: 'sound', erased: 1 });
  });

  it('is named by the verifier of an export, where somebody took the triggers away', async () => {
    const atPolice = await open(county, police, 'P-55821');
    const hers = personOf(atPolice);
    const [first] = await numbers('SELECT seq AS n FROM ledger.content WHERE key_ids @> $1', [[hers]]);
    const kept = 'CREATE TABLE kept AS SELECT * FROM ledger.content';
    await pool.query(kept);
    await erasePersons(await operating(), operator, asked(hers));
    const [list] = await numbers('SELECT erasure AS n FROM ledger.erased');

    await withoutTriggers('INSERT INTO ledger.content SELECT * FROM kept WHERE seq = $1', [first]);
    expect(await verdict()).toMatchObject({ damage: 'content-not-erased', index: first });
    await withoutTriggers('DELETE FROM ledger.content WHERE seq = $1', [first]);
    expect(await verdict()).toMatchObject({ kind: 'sound', erased: 1 });

    await withoutTriggers("UPDATE ledger.content SET ciphertext = '\\xa10180' WHERE seq = $1", [list]);
    expect(await verdict()).toMatchObject({ damage: 'content-altered', index: list });
    await withoutTriggers(`UPDATE ledger.content SET ciphertext = '\\xa1018100'::bytea WHERE seq = $1`, [list]);

    const other = personOf(await open(county, police, 'P-1'));
    const [second] = await numbers('SELECT seq AS n FROM ledger.content WHERE key_ids @> $1', [[other]]);
    expect(await verdict()).toMatchObject({ kind: 'sound', erased: 1 });
    await withoutTriggers('DELETE FROM ledger.content WHERE seq = $1', [second]);
    expect(await verdict()).toMatchObject({ damage: 'content-missing', index: second });
  });

  it('is listed in the one right form, however large its indices are', async () => {
    for (const n of [0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, 1e12]) {
      const { rows } = await pool.query<{ head: Buffer }>('SELECT ledger.cbor_head(0, $1) AS head', [n]);
      expect(rows[0]?.head).toEqual(Buffer.from(encode(n)));
    }
  });
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** PostgreSQL's word for why it refused. */
async function codeOf(query: Promise<unknown>): Promise<string> {
  const error: unknown = await query.catch((cause: unknown) => cause);
  return error instanceof Error && 'code' in error ? String(error.code) : 'not refused';
}
