import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { DataSource } from 'typeorm';
import { connect as connectSource, type ConnectedSource, ConnectorError, parseMapping } from '#connectors';
import { type Change, FOLLOWED_WITHIN, publishPolicy } from '#disclosure';
import { LedgerError, logIdOf, noteSigner, Sequencer, signReceipt } from '#ledger';
import { inWords, instantOf, type AgencyId, type Vocabulary } from '#terms';
import {
  agreeOnLease,
  connect,
  keepBundle,
  loadFoldedLog,
  poolOf,
  PostgresError,
  PostgresLog,
  StoredBundles,
  StoredKeys,
  writeProjections,
} from '#postgres';
import { createFace, createLog, type Credentials, type Log, renewCredentials, serveOpenApi } from '#web';
import { checkRulesSigned } from './check-rules-signed.js';
import { type Checkpoints, CheckpointsEachSecond } from './checkpoints.js';
import { clock, monotonic } from './clock.js';
import type { GatewayConfig, SourceConfig } from './config.js';
import { codeOf, GatewayError } from './error.js';
import type { Gateway } from './gateway.js';
import { GatewayModule } from './gateway.module.js';
import { KeyEpochs } from './key-epochs.js';
import { LivePolicy } from './live-policy.js';
import { MasterKeyring } from './master-keyring.js';
import { Members } from './members.js';
import { random } from './random.js';
import { type Policies, readPolicies } from './read-policies.js';
import { ScheduledCheckpoints } from './scheduled-checkpoints.js';

/** How many entries may wait for the ledger, and how many go into one append. */
const QUEUE = 4_096;
const BATCH = 512;

export interface RunningGateway {
  /** Such as `https://127.0.0.1:8443`. */
  readonly address: string;
  readonly port: number;
  /** What it serves at `/openapi.json`. */
  readonly document: OpenAPIObject;
  /** Takes in at once what was enrolled or revoked; by itself it looks every two seconds. */
  readMembers(): Promise<void>;
  /** Swaps certificates and revocation lists without closing a connection. Lists end: do this long before they do. */
  renew(credentials: Credentials): void;
  /** Lets the requests under way be answered, and ends everything that the start began. */
  close(): Promise<void>;
}

/**
 * Starts a gateway in this process. Policies that the ledger does not know yet are published before anybody is let in.
 * Throws `GatewayError`, with one sentence, where something stands in the way; then nothing is left running.
 *
 * @example
 * const gateway = await startGateway(config);
 * console.log(`Agencies reach it at ${gateway.address}.`);
 * await gateway.close();
 */
export async function startGateway(config: GatewayConfig): Promise<RunningGateway> {
  const started: (() => unknown)[] = [];
  /** In the opposite order of their beginning, so that nothing ends under what still stands on it. */
  const end = async (): Promise<void> => {
    for (const stop of started.splice(0).toReversed()) await stop();
  };
  try {
    return await start(config, started, end);
  } catch (cause) {
    await end();
    throw cause;
  }
}

async function start(
  config: GatewayConfig,
  started: (() => unknown)[],
  end: () => Promise<void>,
): Promise<RunningGateway> {
  checkLimits(config);
  const policies = await readPolicies(config.policies);
  const unchecked = checkRulesSigned(policies.bundle, config.uncheckedRules);
  const sources = await connectSources(config.sources, policies.bundle.vocabulary, started);
  const database = await open(config);
  started.push(() => database.destroy());
  const log = createLog(config.log, () => Date.now());
  const { gateway, members } = await join(config, policies, sources, database, log, started).catch((cause: unknown) => {
    throw inOneSentence(cause, config);
  });
  await publish(gateway, policies, database, config);

  const app = await createFace(GatewayModule.on(gateway), {
    credentials: config.credentials,
    enrolment: members,
    now: gateway.now,
    log,
  });
  started.push(() => closeFace(app));
  const document = serveOpenApi(app, {
    title: 'Postern',
    version: '1',
    description:
      'The door through which agencies ask each other for what is needed about a survivor, and nothing else.',
  });
  const port = await listen(app, config);
  log({
    event: 'listening',
    port,
    policies: policies.bundle.digest,
    uncheckedRules: unchecked,
    ...(unchecked > 0 && config.uncheckedRules),
  });
  return {
    address: `https://${config.listen.host}:${port}`,
    port,
    document,
    readMembers: () => members.reread(),
    renew: (credentials) => renewCredentials(app.getHttpServer(), credentials),
    close: async () => {
      log({ event: 'closing' });
      await end();
    },
  };
}

