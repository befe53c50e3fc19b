import { fork } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client as PgClient } from 'pg';
import { encodeVerifierKey, logIdOf, noteVerifier } from '#ledger';
import { connect, enrol, exportLog, migrate, poolOf, PostgresLog } from '#postgres';
import { instantOf, type OfficerId, parseVocabulary } from '#terms';
import type { GatewayConfig } from '../../apps/gateway/src/config.js';
import { MasterKeyring } from '../../apps/gateway/src/master-keyring.js';
import { type Agencies, startAgencies } from '../../apps/sandbox/agencies/start.js';
import { CHECKOUT } from '../../apps/sandbox/checkout.js';
import { Client } from '../../apps/sandbox/src/client.js';
import { type Enrolled, enrolEverybody, type MemberId, OPERATOR } from '../../apps/sandbox/src/members.js';
import { type DurablePostgres, startDurablePostgres } from '../postgres.js';
import { copyCheckout } from './copy-checkout.js';
import { urlOf } from './open-sandbox.js';
import type { Members } from './people.js';
import { freePorts } from './ports.js';
import { stopBetweenTurns } from './stand-still.js';

/** The sandbox's county, with gateways in processes of their own: what may be killed, and what stands still. */
export interface OpenCounty {
  readonly postgres: DurablePostgres;
  readonly agencies: Agencies;
  readonly logId: Uint8Array;
  readonly verifierKey: string;
  /** Starts a gateway; on the port of an earlier one, in its place. `lease` makes one that is not as it should be. */
  startGateway(port?: number, lease?: number): Promise<GatewayProcess>;
  /** Lets nothing be recorded until it is let go; `waits` says whether something would be. */
  holdLedger(): Promise<HeldLedger>;
  exportLedger(): Promise<string>;
  close(): Promise<void>;
}

export interface HeldLedger {
  waits(): Promise<boolean>;
  /** Returns once nothing waits any more. */
  letGo(): Promise<void>;
}

export interface GatewayProcess {
  readonly port: number;
  /** Everybody's clients of this gateway; they go on with whatever takes its place on this port. */
  readonly members: Members;
  /** At once, whatever it was doing. */
  kill(): Promise<void>;
  /** Makes it stand still between two turns of its event loop. */
  pause(): Promise<void>;
  resume(): void;
}

const DATABASE = 'postern_journey';
const ORIGIN = 'journeys.example/postern';
const GATEWAY_PASSWORD = 'only in tests';
const POLICIES = join(CHECKOUT, 'policies');

