import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../../apps/sandbox/src/start-sandbox.js';
import { type DurablePostgres, startDurablePostgres } from '../postgres.js';
import { freePorts } from './ports.js';

export interface OpenSandbox {
  readonly sandbox: Sandbox;
  readonly postgres: DurablePostgres;
  close(): Promise<void>;
}

/** Everything that `npm start` starts, in this process, on a durable PostgreSQL of its own. */
export async function openSandbox(more: { readonly hospitalBundles?: string } = {}): Promise<OpenSandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-journey-'));
  const postgres = await startDurablePostgres();
  const end = async (): Promise<void> => {
    await postgres.discard();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const port = await freePorts(3);
    const databaseUrl = urlOf(postgres);
    const sandbox = await startSandbox({ port, folder, databaseUrl, progress: () => undefined, ...more });
    return {
      sandbox,
      postgres,
      async close() {
        await sandbox.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

export function urlOf({ host, port, user, password, database }: DurablePostgres, name = database): string {
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${name}`;
}
