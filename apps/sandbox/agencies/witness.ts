import { createHash, type KeyObject } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import {
  encodeTreeSize,
  type NoteVerifier,
  openCheckpoint,
  Witness,
  type WitnessAnswer,
  type WitnessedTree,
  type WitnessMemory,
  witnessSigner,
} from '#ledger';
import { listen } from './listen.js';

/** What a stand-in witness is told: its key, whose logs it watches, and where it remembers them. */
export interface StandInWitness {
  readonly name: string;
  readonly key: KeyObject;
  /** The keys of the logs it watches; a key's name is its log's origin. */
  readonly logs: readonly NoteVerifier[];
  readonly folder: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly now: () => number;
}

export interface RunningWitness {
  /** Its submission prefix. */
  readonly url: string;
  close(): Promise<void>;
}

const LONGEST_BODY = 1 << 17;

/** Starts a witness (C2SP tlog-witness) as another organisation would run one: `POST /add-checkpoint`. */
export async function startWitness(options: StandInWitness): Promise<RunningWitness> {
  const { name, key, logs, folder, now } = options;
  const byOrigin = new Map(logs.map((log) => [log.name, [log]]));
  const memory = await openMemory(folder, byOrigin);
  const witness = new Witness({ signer: witnessSigner(name, key), logs: byOrigin, memory, now });
  const server: Server = createServer((request, response) => {
    answer(witness, byOrigin, request, response).catch(() => response.writeHead(500).end());
  });
  const port = await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  witness: Witness,
  logs: ReadonlyMap<string, readonly NoteVerifier[]>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, url = '/' } = request;
  if (method === 'GET') return sendLatest(witness, logs, url, response);
  if (method !== 'POST' || url !== '/add-checkpoint') return void response.writeHead(404).end();
  const body = await bodyOf(request);
  if (body === undefined) return void response.writeHead(413).end();
  const said = await witness.addCheckpoint(body);
  switch (said.kind) {
    case 'cosigned':
      return void response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(said.lines);
    case 'stale':
      return void response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(encodeTreeSize(said.size));
    case 'malformed':
    case 'unknown log':
    case 'not signed by the log':
    case 'inconsistent':
      return void response.writeHead(STATUS[said.kind]).end();
  }
}

const STATUS: Readonly<Record<Exclude<WitnessAnswer['kind'], 'cosigned' | 'stale'>, number>> = {
  malformed: 400,
  'unknown log': 404,
  'not signed by the log': 403,
  inconsistent: 422,
};

/** For those who compare: the last checkpoint of a log, under the hash of its origin. */
async function sendLatest(
  witness: Witness,
  logs: ReadonlyMap<string, unknown>,
  url: string,
  response: ServerResponse,
): Promise<void> {
  const origin = [...logs.keys()].find((one) => url === `/${nameOf(one)}/checkpoint`);
  const note = origin === undefined ? undefined : await witness.checkpoint(origin);
  if (note === undefined) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(note);
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read to its end all the same: who is cut off in the middle never hears why.
    if (length <= LONGEST_BODY) chunks.push(chunk);
  }
  return length > LONGEST_BODY ? undefined : Buffer.concat(chunks).toString();
}

/**
 * One file for each log, written whole: what was promised is on disk before it is said. Checking and storing are one step
 * because they happen one after the other, for all requests of this one process.
 */
async function openMemory(folder: string, logs: ReadonlyMap<string, readonly NoteVerifier[]>): Promise<WitnessMemory> {
  await mkdir(folder, { recursive: true });
  const latest = new Map<string, WitnessedTree>();
  for (const [origin, keys] of logs) {
    const note = await readFile(path.join(folder, nameOf(origin)), 'utf8').catch(() => undefined);
    if (note !== undefined) latest.set(origin, { ...openCheckpoint(note, keys), note });
  }
  let turn: Promise<unknown> = Promise.resolve();
  const replace: WitnessMemory['replace'] = async (origin, from, next) => {
    if ((latest.get(origin)?.size ?? 0) !== from) return false;
    const file = path.join(folder, nameOf(origin));
    const incoming = await open(`${file}.incoming`, 'w');
    await incoming.writeFile(next.note);
    await incoming.sync();
    await incoming.close();
    // Crash here: the last one is remembered, and nobody was told of this one.
    await rename(`${file}.incoming`, file);
    latest.set(origin, next);
    return true;
  };
  return {
    latest: (origin) => Promise.resolve(latest.get(origin)),
    replace(origin, from, next) {
      const stored = turn.then(() => replace(origin, from, next));
      turn = stored.catch(() => undefined);
      return stored;
    },
  };
}

function nameOf(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}
