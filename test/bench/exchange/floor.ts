/**
 * The floor: the least that a Node server could do and still be called one that discloses a record on a signed question.
 * No framework, no policy, no consent, no ledger; nothing is checked but the certificate and the signature. It is as
 * fast as we could make it: whatever slowed it down would flatter us.
 * @module
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Pool } from 'pg';
import { readCallerKey } from '#certificates';
import { type AgencyId, instantOf } from '#terms';
import { CALLER_HEADER, type Credentials, httpsOptions, verifyCaller } from '#web';
import { COLUMN_NAMES } from './record.js';

export interface FloorConfig {
  readonly credentials: Credentials;
  readonly database: string;
  readonly poolSize: number;
  readonly asker: { readonly agency: string; readonly publicKey: JsonWebKey };
  /** What it pads its answer and its stored row to, so that as many bytes go over the wire and to the disk. */
  readonly answerBytes: number;
  readonly storedBytes: number;
}

function start(config: FloorConfig): void {
  const pool = new Pool({ connectionString: config.database, max: config.poolSize });
  const select = {
    name: 'select',
    text: `SELECT ${COLUMN_NAMES.join(', ')} FROM record WHERE id = $1`,
    rowMode: 'array',
    types: { getTypeParser: () => asItCame },
  } as const;
  const insert = { name: 'insert', text: 'INSERT INTO disclosed (said) VALUES ($1)' };
  const stored = Buffer.alloc(config.storedBytes, 'a record of what was disclosed ');
  const { kid, publicKey } = readCallerKey(config.asker.publicKey);
  const asker = config.asker.agency as AgencyId;
  const enrolment = {
    callerKey: (agency: string, named: string) => (agency === asker && named === kid ? publicKey : undefined),
  };
  const birthDate = COLUMN_NAMES.indexOf('person_birth_date');
  const phone = COLUMN_NAMES.indexOf('contact_safe_phone');
  let padding: string | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const path = request.url ?? '';
    const token = request.headers[CALLER_HEADER] as string | undefined;
    verifyCaller(token, { method: 'POST', path, body }, asker, enrolment, instantOf(Date.now()));
    const { subject } = JSON.parse(body.toString()) as { readonly subject: string };
    const client = await pool.connect();
    let row: string[];
    try {
      const { rows } = await client.query<string[]>({ ...select, values: [subject] });
      row = rows[0] as string[];
      await client.query({ ...insert, values: [stored] });
    } finally {
      client.release();
    }
    row[birthDate] = (row[birthDate] as string).slice(0, 4);
    row[phone] = (row[phone] as string).slice(-4);
    padding ??= '.'.repeat(Math.max(0, config.answerBytes - Buffer.byteLength(JSON.stringify({ row, padding: '' }))));
    const text = Buffer.from(JSON.stringify({ row, padding }));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
    response.end(text);
  }

  const server = createServer(httpsOptions(config.credentials), (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      answer(request, response, body).catch(() => response.writeHead(500, { 'content-length': 0 }).end());
    });
  });
  server.listen(0, '127.0.0.1', () => process.stderr.write(`listening ${(server.address() as AddressInfo).port}\n`));
}

const asItCame = (text: string): string => text;

start(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as FloorConfig);