/** The only place where ports and adapters meet. */
async function join(
  config: GatewayConfig,
  policies: Policies,
  sources: ReadonlyMap<AgencyId, ConnectedSource>,
  database: DataSource,
  log: Log,
  started: (() => unknown)[],
): Promise<{ readonly gateway: Gateway; readonly members: Members }> {
  const logId = logIdOf(config.ledger.origin);
  const pool = poolOf(database);
  const wrappedKeys = new StoredKeys(database);
  const epochs = config.keyEpochs === undefined ? undefined : await KeyEpochs.open(config.keyEpochs);
  const keyring = new MasterKeyring(config.masterKey, monotonic, epochs && { keys: epochs, stored: wrappedKeys });
  started.push(() => keyring.close());
  const known = await loadFoldedLog(database, keyring);
  const members = await Members.open(database, known);
  started.push(() => members.close());
  const store = await PostgresLog.open<Change>(pool, logId, writeProjections(database, known, keyring));
  // Only once the log is known to be this one's: a gateway that is led to the wrong database decides nothing for others.
  await agreeOnLease(pool, config.limits.lease);
  const bundles = new StoredBundles(database);
  const live = new LivePolicy(policies.bundle, bundles);
  const sequencer = new Sequencer<Change>({
    store,
    position: known.size,
    fold: (tail) => live.fold({ logId, known, directory: members.directory, keyring, wrappedKeys }, tail),
    sign: (receipt) => signReceipt(logId, receipt, config.ledger.key),
    monotonic,
    queue: QUEUE,
    batch: BATCH,
  });
  started.push(follow(sequencer));
  const signer = noteSigner(config.ledger.origin, config.ledger.key);
  const checkpoints: Checkpoints =
    config.publication === undefined
      ? new CheckpointsEachSecond(store, signer)
      : await ScheduledCheckpoints.open(config.publication, {
          log: store,
          sequencer,
          pool,
          signer,
          policy: () => Buffer.from(live.bundle.digest, 'hex'),
          fold: (seq) => known.foldEntry(seq, []),
          random,
          clock: { now: () => Date.now(), after: (milliseconds, ring) => clock.after(milliseconds, ring) },
          at: () => Date.now(),
          tell: log,
        });
  started.push(() => checkpoints.close());
  const gateway: Gateway = {
    logId,
    known,
    sequencer,
    get directory() {
      return members.directory;
    },
    get policy() {
      return live.bundle;
    },
    sources,
    operator: config.operator,
    keyring,
    clock,
    random,
    limits: config.limits,
    entries: store,
    bundles,
    wrappedKeys,
    checkpoints,
    pool,
    now: () => instantOf(Date.now()),
  };
  return { gateway, members };
}

/** Looks at the log also where nobody asks: whose key was destroyed elsewhere is forgotten here within that time. */
function follow(sequencer: Sequencer<Change>): () => void {
  // Where the log cannot be reached nothing can be released either, and each question tries anew.
  const looking = setInterval(() => void sequencer.catchUp().catch(() => undefined), FOLLOWED_WITHIN / 2);
  return () => clearInterval(looking);
}

