import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { Client } from 'pg';
import * as fc from 'fast-check';
import { testDatabase } from '../../../../test/postgres.js';
import { ask, faultOf, question, VOCABULARY } from '../../test/ask.js';
import type { SqlAccess } from '../access.js';
import { connect } from '../connect.js';
import { parseMapping } from '../parse-mapping.js';
import type { ConnectedSource } from '../source.js';

const MAPPING = `
source: harbour-house
protocol: sql
limits: {deadline: 5 s, size: 100 kB, at once: 2, faults: 3, pause: 200 ms}
reads:
  client:
    select: |
      SELECT c.*, length(coalesce(notes, '')) AS note_length FROM connectors_test.client c
      WHERE client_no = $1 -- her number
    key: client_no
  findings: {select: SELECT * FROM connectors_test.finding WHERE client = $1, key: client, rows: many}
  secrets: {select: SELECT * FROM connectors_test.secret WHERE client = $1, key: client}
  slow: {select: 'SELECT $1::text AS key, pg_sleep(600)::text AS value', key: key}
  large: {select: "SELECT $1::text AS key, repeat('x', 3000000) AS value", key: key}
  many: {select: 'SELECT $1::text AS key, n::text AS value FROM generate_series(1, 2000) n', key: key, rows: many}
  liar: {select: "SELECT 'HH-0143' AS key, $1::text AS value", key: key}
  greedy: {select: "SELECT $1::text AS key, nextval('connectors_test.counter')::text AS value", key: key}
  numbered: {select: 'SELECT id, name FROM connectors_test.numbered WHERE id = $1', key: id}
fields:
  person.legal_name: {from: client, column: name}
  person.birth_date: {from: client, column: born}
  person.disability: {from: client, column: notes, codes: {W: wheelchair}}
  person.alias: {from: client, column: aliases}
  contact.safe_phone: {from: client, column: phone, only where: {phone_is_safe: ['true']}}
  contact.voicemail_safe: {from: client, column: voicemail}
  contact.actual_address: {from: client, place: {lines: street, city: town, region: state}}
  risk.da_score: {from: client, column: score}
  incident.date: {from: client, column: came_at}
  medical.injury_findings: {from: findings, column: found}
  risk.judgement: {from: findings, column: found, join with: '; '}
  incident.narrative: {from: secrets, column: text}
  child.name: {from: slow, column: value}
  child.school: {from: large, column: value}
  child.parents: {from: many, column: value}
  offender.custody: {from: liar, column: value}
  offender.warrant: {from: greedy, column: value}
  legal_case.docket: {from: numbered, column: name}
`;

const superuser = testDatabase();
const reader: SqlAccess = { protocol: 'sql', ...superuser, user: 'connectors_reader', password: 'reads only' };
let admin: Client;
let source: ConnectedSource;

beforeAll(async () => {
  admin = new Client(superuser);
  await admin.connect();
  await admin.query(`
    DROP SCHEMA IF EXISTS connectors_test CASCADE;
    DO $$ BEGIN CREATE ROLE connectors_reader LOGIN PASSWORD 'reads only'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
    CREATE SCHEMA connectors_test;
    CREATE TABLE connectors_test.client (
      client_no text PRIMARY KEY, name text, born date, phone text, phone_is_safe boolean, voicemail boolean, street text, town text, state text,
      score integer, notes text, aliases text[], came_at timestamptz);
    CREATE TABLE connectors_test.finding (client text, found text);
    CREATE TABLE connectors_test.secret (client text, text text);
    CREATE TABLE connectors_test.numbered (id integer, name text);
    CREATE SEQUENCE connectors_test.counter;
    INSERT INTO connectors_test.client VALUES
      ('HH-0142', 'Mara Ellison', '1991-04-30', '+1 555 010 0142', true, false, '12 Elm St', 'Lowell', 'Massachusetts', 14, 'W', '{Mara Okafor,"M. O."}', '2026-03-14 23:30:00-05'),
      ('HH-0143', 'Ana "; DROP TABLE', NULL, '+1 555 010 0143', false, NULL, NULL, NULL, NULL, NULL, 'sees her sister', NULL, NULL);
    INSERT INTO connectors_test.finding VALUES ('HH-0142', 'Bruising of the neck'), ('HH-0142', 'Fracture of the left ulna'), ('HH-0143', 'Sprain');
    INSERT INTO connectors_test.numbered VALUES (7, 'seven');
    GRANT USAGE ON SCHEMA connectors_test TO connectors_reader;
    GRANT SELECT ON connectors_test.client, connectors_test.finding, connectors_test.numbered TO connectors_reader;
    GRANT ALL ON SEQUENCE connectors_test.counter TO connectors_reader;
  `);
});

afterAll(async () => {
  await admin.query('DROP SCHEMA connectors_test CASCADE');
  await admin.end();
});

beforeEach(() => {
  source = shelter();
});

afterEach(() => source.close());

