import { createSecretKey, randomBytes } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import type { Change } from '#disclosure';
import { type FieldName, type Instant, type LinkId, type PersonId, type RegimeName, type AgencyId } from '#terms';
import { testDatabase } from '../../../test/postgres.js';
import { connect } from './connect.js';
import { openRecord } from './sealed-record.js';
import { writeProjections } from './write-projections.js';

const id = (): never => randomBytes(16).toString('hex') as never;

const grown = (person: PersonId, regime: string): Change => ({
  type: 'origin grew',
  person,
  origins: new Map([['person.alias' as FieldName, [regime as RegimeName]]]),
});
const review = (): Change => ({
  type: 'review opened',
  review: { id: id(), agency: 'a' as AgencyId, person: id(), duty: 'd', due: 1 as Instant, involved: [] },
});

describe('the projections of a batch', () => {
  const key = createSecretKey(randomBytes(32));
  let source: DataSource;

  beforeAll(async () => {
    const { host, port, user, password, database } = testDatabase();
    const url = `postgres://${user}:${password}@${host}:${port}/${database}`;
    source = await connect({ url, poolSize: 1, durability: 'not in this test' });
  });

  afterAll(() => source.destroy());

  async function statementsFor(changes: readonly Change[]) {
    const said: { text: string; values: readonly unknown[] }[] = [];
    const client = {
      query: (text: string, values: readonly unknown[]) => Promise.resolve(said.push({ text, values })),
    };
    const project = writeProjections(
      source,
      { wrappedKey: () => randomBytes(40) },
      { open: () => Promise.resolve(key) },
    );
    await project(
      client as unknown as PoolClient,
      changes.map((change, seq) => ({ seq, change })),
    );
    return said;
  }

  it('are written by one statement a table, however many there are', async () => {
    const changes = Array.from({ length: 300 }, () => [grown(id(), 'us-health'), review()]).flat();
    const said = await statementsFor(changes);
    expect(said.map(({ text }) => /INTO "postern"\."(\w+)"/.exec(text)?.[1])).toEqual(['origin', 'review']);
    expect(said.map(({ values }) => values.length)).toEqual([300 * 2, 300 * 7]);
  });

  it('keep the later of two rows with one key, which one statement could not write both', async () => {
    const person: PersonId = id();
    const [said] = await statementsFor([grown(person, 'a'), grown(id(), 'b'), grown(person, 'c')]);
    const values = said?.values ?? [];
    expect(values).toHaveLength(4);
    const sealed = values[values.indexOf(person) + 1] as Buffer;
    expect(openRecord(key, 'origin', person, sealed)).toEqual([['person.alias', ['c']]]);
  });

  it('end all links that were ended, after everything else', async () => {
    const links: LinkId[] = [id(), id()];
    const ended = links.map((link): Change => ({ type: 'link ended', link, persons: [id(), id()] }));
    const said = await statementsFor([...ended, review()]);
    expect(said.map(({ text }) => text.split(' ')[0])).toEqual(['INSERT', 'DELETE']);
    expect(said[1]?.values).toEqual([links]);
  });

  it('are none where nothing changed', async () => {
    expect(await statementsFor([])).toEqual([]);
  });
});
