import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import type { EmbeddedPostgres } from '../../../apps/sandbox/postgres/embedded.js';
import { CHECKOUT } from '../../../apps/sandbox/checkout.js';
import { MasterKeyring } from '../../../apps/gateway/src/master-keyring.js';
import { connect, enrol, migrate } from '#postgres';
import { type AgencyId, parseVocabulary, type RegimeName, type Sector } from '#terms';
import { type AgencySystem, type Certified, hospital, operator, shelter, shelterUnit } from './agencies.js';
import { CREATE_RECORDS, INSERT_RECORD, rowOf } from './record.js';

/** Settings without which a commit is no promise. */
const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' } as const;

export interface Databases {
  readonly gateway: string;
  /** The owner's view of the gateway's database, to measure it. */
  readonly owner: Client;
  readonly hospital: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly password: string;
  };
  readonly floor: string;
  readonly floorOwner: Client;
}

/** One PostgreSQL, three databases: the gateway's, the hospital's own, and the floor's. */
export async function createDatabases(
  postgres: EmbeddedPostgres,
  masterKey: Uint8Array,
  certified: Certified,
  persons: number,
): Promise<Databases> {
  const admin = await open(postgres, 'postgres');
  await refuseUnlessDurable(admin);
  for (const name of ['gateway', 'hospital', 'floor']) await admin.query(`CREATE DATABASE bench_${name}`);
  await admin.end();

  const gateway = { name: 'postern_gateway', password: randomBytes(18).toString('base64url') };
  const owner = urlOf(postgres, 'bench_gateway');
  await migrate(owner, gateway);
  await enrolAll(owner, masterKey, certified);
  const source = await open(postgres, 'bench_hospital');
  await fill(
    source,
    Array.from({ length: persons }, (_, n) => rowOf(n)),
  );
  await source.end();
  const floorOwner = await open(postgres, 'bench_floor');
  await floorOwner.query('CREATE TABLE disclosed (said bytea NOT NULL)');
  const { host, port, user, password } = postgres;
  return {
    gateway: urlOf({ ...postgres, user: gateway.name, password: gateway.password }, 'bench_gateway'),
    owner: await open(postgres, 'bench_gateway'),
    hospital: { host, port, user, password, database: 'bench_hospital' },
    floor: urlOf(postgres, 'bench_floor'),
    floorOwner,
  };
}

/** The records as the floor finds them: by the very word that questions name her by. */
export async function fill(client: Client, rows: readonly (readonly unknown[])[]): Promise<void> {
  await client.query(CREATE_RECORDS);
  await client.query('BEGIN');
  for (const row of rows) await client.query({ name: 'record', text: INSERT_RECORD, values: [...row] });
  await client.query('COMMIT');
  await client.query('ANALYZE record');
}

/** Bytes of all tables in these schemas with their indexes and TOAST, as they lie on the disk: nothing is vacuumed for it. */
export async function bytesIn(client: Client, ...schemas: readonly string[]): Promise<number> {
  const text = `
    SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bytes
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname = ANY ($1)`;
  const { rows } = await client.query<{ bytes: string }>(text, [schemas]);
  return Number(rows[0]?.bytes);
}

/** The same of one table. */
export async function bytesOf(client: Client, table: string): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>('SELECT pg_total_relation_size($1::regclass) AS bytes', [
    table,
  ]);
  return Number(rows[0]?.bytes);
}

export async function countIn(client: Client, table: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) AS count FROM ${table}`);
  return Number(rows[0]?.count);
}

/** Bytes in the columns of one recorded disclosure, the newest ones taken together. */
export async function bytesOfAnEntry(client: Client, newest: number): Promise<number> {
  const text = `
    SELECT avg(pg_column_size(e.*) + pg_column_size(c.*)) AS bytes
      FROM (SELECT * FROM ledger.entry ORDER BY seq DESC LIMIT $1) AS e JOIN ledger.content AS c USING (seq)`;
  const { rows } = await client.query<{ bytes: string }>(text, [newest]);
  return Math.round(Number(rows[0]?.bytes));
}

/** Refuses a server that could lose what it has acknowledged. */
export async function refuseUnlessDurable(client: Client): Promise<void> {
  for (const [setting, wanted] of Object.entries(DURABLE)) {
    const { rows } = await client.query<Record<string, string>>(`SHOW ${setting}`);
    const found = rows[0]?.[setting];
    if (found !== wanted)
      throw new Error(`${setting} is ${found}: without durability these figures would mean nothing`);
  }
}

async function enrolAll(ownerUrl: string, masterKey: Uint8Array, certified: Certified): Promise<void> {
  const owner = await connect({ url: ownerUrl, poolSize: 1, durability: 'required' });
  const keyring = new MasterKeyring(masterKey, () => performance.now());
  const words = path.join(CHECKOUT, 'policies', 'vocabulary.yaml');
  const vocabulary = parseVocabulary(readFileSync(words, 'utf8'), 'vocabulary.yaml');
  const enrolOne = (id: AgencyId, sector: string, regimes: readonly string[], system?: AgencySystem): Promise<void> =>
    enrol(
      owner,
      keyring,
      randomBytes(16).toString('hex'),
      {
        id,
        title: id,
        sector: sector as Sector,
        entityClasses: [],
        regimes: regimes as RegimeName[],
        units: id === shelter ? [shelterUnit] : [],
        callerKeys: system === undefined ? [] : [{ kid: system.kid, publicKey: system.publicKey }],
      },
      vocabulary,
    );
  await enrolOne(shelter, 'victim_service', ['us-victim-services'], certified.shelter);
  await enrolOne(hospital, 'health', ['us-health'], certified.hospital);
  await enrolOne(operator, 'court', []);
  keyring.close();
  await owner.destroy();
}

async function open(postgres: EmbeddedPostgres, database: string): Promise<Client> {
  const { host, port, user, password } = postgres;
  const client = new Client({ host, port, user, password, database });
  await client.connect();
  return client;
}

function urlOf(
  { host, port, user, password }: Pick<EmbeddedPostgres, 'host' | 'port' | 'user' | 'password'>,
  database: string,
): string {
  return `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}
