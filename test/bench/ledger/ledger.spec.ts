import { Client } from 'pg';
import { testDatabase } from '../../postgres.js';
import { openOneTransaction } from './contenders/one-transaction.js';
import { openOurs } from './contenders/ours.js';
import { openPlainBatches, openPlainRows } from './contenders/plain.js';
import { createLog, createPlain, type Database } from './databases.js';
import { drive, type Measured } from './drive.js';
import { inOrder } from './ledger.js';
import { Rounds } from './rounds.js';
import type { Result } from './site.js';

const ORDER = { producers: 9, until: { entries: 60 } } as const;

async function expectToFindOnly(at: Database, { acknowledged, marks }: Measured): Promise<void> {
  await expect(at.check(acknowledged + 1, marks)).rejects.toThrow('were acknowledged');
  await expect(at.check(acknowledged, marks ^ 1)).rejects.toThrow('were acknowledged');
  await at.check(acknowledged, marks);
  // What was found once is no longer new.
  await expect(at.check(acknowledged, marks)).rejects.toThrow('were acknowledged');
}

describe('what was acknowledged is looked for', () => {
  const created: string[] = [];
  const server = testDatabase();

  afterAll(async () => {
    const client = new Client(server);
    await client.connect();
    for (const name of created) await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await client.end();
  });

  async function database(name: string, create: typeof createLog): Promise<Database> {
    const full = `bench_spec_${process.pid}_${name}`;
    created.push(full);
    return create(server, full);
  }

  it('in a log that two kinds of writers took turns at', async () => {
    const at = await database('log', createLog);
    for (const bodies of ['plain', 'sealed'] as const) {
      const ours = await openOurs({ url: at.gateway, bodies, receipts: 'signed' });
      await expectToFindOnly(at, await drive(ours, ORDER));
      await ours.close();
    }
    const oneByOne = openOneTransaction(at.owner);
    await expectToFindOnly(at, await drive(oneByOne, ORDER));
    await oneByOne.close();

    const owner = new Client({ connectionString: at.owner });
    await owner.connect();
    // As many entries as before, and a root that is not theirs: only recomputing it tells.
    await owner.query("ALTER TABLE ledger.head DISABLE TRIGGER ALL; UPDATE ledger.head SET root = sha256('another')");
    await owner.end();
    await expect(at.check(0, 0)).rejects.toThrow('does not follow from its entries');
    await at.close();
  });

  it('in plain tables', async () => {
    const at = await database('plain', createPlain);
    for (const plain of [openPlainBatches(at.gateway), openPlainRows(at.gateway)]) {
      await expectToFindOnly(at, await drive(plain, ORDER));
      await plain.close();
    }
    await expect(at.check(0, 0)).resolves.toBeUndefined();
    await expect(at.check(60, 0)).rejects.toThrow('were acknowledged');
    await at.close();
  });
});

it('runs every window once a round, every second round the other way, and takes ratios within a round', async () => {
  const order: string[] = [];
  const speeds: Readonly<Record<string, number[]>> = { ours: [10, 40, 90], theirs: [1, 2, 3] };
  const windows = new Map(
    Object.entries(speeds).map(([name, speed]): [string, () => Promise<Result>] => [
      name,
      () => {
        order.push(name);
        return Promise.resolve({ perSecond: speed.shift() ?? 0, p50: 1, p99: 2, nodeCpu: 3, databaseCpu: 4 });
      },
    ]),
  );
  const rounds = await Rounds.run(3, windows, () => undefined);
  expect(order).toEqual(['ours', 'theirs', 'theirs', 'ours', 'ours', 'theirs']);
  expect(rounds.ratio('ours', 'theirs')).toEqual({ median: 20, least: 10, most: 30 });
});

it('puts the figures that are wanted first', () => {
  expect(Object.keys(inOrder({ further: 1, growth_proof: 2, vs_one_tx_128: 3 }))).toEqual([
    'vs_one_tx_128',
    'growth_proof',
    'further',
  ]);
});
