import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { Ledger1763800000000 } from './migrations/1763800000000-ledger.js';
import { Projections1763800000001 } from './migrations/1763800000001-projections.js';
import { PublicationOrder1763800000002 } from './migrations/1763800000002-publication-order.js';
import { SealedLinks1763800000003 } from './migrations/1763800000003-sealed-links.js';
import { Lease1763800000004 } from './migrations/1763800000004-lease.js';
import { EntityClasses1763800000005 } from './migrations/1763800000005-entity-classes.js';
import { Standing1763800000010 } from './migrations/1763800000010-standing.js';
import { Revocations1763800000011 } from './migrations/1763800000011-revocations.js';
import { Erasure1763800000012 } from './migrations/1763800000012-erasure.js';
import { BrokenGlass1763800000013 } from './migrations/1763800000013-broken-glass.js';
import { RecipientKeys1763800000014 } from './migrations/1763800000014-recipient-keys.js';
import { Corrections1763800000015 } from './migrations/1763800000015-corrections.js';
import { codeOf, PostgresError } from './error.js';
import { type GatewayRole, prepareRole } from './gateway-role.js';
import { ROWS } from './rows.js';

export interface ConnectOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  readonly poolSize: number;
  /** `not in this test` is for tests that do not speak of durability; a gateway never sets it. */
  readonly durability: 'required' | 'not in this test';
}

/**
 * Brings the tables up to date, and the role that gateways connect as. Runs as the database's owner, before any of them
 * starts.
 *
 * @example await migrate(ownerUrl, { name: 'postern_gateway', password });
 */
export async function migrate(ownerUrl: string, gateway: GatewayRole): Promise<void> {
  const owner = await new DataSource(optionsFor(ownerUrl, 2)).initialize();
  try {
    await owner.query('CREATE SCHEMA IF NOT EXISTS postern');
    // Two gateways that start at once would both see nothing done yet.
    await owner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await owner.runMigrations({ transaction: 'each' });
    await prepareRole(owner, gateway);
  } finally {
    await owner.destroy();
  }
}

const MIGRATION_LOCK = 8_101_827;

/**
 * Connects, and refuses a database that could lose what it has acknowledged: a disclosure whose entry vanishes with the
 * power is a disclosure that nobody can ever check.
 */
export async function connect(options: ConnectOptions): Promise<DataSource> {
  const source = await new DataSource(optionsFor(options.url, options.poolSize))
    .initialize()
    .catch((cause: unknown) => {
      // The driver's words may quote the password's role and the database; its code is enough to find the reason by.
      const code = codeOf(cause) ?? 'no answer';
      throw new PostgresError('DATABASE_UNREACHABLE', `the database does not let us in (${code})`, { cause });
    });
  if (options.durability === 'not in this test') return source;
  const forgetful: string[] = [];
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const [row] = await source.query<Record<string, string>[]>(`SHOW ${setting}`);
    if (row?.[setting] === 'off') forgetful.push(setting);
  }
  if (forgetful.length === 0) return source;
  await source.destroy();
  throw new PostgresError(
    'DATABASE_FORGETFUL',
    `this database can lose what it has acknowledged: ${forgetful.join(', ')} is off; switch it on and start again`,
  );
}

/** The pool beneath a connected source: the ledger's append is written by hand, on the same connections. */
export function poolOf(source: DataSource): Pool {
  return (source.driver as unknown as { readonly master: Pool }).master;
}

function optionsFor(url: string, poolSize: number) {
  return {
    type: 'postgres' as const,
    url,
    schema: 'postern',
    entities: ROWS,
    migrations: [
      Ledger1763800000000,
      Projections1763800000001,
      PublicationOrder1763800000002,
      SealedLinks1763800000003,
      Lease1763800000004,
      EntityClasses1763800000005,
      Standing1763800000010,
      Revocations1763800000011,
      Erasure1763800000012,
      BrokenGlass1763800000013,
      RecipientKeys1763800000014,
      Corrections1763800000015,
    ],
    migrationsTableName: 'migration',
    synchronize: false,
    logging: false,
    poolSize,
    applicationName: 'postern',
  };
}
