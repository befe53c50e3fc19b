import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startProgram, type Server } from '../server.js';
import { type Certified, hospital, operator } from './agencies.js';
import type { Databases } from './databases.js';
import { MAPPING } from './record.js';

const LISTENING = /"event":"listening","port":(\d+)/;

/** Starts the gateway as a county would: its own program, a configuration file, keys in files, the database by its address. */
export function startGatewayProcess(
  root: string,
  folder: string,
  databases: Databases,
  { server }: Certified,
  masterKey: Uint8Array,
  pool: number,
): Promise<Server> {
  mkdirSync(folder);
  const written = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text, { mode: 0o600 });
    return name;
  };
  const key = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
  const config = {
    listen: { host: '127.0.0.1', port: 0 },
    pool,
    tls: {
      key: written('tls.key', server.key),
      certificate: written('tls.pem', server.certificate),
      authorities: server.authorities.map((pem, at) => written(`authority-${at}.pem`, pem)),
      revocationLists: server.revocationLists.map((pem, at) => written(`revoked-${at}.pem`, pem)),
    },
    ledger: { origin: 'bench.example/postern', key: written('ledger.key', String(key)) },
    masterKey: written('master.key', Buffer.from(masterKey).toString('base64')),
    policies: path.join(root, 'policies'),
    uncheckedRules: { signedBy: 'benchmark', on: '2026-01-01' },
    operator,
    sources: [
      {
        agency: hospital,
        mapping: written('st-brigid.yaml', MAPPING),
        access: { protocol: 'sql', ...databases.hospital },
      },
    ],
  };
  const file = path.join(folder, written('gateway.yaml', JSON.stringify(config)));
  const program = path.join(root, 'dist', 'apps', 'gateway', 'src', 'main.js');
  return startProgram([program, file], { DATABASE_URL: databases.gateway }, (line) => LISTENING.exec(line)?.[1]);
}
