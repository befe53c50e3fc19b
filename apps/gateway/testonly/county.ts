import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client as PgClient } from 'pg';
import {
  type Authority,
  createCallerKey,
  createIssuing,
  createRoot,
  issueAgencyCertificate,
  issueRevocationList,
  issueServerCertificate,
  newKeyPair,
  privateKeyPem,
  type Serial,
  serialOf,
} from '#certificates';
import { connect, enrol, type Enrolment, migrate, revokeCertificate } from '#postgres';
import { type AgencyId, instantOf, type OfficerId, parseVocabulary } from '#terms';
import { type Credentials, signCaller } from '#web';
import { testDatabase } from '../../../test/postgres.js';
import { contractOf } from './contract.js';
import { type GatewayConfig, LIMITS, type SourceConfig } from '../src/config.js';
import { MasterKeyring } from '../src/master-keyring.js';
import { type RunningGateway, startGateway } from '../src/start-gateway.js';

/** A county for tests: real gateway, real TLS, real PostgreSQL; the agencies' own systems are tables. */
const DAY = 86_400_000;
const POLICIES = path.resolve(import.meta.dirname, '..', '..', '..', 'policies');
export const shelter = 'harbour-house' as AgencyId;
export const hospital = 'st-brigid' as AgencyId;
export const police = 'county-police' as AgencyId;
export const court = 'county-court' as AgencyId;
export const employer = 'northgate-logistics' as AgencyId;
export const operator = 'postern-operator' as AgencyId;

const MEMBERS: readonly Omit<Enrolment, 'callerKeys' | 'title'>[] = [
  member(shelter, 'victim_service', ['us-victim-services']),
  member(hospital, 'health', ['us-health']),
  member(police, 'police', ['us-protection-orders'], ['domestic-violence-unit', 'detectives']),
  member(court, 'court', ['us-protection-orders']),
  member(employer, 'employer', []),
  member(operator, 'court', []),
];

function member(id: AgencyId, sector: string, regimes: readonly string[], units: readonly string[] = []) {
  return { id, sector, entityClasses: [], regimes, units } as unknown as Omit<Enrolment, 'callerKeys' | 'title'>;
}

/** What the agencies' systems hold, as plain tables; `slow` is a record that takes longer than a source has. */
const SYSTEMS = `
  CREATE SCHEMA systems;
  CREATE TABLE systems.person (
    agency text, id text, name text, born date, phone text, street text, town text, found text, served date, PRIMARY KEY (agency, id));
  INSERT INTO systems.person VALUES
    ('harbour-house', 'HH-0142', 'Mara Ellison', '1991-04-30', '+1 555 010 0142', '12 Elm Street', 'Lowell', NULL, NULL),
    ('st-brigid', '900417', 'Mara Ellison', '1991-04-30', NULL, NULL, NULL, 'Bruising of the neck', NULL),
    ('county-police', 'P-55821', 'Mara Ellison', NULL, NULL, NULL, NULL, NULL, '2026-11-20');
  CREATE FUNCTION systems.slow(wanted text) RETURNS SETOF systems.person LANGUAGE sql AS
    $$ SELECT p.* FROM systems.person p, pg_sleep(CASE WHEN wanted LIKE 'slow%' THEN 3 ELSE 0 END) WHERE p.id = wanted $$;
  DO $$ BEGIN CREATE ROLE gateway_test_reader LOGIN PASSWORD 'reads only'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
  GRANT USAGE ON SCHEMA systems TO gateway_test_reader;
  GRANT SELECT ON systems.person TO gateway_test_reader;
`;

const mappingOf = (agency: string): string => `
source: ${agency}
protocol: sql
reads:
  person: {select: "SELECT * FROM systems.slow($1) WHERE agency = '${agency}'", key: id}
fields:
  person.legal_name: {from: person, column: name}
  person.birth_date: {from: person, column: born}
  contact.safe_phone: {from: person, column: phone}
  contact.actual_address: {from: person, place: {lines: street, city: town}}
  medical.injury_findings: {from: person, column: found}
  protection_order.served: {from: person, column: served}
`;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The text read as JSON; empty where it is not. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Who {
  readonly officer?: string;
  readonly role?: string;
  readonly unit?: string;
}

export interface Sent extends Who {
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes as they are, instead of a body made into JSON. */
  readonly raw?: string | Uint8Array;
}

/** One agency's system, over its own connection. */
export interface Client {
  get(target: string, sent?: Sent): Promise<Reply>;
  post(target: string, body: unknown, sent?: Sent): Promise<Reply>;
  delete(target: string, sent?: Sent): Promise<Reply>;
}

