import type { Clock, ErasureGate } from '#disclosure';
import { type Change, type Agency, type ContentErased, foldTail } from '#disclosure';
import { logIdOf, Sequencer, signReceipt } from '#ledger';
import {
  connect,
  eraseProjections,
  loadFoldedLog,
  loadMembers,
  poolOf,
  PostgresLog,
  remainsIn,
  StoredBundles,
  StoredKeys,
} from '#postgres';
import { instantOf } from '#terms';
import type { DataSource } from 'typeorm';
import { LIMITS } from '../config.js';
import { GatewayError } from '../error.js';
import { KeyEpochs } from '../key-epochs.js';
import { MasterKeyring } from '../master-keyring.js';
import { random } from '../random.js';
import type { OperatorConfig } from './read-operator-config.js';

/** The ledger as the operator's commands write it: one more replica, which asks no source and lets nobody in. */
export interface OpenLog {
  readonly gate: ErasureGate;
  readonly operator: Agency;
  readonly owner: DataSource;
  close(): Promise<void>;
}

/** Opens the log for one command. Gateways go on meanwhile, and meet it as they meet each other. */
export async function openLog(config: OperatorConfig, clock: Clock): Promise<OpenLog> {
  const owner = await connect({ url: config.databaseUrl, poolSize: 2, durability: 'required' });
  const wrappedKeys = new StoredKeys(owner);
  const epochs = { keys: await KeyEpochs.open(config.keyEpochs), stored: wrappedKeys };
  const keyring = new MasterKeyring(config.masterKey, () => clock.monotonic(), epochs);
  const close = async (): Promise<void> => {
    keyring.close();
    await owner.destroy();
  };
  try {
    return { ...(await gateOn(owner, keyring, wrappedKeys, config, clock)), owner, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function gateOn(
  owner: DataSource,
  keyring: MasterKeyring,
  wrappedKeys: StoredKeys,
  config: OperatorConfig,
  clock: Clock,
): Promise<Pick<OpenLog, 'gate' | 'operator'>> {
  const logId = logIdOf(config.ledger.origin);
  const pool = poolOf(owner);
  const { directory } = await loadMembers(owner);
  const operator = directory.get(config.operator);
  const known = await loadFoldedLog(owner, keyring);
  const policy = await new StoredBundles(owner).find(known.policyDigest ?? '');
  if (operator === undefined || policy === undefined)
    throw new GatewayError('DATABASE_NOT_PREPARED', 'No gateway has run on this database yet.');
  const store = await PostgresLog.open<Change | ContentErased>(pool, logId, eraseProjections(owner, known, keyring));
  const { vocabulary } = policy;
  const sequencer = new Sequencer<Change | ContentErased>({
    store,
    position: known.size,
    fold: (tail) => foldTail({ logId, known, directory, keyring, wrappedKeys, vocabulary }, tail),
    sign: (receipt) => signReceipt(logId, receipt, config.ledger.key),
    monotonic: () => clock.monotonic(),
    queue: 16,
    batch: 16,
  });
  const { rows } = await pool.query<{ milliseconds: number }>('SELECT milliseconds FROM postern.lease');
  const gate: ErasureGate = {
    logId,
    known,
    sequencer,
    directory,
    policy,
    sources: new Map(),
    operator: config.operator,
    keyring,
    clock,
    random,
    limits: { ...LIMITS, lease: rows[0]?.milliseconds ?? LIMITS.lease },
    remains: remainsIn(pool),
    now: () => instantOf(Date.now()),
  };
  return { gate, operator };
}
