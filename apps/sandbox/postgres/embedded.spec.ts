import pg from 'pg';
import { testDatabase, startDurablePostgres } from '../../../test/postgres.js';

describe('the database of the tests', () => {
  it('gives each worker a database of its own', async () => {
    const client = new pg.Client({ ...testDatabase() });
    await client.connect();
    const { rows } = await client.query('SELECT current_database() AS name');
    expect(rows).toEqual([{ name: testDatabase().database }]);
    await client.end();
  });
});
describe('a durable database', () => {
  it('keeps what was committed through a crash', async () => {
    const postgres = await startDurablePostgres();
    const before = new pg.Client({ ...postgres });
    before.on('error', () => undefined);
    await before.connect();
    await before.query('CREATE TABLE t (n int); INSERT INTO t VALUES (1)');
    await postgres.crash();
    await postgres.restart();
    const after = new pg.Client({ ...postgres });
    await after.connect();
    expect((await after.query('SELECT n FROM t')).rows).toEqual([{ n: 1 }]);
    await after.end();
    await postgres.discard();
  }, 30_000);
});