export interface County {
  readonly gateway: RunningGateway;
  readonly config: GatewayConfig;
  readonly owner: PgClient;
  readonly root: Authority;
  readonly issuing: Authority;
  readonly lines: readonly string[];
  readonly ledgerKey: KeyObject;
  /** A client of this agency; `with` shows another certificate than the one it was issued. */
  as(agency: AgencyId, shown?: Partial<Shown>): Client;
  shownBy(agency: AgencyId, from?: Authority, at?: number, days?: number): Promise<Shown>;
  revoke(agency: AgencyId, serial: Serial): Promise<void>;
  /** The gateway's credentials with a newer list, which has this certificate. */
  credentialsRevoking(serial: Serial): Promise<Credentials>;
  /** The same county in a second gateway process, as far as one process can be two. */
  another(change?: Partial<GatewayConfig>): Promise<RunningGateway>;
  close(): Promise<void>;
}

export interface Shown {
  readonly cert: string;
  readonly key: string;
  readonly serial: Serial;
  /** Where the client connects to, if not to the county's first gateway. */
  readonly port: number;
}

export const serial = (): Serial => serialOf(randomBytes(16));

export async function startCounty(change: Partial<GatewayConfig> = {}): Promise<County> {
  const database = await createDatabase();
  const now = instantOf(Date.now());
  const root = await createRoot({ name: 'Test Root', at: now, days: 730, serial: serial() });
  const issuing = await createIssuing(root, { name: 'Test Issuing', at: now, days: 365, serial: serial() });
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-gateway-'));
  const masterKey = randomBytes(32);
  const callers = new Map(MEMBERS.map(({ id }) => [id, createCallerKey()] as const));
  await enrolAll(database.ownerUrl, masterKey, callers);
  const ledgerKey = generateKeyPairSync('ed25519').privateKey;
  const lines: string[] = [];
  const config: GatewayConfig = {
    listen: { host: '127.0.0.1', port: 0 },
    database: { url: database.gatewayUrl, poolSize: 8, durability: 'not in this test' },
    credentials: await serverCredentials(root, issuing),
    ledger: { origin: 'test.example/postern', key: ledgerKey },
    masterKey,
    policies: POLICIES,
    uncheckedRules: { signedBy: 'tests' as OfficerId, on: '2026-01-01' },
    operator,
    sources: [shelter, hospital, police].map((agency) => sourceOf(agency, folder, database.name)),
    limits: { ...LIMITS, source: 1_000, uniform: 1_100 },
    log: (line) => void lines.push(line),
    ...change,
  };
  const gateway = await startGateway(config);
  const hold = contractOf(gateway.document);
  const others: RunningGateway[] = [];
  const agents: https.Agent[] = [];
  const shown = new Map<AgencyId, Shown>();
  const shownBy: County['shownBy'] = async (agency, from = issuing, at = Date.now(), days = 90) => {
    const pair = await newKeyPair();
    const terms = { agency, publicKey: pair.publicKey, at: instantOf(at), days, serial: serial() };
    const cert = await issueAgencyCertificate(from, terms);
    return { cert, key: await privateKeyPem(pair), serial: terms.serial, port: gateway.port };
  };
  for (const { id } of MEMBERS) shown.set(id, await shownBy(id));

  const as: County['as'] = (agency, instead = {}) => {
    const { cert, key, port } = { ...shown.get(agency)!, ...instead };
    const agent = new https.Agent({ keepAlive: true, maxSockets: 4, ca: root.certificate, cert, key });
    agents.push(agent);
    const made = callers.get(agency)!;
    const signing = createPrivateKey({ key: { ...made.privateKey }, format: 'jwk' });
    const send = async (method: string, target: string, body: unknown, sent: Sent = {}): Promise<Reply> => {
      const bytes = bytesOf(body, sent);
      const { officer = 'o-1', role = ROLES.get(agency) ?? 'clerk', unit } = sent;
      const caller = { kid: made.kid, key: signing, officer, role, ...(unit !== undefined && { unit }) };
      const headers = {
        ...(bytes !== undefined && { 'content-type': 'application/json', 'content-length': String(bytes.length) }),
        'postern-caller': signCaller(
          caller,
          { method, path: target, ...(bytes !== undefined && { body: bytes }) },
          instantOf(Date.now()),
        ),
        ...sent.headers,
      };
      const reply = await exchange({ host: '127.0.0.1', port, method, path: target, headers, agent }, bytes);
      const type = String(reply.headers['content-type']).split(';', 1)[0] ?? '';
      const answer = type === 'text/plain' ? reply.text : reply.body;
      // Whatever a test is about, every exchange in it is held against the description that the gateway serves.
      if (target.startsWith('/v1/'))
        hold({
          method,
          target,
          sent: bytes === undefined ? undefined : readJson(bytes.toString()),
          status: reply.status,
          type,
          answer,
        });
      return reply;
    };
    return {
      get: (target, sent) => send('GET', target, undefined, sent),
      post: (target, body, sent) => send('POST', target, body, sent),
      delete: (target, sent) => send('DELETE', target, undefined, sent),
    };
  };

  return {
    gateway,
    config,
    owner: database.owner,
    root,
    issuing,
    lines,
    ledgerKey,
    as,
    shownBy,
    async revoke(agency, revoked) {
      const owner = await connect({ url: database.ownerUrl, poolSize: 1, durability: 'not in this test' });
      await revokeCertificate(owner, agency, revoked, Date.now());
      await owner.destroy();
    },
    async credentialsRevoking(revoked) {
      return { ...config.credentials, revocationLists: await listsRevoking([root, issuing], [revoked]) };
    },
    async another(different = {}) {
      const second = await startGateway({ ...config, ...different });
      others.push(second);
      return second;
    },
    async close() {
      for (const agent of agents) agent.destroy();
      for (const each of [...others, gateway]) await each.close();
      await database.owner.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const ROLES = new Map<AgencyId, string>([
  [shelter, 'advocate'],
  [hospital, 'records_officer'],
  [police, 'police_officer'],
]);

function bytesOf(body: unknown, { raw }: Sent): Buffer | undefined {
  if (raw !== undefined) return Buffer.from(raw);
  return body === undefined ? undefined : Buffer.from(JSON.stringify(body));
}

function exchange(options: https.RequestOptions, body: Uint8Array | undefined): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = https.request(options);
    request.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: readJson(text) });
      });
    });
    request.end(body);
  });
}

function readJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

async function createDatabase() {
  const server = testDatabase();
  const name = `gateway_${randomBytes(6).toString('hex')}`;
  const admin = new PgClient(server);
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const { host, port, user, password } = server;
  const urlFor = (role: string, secret: string): string => `postgres://${role}:${secret}@${host}:${port}/${name}`;
  const ownerUrl = urlFor(user, password);
  const role = { name, password: 'only in tests' };
  await migrate(ownerUrl, role);
  const owner = new PgClient({ ...server, database: name });
  await owner.connect();
  await owner.query(SYSTEMS);
  return { name, owner, ownerUrl, gatewayUrl: urlFor(role.name, encodeURIComponent(role.password)) };
}

async function enrolAll(
  ownerUrl: string,
  masterKey: Uint8Array,
  callers: ReadonlyMap<AgencyId, ReturnType<typeof createCallerKey>>,
): Promise<void> {
  const owner = await connect({ url: ownerUrl, poolSize: 1, durability: 'not in this test' });
  const keyring = new MasterKeyring(masterKey, () => performance.now());
  const vocabulary = parseVocabulary(readFileSync(path.join(POLICIES, 'vocabulary.yaml'), 'utf8'), 'vocabulary.yaml');
  for (const one of MEMBERS) {
    const { kid, publicKey } = callers.get(one.id)!;
    const enrolment = { ...one, title: one.id, callerKeys: [{ kid, publicKey }] };
    await enrol(owner, keyring, randomBytes(16).toString('hex'), enrolment, vocabulary);
  }
  keyring.close();
  await owner.destroy();
}

async function listsRevoking(
  authorities: readonly Authority[],
  revoked: readonly Serial[],
): Promise<readonly string[]> {
  const at = instantOf(Date.now());
  const entries = revoked.map((one) => ({ serial: one, at, reason: 'key compromised' as const }));
  const terms = { revoked: entries, at, until: instantOf(at + 7 * DAY), number: revoked.length };
  return Promise.all(authorities.map((authority) => issueRevocationList(authority, terms)));
}

async function serverCredentials(root: Authority, issuing: Authority): Promise<Credentials> {
  const pair = await newKeyPair();
  const at = instantOf(Date.now());
  const terms = { hosts: ['127.0.0.1'] as [string], publicKey: pair.publicKey, at, days: 90, serial: serial() };
  return {
    key: await privateKeyPem(pair),
    certificate: (await issueServerCertificate(issuing, terms)) + issuing.certificate,
    authorities: [root.certificate, issuing.certificate],
    revocationLists: await listsRevoking([root, issuing], []),
  };
}

function sourceOf(agency: AgencyId, folder: string, database: string): SourceConfig {
  const mapping = path.join(folder, `${agency}.yaml`);
  writeFileSync(mapping, mappingOf(agency));
  const { host, port } = testDatabase();
  const access = {
    protocol: 'sql',
    host,
    port,
    database,
    user: 'gateway_test_reader',
    password: 'reads only',
  } as const;
  return { agency, mapping, access };
}
