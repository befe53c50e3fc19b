import path from 'node:path';
import { type Checkpoint, verifyTiles } from '#ledger';
import { readText, readTileFrom } from './files.js';
import { openNote, type Trusted, vouchersOf } from './open-note.js';
import type { Finding } from './verdict.js';

/** `auditor tiles FOLDER` */
export async function auditTiles(folder: string, trusted: Trusted, held: readonly Checkpoint[]): Promise<Finding> {
  const checkpoint = openNote(await readText(path.join(folder, 'checkpoint')), 'the checkpoint', trusted);
  const verdict = await verifyTiles(readTileFrom(folder), checkpoint, held);
  if (verdict.kind === 'damaged') return verdict;
  const { origin, size } = checkpoint;
  const root = Buffer.from(checkpoint.root).toString('base64');
  const vouchers = vouchersOf(checkpoint, trusted);
  return {
    kind: 'sound',
    what: `${verdict.tiles} tiles of the ${size} entries of ${origin}`,
    lines: [
      ['root', root],
      ['cosigned', vouchers.said],
    ],
    said: { origin, size, root, tiles: verdict.tiles, cosignatures: checkpoint.cosignatures.length },
    open: vouchers.open,
    remarks: [],
  };
}