function shelter(access: Partial<SqlAccess> = {}, mapping = MAPPING): ConnectedSource {
  return connect(parseMapping(mapping, 'harbour-house.yaml', VOCABULARY), { ...reader, ...access });
}

/** Returns once this many statements of the slow kind run at the shelter: a test that never sees that runs out of time. */
async function untilSlow(count: number): Promise<void> {
  const running = `SELECT 1 FROM pg_stat_activity WHERE usename = 'connectors_reader' AND query LIKE '%pg_sleep%' AND state = 'active'`;
  while ((await admin.query(running)).rowCount !== count) await sleep(10);
}

const docketOf7 = () => ask(source, question('7', ['legal_case.docket']));
const voicemail = () => ask(source, question('HH-0142', ['contact.voicemail_safe']));
const herName = () => ask(source, question('HH-0142', ['person.legal_name']));

describe('a shelter’s PostgreSQL', () => {
  it('answers each field cut to its level', async () => {
    const fields = [
      'person.legal_name',
      ['person.birth_date', 'age_band'],
      'person.disability',
      'person.alias',
      'contact.safe_phone',
      'contact.voicemail_safe',
      ['contact.actual_address', 'region'],
      'risk.da_score',
      ['incident.date', 'month'],
      ['medical.injury_findings', 'count'],
      'risk.judgement',
      'person.language',
    ] as const;
    expect(await ask(source, question('HH-0142', fields))).toEqual({
      'person.legal_name': 'Mara Ellison',
      'person.birth_date': '18 and over',
      'person.disability': 'wheelchair',
      'person.alias': ['Mara Okafor', 'M. O.'],
      'contact.safe_phone': '+1 555 010 0142',
      'contact.voicemail_safe': false,
      'contact.actual_address': { region: 'Massachusetts' },
      'risk.da_score': 14,
      'incident.date': '2026-03',
      'medical.injury_findings': 2,
      'risk.judgement': 'Bruising of the neck; Fracture of the left ulna',
      'person.language': undefined,
    });
  });

  it('holds no value where the column is empty, unsafe or not in the list of codes', async () => {
    const fields = [
      'person.legal_name',
      'person.birth_date',
      'person.disability',
      'contact.safe_phone',
      'contact.actual_address',
    ];
    expect(await ask(source, question('HH-0143', fields))).toEqual({
      'person.legal_name': 'Ana "; DROP TABLE',
      'person.birth_date': undefined,
      'person.disability': undefined,
      'contact.safe_phone': undefined,
      'contact.actual_address': undefined,
    });
  });

  it('answers absent for whoever it does not know, however that is spelt', async () => {
    const spellings = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "' OR '1'='1",
        "HH-0142'; DROP SCHEMA connectors_test CASCADE; --",
        'hh-0142',
        'HH-0142 ',
        '%',
        '$1',
        '\\',
      ),
    );
    await fc.assert(
      fc.asyncProperty(spellings, async (localId) => {
        fc.pre(!localId.includes('\0'));
        expect(await ask(source, question(localId, ['person.legal_name']))).toEqual({ 'person.legal_name': undefined });
      }),
      { numRuns: 50 },
    );
    expect(await ask(source, question('HH-0142', ['person.legal_name']))).toEqual({
      'person.legal_name': 'Mara Ellison',
    });
  });

  it('leaves at the agency what was not asked for', async () => {
    // A column that fails as soon as anybody evaluates it.
    await admin.query(`
      CREATE OR REPLACE FUNCTION connectors_test.trap(text) RETURNS text STABLE LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'touched'; END $$;
      GRANT EXECUTE ON FUNCTION connectors_test.trap(text) TO connectors_reader`);
    const trapped = shelter(
      {},
      MAPPING.replace('c.*,', 'c.*, connectors_test.trap(name) AS trap,').replace(
        'column: notes, codes: {W: wheelchair}',
        'column: trap',
      ),
    );
    for (let i = 0; i < 8; i++)
      expect(await ask(trapped, question('HH-0142', ['risk.da_score']))).toEqual({ 'risk.da_score': 14 });
    expect(await faultOf(ask(trapped, question('HH-0142', ['person.disability'])))).toBe('SOURCE_REFUSED');
    await trapped.close();
  });

  it('answers every set of fields that anybody thinks of', async () => {
    const expected = {
      'person.legal_name': 'Mara Ellison',
      'person.birth_date': '1991-04-30',
      'person.disability': 'wheelchair',
      'contact.voicemail_safe': false,
      'risk.da_score': 14,
      'incident.date': '2026-03-15',
    };
    const names = Object.keys(expected);
    for (let set = 1; set < 1 << names.length; set++) {
      const asked = names.filter((_, at) => set & (1 << at));
      const answered = await ask(source, question('HH-0142', asked));
      expect(answered).toEqual(Object.fromEntries(Object.entries(expected).filter(([name]) => asked.includes(name))));
    }
  });

  it('refuses what its role may not read, and what would write', async () => {
    expect(await faultOf(ask(source, question('HH-0142', ['incident.narrative'])))).toBe('SOURCE_REFUSED');
    expect(await faultOf(ask(source, question('HH-0142', ['offender.warrant'])))).toBe('SOURCE_REFUSED');
    expect((await admin.query('SELECT is_called FROM connectors_test.counter')).rows).toEqual([{ is_called: false }]);
  });

  it('refuses an id that its key’s type cannot hold, without being given up', async () => {
    expect(await ask(source, question('7', ['legal_case.docket']))).toEqual({ 'legal_case.docket': 'seven' });
    for (let i = 0; i < 5; i++)
      expect(await faultOf(ask(source, question('seven', ['legal_case.docket'])))).toBe('SOURCE_REFUSED');
    expect(await ask(source, question('7', ['legal_case.docket']))).toEqual({ 'legal_case.docket': 'seven' });
  });

  it('survives that the source’s tables change under a prepared statement', async () => {
    await docketOf7();
    await admin.query('ALTER TABLE connectors_test.numbered ALTER COLUMN name TYPE varchar(40)');
    await faultOf(docketOf7());
    expect(await docketOf7()).toEqual({ 'legal_case.docket': 'seven' });
  });

  it('never reads a column as the type that it had before', async () => {
    await admin.query('UPDATE connectors_test.client SET voicemail = true');
    for (let i = 0; i < 3; i++) expect(await voicemail()).toEqual({ 'contact.voicemail_safe': true });
    await admin.query(`ALTER TABLE connectors_test.client ALTER COLUMN voicemail TYPE text USING 'yes'`);
    expect(await faultOf(voicemail())).toBe('SOURCE_REFUSED');
    expect(await voicemail()).toEqual({ 'contact.voicemail_safe': true });
    await admin.query(`ALTER TABLE connectors_test.client ALTER COLUMN voicemail TYPE boolean USING false`);
    await faultOf(voicemail());
    expect(await voicemail()).toEqual({ 'contact.voicemail_safe': false });
  });
});