async function publish(
  gateway: Gateway,
  policies: Policies,
  database: DataSource,
  config: GatewayConfig,
): Promise<void> {
  const operator = gateway.directory.get(config.operator);
  if (operator === undefined)
    throw new GatewayError('OPERATOR_UNKNOWN', `The operator ${config.operator} is not enrolled in this database.`);
  await gateway.keyring.open(operator.keyId, operator.wrappedKey);
  // Kept before it holds: a decision under policies that nobody can read again could never be explained.
  await keepBundle(database, policies.bundle, policies.files, policies.vocabulary);
  await publishPolicy(gateway, operator, gateway.now());
}

async function connectSources(
  configs: readonly SourceConfig[],
  vocabulary: Vocabulary,
  started: (() => unknown)[],
): Promise<ReadonlyMap<AgencyId, ConnectedSource>> {
  const sources = new Map<AgencyId, ConnectedSource>();
  for (const { agency, mapping, access } of configs) {
    try {
      const source = connectSource(parseMapping(await readFile(mapping, 'utf8'), mapping, vocabulary), access);
      started.push(() => source.close());
      sources.set(agency, source);
    } catch (cause) {
      throw new GatewayError('MAPPING_INVALID', `The mapping of ${agency} cannot be used: ${firstProblem(cause)}.`, {
        cause,
      });
    }
  }
  return sources;
}

function firstProblem(cause: unknown): string {
  if (!(cause instanceof ConnectorError)) return `its file cannot be read (${codeOf(cause) ?? 'unknown'})`;
  const [first] = cause.problems;
  return (first === undefined ? cause.message : inWords(first)).replace(/\.$/, '');
}

function open(config: GatewayConfig): Promise<DataSource> {
  return connect(config.database).catch((cause: unknown) => {
    throw inOneSentence(cause, config);
  });
}

async function listen(app: NestFastifyApplication, { listen: { host, port } }: GatewayConfig): Promise<number> {
  try {
    await app.listen(port, host);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'EADDRINUSE')
      throw new GatewayError('PORT_TAKEN', `Port ${port} on ${host} is taken by another program.`, { cause });
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
      throw new GatewayError('PORT_FORBIDDEN', `This machine does not let us listen on ${host}, port ${port}.`, {
        cause,
      });
    throw cause;
  }
  return (app.getHttpServer().address() as AddressInfo).port;
}

/** Answers what is under way; a connection that falls idle only afterwards would wait for a question that never comes. */
async function closeFace(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer() as Server;
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
  }
}

function checkLimits({ limits }: GatewayConfig): void {
  const { lease, source, uniform, question } = limits;
  if (!(lease > 0 && source > 0 && uniform > source && question > uniform))
    throw new GatewayError(
      'CONFIG_INVALID',
      'The limits must grow: 0 < source < uniform < question, or a uniform answer tells that a source was asked.',
    );
}

/** What PostgreSQL says where a schema, a table, a column or a function is missing. */
const NOT_PREPARED = new Set(['3F000', '42P01', '42703', '42883']);

function inOneSentence(cause: unknown, { database, ledger }: GatewayConfig): unknown {
  const where = placeOf(database.url);
  if (cause instanceof PostgresError) return new GatewayError(cause.code, `${where}: ${cause.message}.`, { cause });
  if (cause instanceof LedgerError && (cause.code === 'LEDGER_ROLLED_BACK' || cause.code === 'LEDGER_FORKED'))
    return new GatewayError('LOG_LOST', `The database at ${where} is not what was published of it: ${cause.message}.`, {
      cause,
    });
  const code = codeOf(cause);
  if (code !== undefined && NOT_PREPARED.has(code))
    return new GatewayError('DATABASE_NOT_PREPARED', `The database at ${where} has not been prepared for Postern.`, {
      cause,
    });
  if (code === '55000')
    return new GatewayError(
      'DATABASE_OF_ANOTHER_LOG',
      `The database at ${where} holds another log than ${ledger.origin}.`,
      {
        cause,
      },
    );
  return cause;
}

function placeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the address given';
}
