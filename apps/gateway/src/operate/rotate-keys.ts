import type { DataSource } from 'typeorm';
import type { Clock, WrappedKeys } from '#disclosure';
import { beginEpoch, finishEpoch, newestEpoch, rewrapSome } from '#postgres';
import type { Instant } from '#terms';
import { addEpoch, destroyEpochsBefore, KeyEpochs } from '../key-epochs.js';
import { MasterKeyring } from '../master-keyring.js';

/** By then every gateway that can reach the file has read it anew. */
const READ_WITHIN = 15_000;
const TOGETHER = 500;

export interface Rotation {
  readonly owner: DataSource;
  readonly file: string;
  readonly masterKey: Uint8Array;
  readonly clock: Clock;
  readonly now: () => Instant;
}

export interface Rotated {
  readonly epoch: number;
  /** How many keys were wrapped anew. */
  readonly keys: number;
}

/**
 * Wraps every living key under a new key-encryption key and destroys the old one: what was erased before is then gone from
 * backups too, since they hold it under a key that nobody has. A rotation that was cut off goes on where it stopped; a step
 * done twice changes nothing.
 */
export async function rotateKeys({ owner, file, masterKey, clock, now }: Rotation): Promise<Rotated> {
  const last = await newestEpoch(owner);
  const isUnderWay = last !== undefined && last.finishedAt === undefined;
  const epoch = isUnderWay ? last.epoch : (last?.epoch ?? 0) + 1;

  await addEpoch(file, epoch);
  // A crash from here on leaves a key that gateways use already; the next rotation takes it up.
  if (last !== undefined) await clock.until(clock.monotonic() + READ_WITHIN);
  await beginEpoch(owner, epoch, now());
  // A crash from here on leaves two keys, both needed. A gateway that has not read the newer one opens no handles meanwhile.
  const keys = await rewrapAll({ owner, file, masterKey, clock, now }, epoch);
  // A crash from here on leaves the old key where it is, needed by nothing that lives.
  await destroyEpochsBefore(file, epoch);
  // Gateways drop it from memory; only then may anybody be told that it is gone.
  if (last !== undefined) await clock.until(clock.monotonic() + READ_WITHIN);
  await finishEpoch(owner, epoch, now());
  return { epoch, keys };
}

/** INVARIANT: no old key is destroyed while a row needs it. Each batch is one transaction; what is wrapped anew stays so. */
async function rewrapAll({ owner, file, masterKey, clock }: Rotation, epoch: number): Promise<number> {
  const keyring = new MasterKeyring(masterKey, () => clock.monotonic(), {
    keys: await KeyEpochs.open(file),
    stored: NOTHING_ELSEWHERE,
  });
  try {
    let keys = 0;
    for (;;) {
      const done = await rewrapSome(owner, epoch, TOGETHER, (wrapped) => keyring.rewrap(wrapped));
      if (done === 0) return keys;
      keys += done;
    }
  } finally {
    keyring.close();
  }
}

const NOTHING_ELSEWHERE: WrappedKeys = { find: () => Promise.resolve(new Map()) };