describe('what a database does that is no answer', () => {
  it.each([
    ['somebody else’s row', 'offender.custody', 'SOURCE_GARBAGE'],
    ['a row larger than it may be', 'child.school', 'SOURCE_TOO_LARGE'],
    ['more rows than a person has', 'child.parents', 'SOURCE_TOO_LARGE'],
  ])('%s', async (_, field, code) => {
    expect(await faultOf(ask(source, question('HH-0142', [field])))).toBe(code);
    expect(await ask(source, question('HH-0142', ['person.legal_name']))).toEqual({
      'person.legal_name': 'Mara Ellison',
    });
  });

  it('several rows where a person has one', async () => {
    await admin.query(`INSERT INTO connectors_test.numbered VALUES (8, 'eight'), (8, 'again')`);
    expect(await faultOf(ask(source, question('8', ['legal_case.docket'])))).toBe('SOURCE_GARBAGE');
  });

  it('no answer by the deadline; its statement is ended there too', async () => {
    const hasty = shelter({}, MAPPING.replace('deadline: 5 s', 'deadline: 2 s'));
    const soon = () => ask(hasty, question('HH-0142', ['person.legal_name']));
    await Promise.all([soon(), soon()]);
    const late = () => faultOf(ask(hasty, question('HH-0142', ['child.name'], 1_000)));
    const both = Promise.all([late(), late()]);
    await untilSlow(2);
    expect(await both).toEqual(['SOURCE_TIMEOUT', 'SOURCE_TIMEOUT']);
    // Both connections were asleep; new ones are opened in their place.
    expect(await soon()).toEqual({ 'person.legal_name': 'Mara Ellison' });
    await untilSlow(0);
    await hasty.close();
  });

  it('a connection that is cut while it answers, again and again', async () => {
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    for (let i = 0; i < 3; i++) {
      const asked = faultOf(ask(source, question('HH-0142', ['child.name'])));
      await untilSlow(1);
      await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'connectors_reader'`);
      expect(await asked).toBe('SOURCE_UNREACHABLE');
      await untilSlow(0);
    }
    clock.mockReturnValue(now + 199);
    expect(await faultOf(herName())).toBe('SOURCE_CIRCUIT_OPEN');
    clock.mockReturnValue(now + 200);
    expect(await herName()).toEqual({ 'person.legal_name': 'Mara Ellison' });
    clock.mockRestore();
  });

  it('nobody there, a wrong password, or somebody who says nothing', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    for (const [access, deadline, code] of [
      [{ port: 1 }, 5_000, 'SOURCE_UNREACHABLE'],
      [{ password: 'wrong' }, 5_000, 'SOURCE_REFUSED'],
      [{ port }, 400, 'SOURCE_TIMEOUT'],
    ] as const) {
      const other = shelter(access, MAPPING.replace('deadline: 5 s', `deadline: ${deadline} ms`));
      expect(await faultOf(ask(other, question('HH-0142', ['person.legal_name'])))).toBe(code);
      await other.close();
    }
    silent.close();
  });

  it('an address on another machine without TLS', () => {
    expect(() => shelter({ host: 'db.harbour-house.example' })).toThrow('TLS');
  });
});