export async function openCounty(): Promise<OpenCounty> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-county-'));
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  try {
    const checkout = copyCheckout();
    ends.push(() => checkout.remove());
    const postgres = await startDurablePostgres();
    ends.push(() => postgres.discard());
    const { host, port, user, password } = postgres;
    const agencies = await startAgencies({
      postgres: { host, port, user, password },
      folder: join(folder, 'agencies'),
      now: Date.now,
    });
    ends.push(() => agencies.stop());
    const everybody = await enrolEverybody(instantOf(Date.now()));
    const masterKey = randomBytes(32);
    const ownerUrl = await prepareDatabase(postgres, everybody, masterKey);
    const signing = generateKeyPairSync('ed25519');
    const orders: Omit<GatewayConfig, 'listen' | 'ledger' | 'log'> = {
      database: {
        url: `postgres://postern_gateway:${encodeURIComponent(GATEWAY_PASSWORD)}@${host}:${port}/${DATABASE}`,
        poolSize: 8,
        durability: 'required',
      },
      credentials: everybody.credentials,
      masterKey,
      policies: POLICIES,
      uncheckedRules: { signedBy: 'tests' as OfficerId, on: '2026-01-01' },
      operator: OPERATOR,
      sources: [agencies.hospital, agencies.shelter, agencies.police, agencies.court].map((each) => ({
        agency: each.agency,
        mapping: each.mappingFile,
        access: each.access,
      })),
      limits: { lease: 250, source: 500, uniform: 600, question: 10_000 },
    };
    const ledger = { origin: ORIGIN, key: signing.privateKey.export({ type: 'pkcs8', format: 'pem' }) };
    const clients = new Map<number, Members>();
    const membersAt = (at: number): Members => {
      const members = clients.get(at) ?? clientsOf(everybody, at, ends);
      clients.set(at, members);
      return members;
    };
    return {
      postgres,
      agencies,
      logId: logIdOf(ORIGIN),
      verifierKey: encodeVerifierKey(noteVerifier(ORIGIN, signing.publicKey)),
      async startGateway(at, lease = orders.limits.lease) {
        const listen = { host: '127.0.0.1', port: at ?? (await freePorts(1)) };
        if (lease !== orders.limits.lease) await letIn(ownerUrl, lease);
        const child = await startChild(
          checkout.root,
          { ...orders, limits: { ...orders.limits, lease }, listen, ledger },
          ends,
        );
        return { port: listen.port, members: membersAt(listen.port), ...child };
      },
      async holdLedger() {
        const holder = new PgClient({ connectionString: ownerUrl });
        await holder.connect();
        await holder.query('BEGIN; LOCK TABLE ledger.head IN EXCLUSIVE MODE');
        const waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'ledger.head'::regclass";
        const waits = async () => (await holder.query(waiting)).rowCount !== 0;
        return {
          waits,
          async letGo() {
            await holder.query('COMMIT');
            while (await waits()) await sleep(1);
            await holder.end();
          },
        };
      },
      async exportLedger() {
        const path = join(folder, 'ledger.ndjson');
        const owner = await connect({ url: ownerUrl, poolSize: 2, durability: 'required' });
        const log = await PostgresLog.open(poolOf(owner), logIdOf(ORIGIN), () => Promise.resolve());
        const lines = exportLog(log, { origin: ORIGIN, key: signing.privateKey });
        await pipeline(Readable.from(lines), createWriteStream(path));
        await owner.destroy();
        return path;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function prepareDatabase(postgres: DurablePostgres, everybody: Enrolled, masterKey: Uint8Array): Promise<string> {
  const admin = new PgClient({ connectionString: urlOf(postgres) });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${DATABASE}`);
  await admin.end();
  const ownerUrl = urlOf(postgres, DATABASE);
  await migrate(ownerUrl, { name: 'postern_gateway', password: GATEWAY_PASSWORD });
  const owner = await connect({ url: ownerUrl, poolSize: 2, durability: 'required' });
  const keyring = new MasterKeyring(masterKey, () => performance.now());
  const vocabulary = parseVocabulary(readFileSync(join(POLICIES, 'vocabulary.yaml'), 'utf8'), 'vocabulary.yaml');
  for (const enrolment of everybody.enrolments)
    await enrol(owner, keyring, randomBytes(16).toString('hex'), enrolment, vocabulary);
  keyring.close();
  await owner.destroy();
  return ownerUrl;
}

/** As only the owner can: a gateway whose lease is not that of the others would not start. */
async function letIn(ownerUrl: string, lease: number): Promise<void> {
  const owner = new PgClient({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query('UPDATE postern.lease SET milliseconds = $1', [lease]);
  await owner.end();
}

function clientsOf({ identities, authority }: Enrolled, port: number, ends: (() => unknown)[]): Members {
  const clients = new Map<MemberId, Client>();
  for (const [id, identity] of identities)
    clients.set(id, new Client(identity, [`https://localhost:${port}`], authority));
  ends.push(() => clients.forEach((client) => client.close()));
  return (id) => {
    const client = clients.get(id);
    if (client === undefined) throw new RangeError(id);
    return client;
  };
}

const PATIENCE_MS = 60_000;

async function startChild(
  root: string,
  orders: object,
  ends: (() => unknown)[],
): Promise<Pick<GatewayProcess, 'kill' | 'pause' | 'resume'>> {
  const child = fork(join(CHECKOUT, 'test', 'journeys', 'gateway-process.mjs'), [root], {
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async () => {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await ended;
  };
  ends.push(kill);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the gateway does not start: ${why} ${said}`));
    signal.addEventListener('abort', () => fail('it says nothing'));
    child.once('exit', (code) => fail(`it ended with ${code}`));
    child.on('message', (message: { readonly ready?: true; readonly why?: string }) => {
      if (message.ready) child.send(orders);
      else if (message.why === undefined) resolve();
      else fail(message.why);
    });
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the gateway has no process');
  return { kill, pause: () => stopBetweenTurns(pid), resume: () => void child.kill('SIGCONT') };
}
