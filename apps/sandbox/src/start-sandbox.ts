import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client as PgClient } from 'pg';
import type { DataSource } from 'typeorm';
import { exportDecisions, type Exported } from '#disclosure';
import { encodeVerifierKey, logIdOf, noteVerifier } from '#ledger';
import {
  connect,
  enrol,
  type Enrolment,
  exportLog,
  loadMembers,
  migrate,
  poolOf,
  PostgresLog,
  StoredBundles,
  StoredKeys,
} from '#postgres';
import { instantOf, type OfficerId, parseVocabulary } from '#terms';
import type { GatewayConfig } from '../../gateway/src/config.js';
import { startGateway } from '../../gateway/src/start-gateway.js';
import { clock } from '../../gateway/src/clock.js';
import { KeyEpochs } from '../../gateway/src/key-epochs.js';
import { MasterKeyring } from '../../gateway/src/master-keyring.js';
import { rotateKeys } from '../../gateway/src/operate/rotate-keys.js';
import { type Agencies, startAgencies } from '../agencies/start.js';
import { CHECKOUT } from '../checkout.js';
import { addressOf, type PostgresServer, readAddress } from '../postgres/address.js';
import { startEmbeddedPostgres } from '../postgres/embedded.js';
import { Client, type Identity } from './client.js';
import { SandboxError } from './error.js';
import { enrolEverybody, type MemberId, OPERATOR } from './members.js';
import { startReplica } from './start-replica.js';

export interface SandboxOptions {
  /** The gateway's port; the hospital and the police take the next two, further gateways those after them. */
  readonly port: number;
  /** How many gateways share the ledger; one where absent. Several run in processes of their own. */
  readonly replicas?: number;
  /** A PostgreSQL of one's own; the embedded one where absent. */
  readonly databaseUrl?: string;
  /** A further folder of FHIR bundles for the hospital. */
  readonly hospitalBundles?: string;
  /** Where all files of the sandbox go. */
  readonly folder: string;
  /** Told what is being waited for. */
  readonly progress: (step: string) => void;
}

export interface SandboxGateway {
  /** Such as `https://127.0.0.1:7443`. */
  readonly address: string;
  readonly port: number;
  /** Of a gateway in a process of its own. */
  readonly pid?: number;
}

export interface Sandbox {
  readonly agencies: Agencies;
  /** At least one; everybody's clients ask each in turn, and go on to the next where one has gone. */
  readonly gateways: readonly SandboxGateway[];
  /** The folder with everybody's certificates and keys. */
  readonly credentials: string;
  /** With which its operator's commands work: the configuration, and the database as its owner. */
  readonly operating: { readonly config: string; readonly databaseUrl: string };
  /** The certificate of the authority that the agencies' own servers show theirs of. */
  readonly countyAuthority: string;
  /** With which anyone verifies the ledger, in the one-line form. */
  readonly verifierKey: string;
  /** The log's name as receipts are bound to it. */
  readonly logId: Uint8Array;
  client(member: MemberId): Client;
  /** Writes the whole ledger, as its operator would for an auditor, and returns the file's path. */
  exportLedger(): Promise<string>;
  /** Writes every decision that was recorded, for `postern policy replay`. */
  exportDecisions(path: string): Promise<Exported>;
  close(): Promise<void>;
}

/** What the sandbox calls its own on a server begins like this: on a county's, nothing else is touched. */
const DATABASE = 'postern_sandbox';
const ORIGIN = 'riverside.example/postern';
/** Days that the sandbox's operator keeps a copy of whom no entry concerns any more. A county's come from its lawyers. */
const RETENTION = [
  ['us-victim-services', 90],
  ['us-health', 2_192],
  ['us-protection-orders', 1_826],
] as const;
const POLICIES = join(CHECKOUT, 'policies');
/** A laptop asks itself: no source takes longer than this, and nobody wants to wait for a refusal. */
const LIMITS = { lease: 250, source: 600, uniform: 650, question: 10_000 };

