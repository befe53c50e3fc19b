import { type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import type { Clock } from '#disclosure';
import { beginEpoch, connect, migrate, newestEpoch, StoredKeys } from '#postgres';
import { instantOf } from '#terms';
import { testDatabase } from '../../../../test/postgres.js';
import { KeyEpochs } from '../key-epochs.js';
import { MasterKeyring } from '../master-keyring.js';
import { rotateKeys } from './rotate-keys.js';

const SERVER = testDatabase();
const NAME = `rotate_spec_${process.pid}`;
const now = () => instantOf(Date.UTC(2026, 10, 22));
/** Every call to it is a place where a process may be killed too. */
const clock: Clock = { monotonic: () => 0, until: () => Promise.resolve(), after: () => () => {} };

describe('rotating keys', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-rotate-'));
  const file = path.join(folder, 'key-epochs');
  const masterKey = randomBytes(32);
  const living = new Map<string, KeyObject>();
  const keyrings: MasterKeyring[] = [];
  let owner: DataSource;

  const keyring = async (): Promise<MasterKeyring> => {
    const epochs = { keys: await KeyEpochs.open(file), stored: new StoredKeys(owner) };
    const made = new MasterKeyring(masterKey, () => 0, epochs);
    keyrings.push(made);
    return made;
  };
  const rotate = (on: DataSource = owner, by: Clock = clock) =>
    rotateKeys({ owner: on, file, masterKey, clock: by, now });
  const keep = async (made: { readonly key: KeyObject; readonly wrapped: Uint8Array }): Promise<string> => {
    const id = randomBytes(16).toString('hex');
    await owner.query('INSERT INTO postern.person (id, wrapped_key) VALUES ($1, $2)', [id, Buffer.from(made.wrapped)]);
    living.set(id, made.key);
    return id;
  };

  beforeAll(async () => {
    await asOwner(`CREATE DATABASE ${NAME}`);
    const url = `postgres://${SERVER.user}:${SERVER.password}@${SERVER.host}:${SERVER.port}/${NAME}`;
    await migrate(url, { name: `${NAME}_gateway`, password: 'only in tests' });
    owner = await connect({ url, poolSize: 2, durability: 'not in this test' });
    await rotate();
    for (let i = 0; i < 12; i += 1) await keep(await (await keyring()).mint());
  }, 60_000);

  afterAll(async () => {
    keyrings.forEach((each) => each.close());
    await owner.destroy();
    await asOwner(`DROP DATABASE ${NAME}`);
    rmSync(folder, { recursive: true });
  });

  /** Dies at the nth thing that it asks of the database. */
  const dyingAt = (n: number): DataSource => {
    let asked = 0;
    return new Proxy(owner, {
      get(source, name: keyof DataSource) {
        if (name !== 'query' && name !== 'transaction') return source[name];
        return async (...given: never[]): Promise<unknown> => {
          asked += 1;
          if (asked === n) throw new Error('killed');
          return (source[name] as (...all: never[]) => unknown).apply(source, given);
        };
      },
    });
  };

  const allOpen = async (): Promise<void> => {
    const rows = await owner.query<{ id: string; wrapped_key: Buffer }[]>('SELECT id, wrapped_key FROM postern.person');
    const keys = await keyring();
    expect(rows).toHaveLength(living.size);
    for (const { id, wrapped_key: wrapped } of rows) {
      const open = await keys.open(id.replaceAll('-', ''), wrapped);
      expect(open.equals(living.get(id.replaceAll('-', ''))!)).toBe(true);
    }
  };

  it('may be killed at any step: every living key opens, and the next command ends it', async () => {
    for (let step = 1, died = true; died; step += 1) {
      died = await rotate(dyingAt(step)).then(
        () => false,
        (error: Error) => error.message === 'killed',
      );
      await allOpen();
      await rotate();
      await allOpen();
      const newest = await newestEpoch(owner);
      const epochs = readFileSync(file, 'utf8').trim().split('\n');
      expect(epochs.map((line) => Number(line.split(' ')[0]))).toEqual([newest?.epoch]);
      expect(newest?.finishedAt).toBe(now());
    }
  });

  it('may be killed while it waits for the gateways', async () => {
    for (const wait of [1, 2]) {
      let waits = 0;
      const until = () => ((waits += 1) === wait ? Promise.reject(new Error('killed')) : Promise.resolve());
      await expect(rotate(owner, { ...clock, until })).rejects.toThrow('killed');
      await allOpen();
      await rotate();
      await allOpen();
    }
  });

  it('loses no key that a gateway wraps meanwhile under the old one: the database refuses it', async () => {
    const { newest } = await KeyEpochs.open(file);
    const late = await (await keyring()).mint();
    await beginEpoch(owner, newest + 1, now());
    await expect(keep(late)).rejects.toThrow('going out of use');
    await rotate();
    await allOpen();
  });
});

async function asOwner(text: string): Promise<void> {
  const admin = new Client({ ...SERVER });
  await admin.connect();
  await admin.query(text);
  await admin.end();
}
