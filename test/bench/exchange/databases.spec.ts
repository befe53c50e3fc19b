import { Client } from 'pg';
import { testDatabase } from '../../postgres.js';
import { refuseUnlessDurable } from './databases.js';
import { FIELDS } from './record.js';

it('asks for forty fields, as it says', () => {
  expect(new Set(FIELDS).size).toBe(40);
});

it('refuses to measure on a server that may lose what it acknowledged', async () => {
  const client = new Client(testDatabase()); // Tests run on a fast one, with fsync off.
  await client.connect();
  await expect(refuseUnlessDurable(client)).rejects.toThrow('fsync is off');
  await client.end();
});