/**
 * Starts everything on one machine: database, gateway, agencies, everybody's keys. The database of the last start is
 * thrown away. What was begun is ended again if anything fails.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const started: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const end of started.splice(0).toReversed()) await end();
  };
  try {
    return await start(options, started, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: SandboxOptions,
  started: (() => unknown)[],
  close: () => Promise<void>,
): Promise<Sandbox> {
  const { folder, port, progress } = options;
  progress('Starting the database');
  await mkdir(folder, { recursive: true });
  const server = await databaseServer(options, started);
  await freshDatabase(addressOf(server, server.database));
  const ownerUrl = addressOf(server, DATABASE);
  const at = instantOf(Date.now());
  const role = { name: `${DATABASE}_gateway`, password: randomBytes(18).toString('base64url') };
  const masterKey = randomBytes(32);
  const signing = generateKeyPairSync('ed25519');
  const operatorFiles = join(folder, 'operator');

  progress('Making keys and certificates');
  const [everybody] = await Promise.all([enrolEverybody(at), migrate(ownerUrl, role)]);
  const keyEpochs = await writeOperatorFiles(operatorFiles, masterKey, signing.privateKey);
  await enrolAgencies(ownerUrl, masterKey, keyEpochs, everybody.enrolments);
  const credentials = await writeCredentials(folder, everybody.authority, everybody.identities);

  progress('Starting a hospital, a shelter, the police and a court');
  const agencies = await startAgencies({
    postgres: server,
    shelterDatabase: `${DATABASE}_harbour_house`,
    folder: join(folder, 'agencies'),
    now: () => Date.now(),
    ports: { hospital: port + 1, police: port + 2 },
    ...(options.hospitalBundles !== undefined && { hospitalBundles: options.hospitalBundles }),
  });
  started.push(() => agencies.stop());
  const countyAuthority = join(credentials, 'county-authority.pem');
  await writeFile(countyAuthority, agencies.authority);

  const config: Omit<GatewayConfig, 'listen'> = {
    database: {
      url: addressOf({ ...server, user: role.name, password: role.password }, DATABASE),
      poolSize: 8,
      durability: 'required',
    },
    credentials: everybody.credentials,
    ledger: { origin: ORIGIN, key: signing.privateKey },
    masterKey,
    keyEpochs,
    policies: POLICIES,
    // For invented people only: nobody may answer so for rules about anybody else.
    uncheckedRules: { signedBy: 'sandbox' as OfficerId, on: new Date(at).toISOString().slice(0, 10) },
    operator: OPERATOR,
    sources: [agencies.hospital, agencies.shelter, agencies.police, agencies.court].map((each) => ({
      agency: each.agency,
      mapping: each.mappingFile,
      access: each.access,
    })),
    limits: LIMITS,
    log: logTo(join(folder, 'gateway.log'), started),
  };
  const ports = [port, ...Array.from({ length: (options.replicas ?? 1) - 1 }, (_, i) => port + 3 + i)];
  progress(ports.length === 1 ? 'Starting the gateway' : `Starting ${ports.length} gateways`);
  const gateways: SandboxGateway[] = [];
  for (const each of ports) {
    const whole = { ...config, listen: { host: '127.0.0.1', port: each } };
    const gateway = ports.length === 1 ? await startGateway(whole) : await startReplica(whole);
    started.push(() => gateway.close());
    gateways.push(gateway);
  }

  const clients = new Map<MemberId, Client>();
  const addresses = gateways.map(({ address }) => address.replace('127.0.0.1', 'localhost'));
  for (const [id, identity] of everybody.identities) {
    clients.set(id, new Client(identity, addresses, everybody.authority));
  }
  started.push(() => clients.forEach((client) => client.close()));
  return {
    agencies,
    gateways,
    credentials,
    operating: { config: join(operatorFiles, 'operator.yaml'), databaseUrl: ownerUrl },
    countyAuthority,
    logId: logIdOf(ORIGIN),
    verifierKey: encodeVerifierKey(noteVerifier(ORIGIN, signing.publicKey)),
    client(member) {
      const client = clients.get(member);
      if (client === undefined) throw new RangeError('nobody of that name is enrolled');
      return client;
    },
    exportLedger: () => exportTo(join(folder, 'ledger.ndjson'), ownerUrl, signing.privateKey),
    exportDecisions: (path) => decisionsTo(path, ownerUrl, masterKey, keyEpochs),
    close,
  };
}

async function databaseServer(
  options: SandboxOptions,
  started: (() => unknown)[],
): Promise<PostgresServer & { readonly database: string }> {
  if (options.databaseUrl !== undefined) {
    const server = readAddress(options.databaseUrl);
    if (server === undefined) throw new SandboxError('DATABASE_URL is not an address of a PostgreSQL.');
    return server;
  }
  const postgres = await startEmbeddedPostgres({ dir: join(options.folder, 'postgres') });
  started.push(() => postgres.stop());
  const { host, port, user, password, database } = postgres;
  return { host, port, user, password, database };
}

/** The story begins the same way each time: on a ledger that holds nothing yet. */
async function freshDatabase(url: string): Promise<void> {
  const admin = new PgClient({ connectionString: url });
  try {
    await admin.connect();
    await admin.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${DATABASE}`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'it did not say why';
    throw new SandboxError(`The database server cannot be used: ${why}.`, { cause });
  } finally {
    await admin.end().catch(() => undefined);
  }
}

async function enrolAgencies(
  url: string,
  masterKey: Uint8Array,
  keyEpochs: string,
  enrolments: readonly Enrolment[],
): Promise<void> {
  const owner = await connect({ url, poolSize: 2, durability: 'required' });
  await rotateKeys({ owner, file: keyEpochs, masterKey, clock, now: () => instantOf(Date.now()) });
  const keyring = await keyringOn(owner, masterKey, keyEpochs);
  const vocabulary = parseVocabulary(await readFile(join(POLICIES, 'vocabulary.yaml'), 'utf8'), 'vocabulary.yaml');
  for (const enrolment of enrolments)
    await enrol(owner, keyring, randomBytes(16).toString('hex'), enrolment, vocabulary);
  keyring.close();
  await owner.destroy();
}

async function keyringOn(owner: DataSource, masterKey: Uint8Array, keyEpochs: string): Promise<MasterKeyring> {
  const epochs = { keys: await KeyEpochs.open(keyEpochs), stored: new StoredKeys(owner) };
  return new MasterKeyring(masterKey, () => performance.now(), epochs);
}

/** So that whoever plays with the sandbox can be its operator too: what `operate` reads. Returns the path of the key file. */
async function writeOperatorFiles(folder: string, masterKey: Uint8Array, key: KeyObject): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  const mode = 0o600;
  await writeFile(join(folder, 'master.key'), Buffer.from(masterKey).toString('base64'), { mode });
  await writeFile(join(folder, 'ledger.key'), key.export({ type: 'pkcs8', format: 'pem' }), { mode });
  const terms = [...RETENTION].map(([regime, days]) => `  - { regime: ${regime}, days: ${days} }`);
  await writeFile(
    join(folder, 'operator.yaml'),
    `ledger: { origin: ${ORIGIN}, key: ledger.key }
masterKey: master.key
keyEpochs: key-epochs
operator: ${OPERATOR}
epochDays: 7
retention:
${terms.join('\n')}
`,
    { mode },
  );
  return join(folder, 'key-epochs');
}

/** So that whoever plays with the sandbox can be any agency with curl. Good until the next start. */
async function writeCredentials(
  folder: string,
  authority: string,
  identities: ReadonlyMap<MemberId, Identity>,
): Promise<string> {
  const credentials = join(folder, 'credentials');
  await rm(credentials, { recursive: true, force: true });
  await mkdir(credentials, { mode: 0o700 });
  const mode = 0o600;
  await writeFile(join(credentials, 'authority.pem'), authority, { mode });
  for (const [id, identity] of identities) {
    await writeFile(join(credentials, `${id}.pem`), identity.certificate, { mode });
    await writeFile(join(credentials, `${id}.key`), identity.privateKey, { mode });
    const jwk = { kid: identity.kid, ...identity.callerKey.export({ format: 'jwk' }) };
    await writeFile(join(credentials, `${id}.caller-key.json`), JSON.stringify(jwk), { mode });
  }
  return credentials;
}

function logTo(path: string, started: (() => unknown)[]): (line: string) => void {
  const file = createWriteStream(path);
  started.push(() => new Promise((resolve) => file.end(resolve)));
  return (line) => void file.write(line);
}

async function exportTo(path: string, url: string, key: KeyObject): Promise<string> {
  const owner = await connect({ url, poolSize: 2, durability: 'required' });
  try {
    const log = await PostgresLog.open(poolOf(owner), logIdOf(ORIGIN), () => Promise.resolve());
    await pipeline(Readable.from(exportLog(log, { origin: ORIGIN, key })), createWriteStream(path));
    return path;
  } finally {
    await owner.destroy();
  }
}

async function decisionsTo(path: string, url: string, masterKey: Uint8Array, keyEpochs: string): Promise<Exported> {
  const owner = await connect({ url, poolSize: 2, durability: 'required' });
  const keyring = await keyringOn(owner, masterKey, keyEpochs);
  try {
    const log = await PostgresLog.open(poolOf(owner), logIdOf(ORIGIN), () => Promise.resolve());
    const { directory } = await loadMembers(owner);
    const { size } = await log.head();
    const lines = exportDecisions({
      logId: logIdOf(ORIGIN),
      entries: log.entries(size),
      bundles: new StoredBundles(owner),
      directory,
      keyring,
      wrappedKeys: new StoredKeys(owner),
    });
    let exported: Exported = { decisions: 0, untold: 0 };
    const counted = async function* (): AsyncGenerator<string> {
      exported = yield* lines;
    };
    // What is in it is the operator's alone to read.
    await pipeline(Readable.from(counted()), createWriteStream(path, { mode: 0o600 }));
    return exported;
  } finally {
    keyring.close();
    await owner.destroy();
  }
}
