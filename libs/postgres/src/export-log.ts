import type { KeyObject } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { exportLedger, noteSigner, noteVerifier, readCheckpoint, signCheckpoint } from '#ledger';
import { PostgresLog } from './ledger/log.js';

/**
 * The whole ledger as lines of an export, from its first entry to its head as it is now, with a checkpoint signed for
 * that very size: what its operator hands to an authorised auditor.
 */
export async function* exportLog(
  log: PostgresLog<unknown>,
  signer: { readonly origin: string; readonly key: KeyObject },
): AsyncGenerator<string> {
  const { origin } = signer;
  const head = await log.head();
  const checkpoints = [...(await log.checkpoints(head.size))];
  const last = checkpoints.at(-1);
  if (last === undefined || readCheckpoint(last).size < head.size) {
    const note = signCheckpoint({ origin, size: head.size, root: head.root }, noteSigner(origin, signer.key));
    await log.keepCheckpoint(head.size, note);
    checkpoints.push(note);
  }
  yield* exportLedger({
    origin,
    key: noteVerifier(origin, createPublicKey(signer.key)),
    head,
    checkpoints,
    tiles: await log.tiles(head.size),
    entries: log.entries(head.size),
  });
}
