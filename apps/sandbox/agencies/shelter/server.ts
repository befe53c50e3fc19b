import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { AgencyId } from '#terms';
import { CHECKOUT } from '../../checkout.js';
import { addressOf, type PostgresServer } from '../../postgres/address.js';
import type { Started } from '../agency.js';
import { AgencyError } from '../error.js';
import { startWire } from './wire.js';

const FOLDER = join(CHECKOUT, 'apps', 'sandbox', 'agencies', 'shelter');
/** Marks what we made: nobody's own database of the same name is emptied. */
const OURS = 'Postern sandbox: invented people';

export interface ShelterOptions {
  readonly postgres: PostgresServer;
  readonly port: number;
  /** Name of its database on that server; made anew at each start. */
  readonly database: string;
}

/** Harbour House: a case-management product on PostgreSQL, on a port of its own, with a role that may read reports. */
export async function startShelter({ postgres, port, database }: ShelterOptions): Promise<Started> {
  const reader = { user: `${database}_reader`, password: randomBytes(18).toString('base64url') };
  await createDatabase(postgres, database, reader);
  const administrator = new Client({ connectionString: addressOf(postgres, database) });
  administrator.on('error', () => undefined);
  await administrator.connect();
  const wire = await startWire({ ...postgres, tls: tlsOf(administrator) }, port);

  const grant = (word: 'GRANT' | 'REVOKE') =>
    `${word} EXECUTE ON ALL FUNCTIONS IN SCHEMA reporting ${word === 'GRANT' ? 'TO' : 'FROM'} ${escapeIdentifier(reader.user)}`;
  const tell = async (lie: string | null) => {
    await administrator.query('UPDATE sandbox.behaviour SET lie = $1', [lie]);
  };
  async function behave(): Promise<void> {
    wire.fault = undefined;
    await tell(null);
    await administrator.query(grant('GRANT'));
  }
  return {
    standIn: {
      agency: 'harbour-house' as AgencyId,
      title: 'Harbour House, a shelter (PostgreSQL)',
      address: `postgresql://${reader.user}@127.0.0.1:${wire.port}/${database}`,
      mappingFile: join(FOLDER, 'mapping.yaml'),
      access: { protocol: 'sql', host: '127.0.0.1', port: wire.port, database, ...reader },
      async misbehave(how) {
        await behave();
        switch (how) {
          case 'stall':
          case 'garbage':
          case 'truncate':
            wire.fault = how;
            return;
          case 'refuse':
            await administrator.query(grant('REVOKE'));
            return;
          case 'somebody_else':
          case 'more_than_asked':
            await tell(how);
        }
      },
      behave,
      kill: () => wire.kill(),
      restart: () => wire.restart(),
    },
    async stop() {
      await wire.kill();
      await administrator.end();
    },
  };
}

/** The driver has read the address's parameters and the files that they name. */
function tlsOf(client: Client): ConnectionOptions | false {
  const read: unknown = client.ssl;
  if (read === true) return {};
  return typeof read === 'object' && read !== null ? read : false;
}

async function createDatabase(
  postgres: PostgresServer,
  database: string,
  reader: { readonly user: string; readonly password: string },
): Promise<void> {
  const [name, role] = [escapeIdentifier(database), escapeIdentifier(reader.user)];
  await inDatabase(postgres, 'postgres', async (client) => {
    const { rows } = await client.query<{ comment: string | null }>(
      "SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1",
      [database],
    );
    const [existing] = rows;
    if (existing !== undefined && existing.comment !== OURS)
      throw new AgencyError(
        'AGENCY_DATABASE_TAKEN',
        `There is a database ${database} already, which the sandbox did not make.`,
      );
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${name}`);
    await client.query(`COMMENT ON DATABASE ${name} IS ${escapeLiteral(OURS)}`);
    await client.query(`DROP ROLE IF EXISTS ${role}`);
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD ${escapeLiteral(reader.password)} CONNECTION LIMIT 40`);
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    await client.query(`GRANT CONNECT ON DATABASE ${name} TO ${role}`);
  });
  await inDatabase(postgres, database, async (client) => {
    await client.query(readFileSync(join(FOLDER, 'schema.sql'), 'utf8'));
    await client.query(readFileSync(join(FOLDER, 'people.sql'), 'utf8'));
    await client.query('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA reporting, sandbox FROM PUBLIC');
    await client.query(`GRANT USAGE ON SCHEMA reporting TO ${role}`);
    await client.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA reporting TO ${role}`);
  });
}

async function inDatabase(
  postgres: PostgresServer,
  database: string,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const client = new Client({ connectionString: addressOf(postgres, database) });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
