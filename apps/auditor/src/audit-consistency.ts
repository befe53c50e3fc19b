import {
  compareCheckpoints,
  consistencyFromTiles,
  type CosignedCheckpoint,
  LedgerError,
  parseHashes,
  rootFromTiles,
  verifyTiles,
} from '#ledger';
import { readText, readTileFrom } from './files.js';
import { Damaged, naming, openNote, type Trusted, vouchersOf } from './open-note.js';
import type { Finding } from './verdict.js';

export interface Between {
  /** Two files with a checkpoint each, in any order. */
  readonly notes: readonly [string, string];
  /** A file with the hashes of a proof, one a line in base64. */
  readonly proof: string | undefined;
  /** A folder of tiles that holds the larger of the two. */
  readonly tiles: string | undefined;
}

/** `auditor consistency OLD NEW [--proof FILE or --tiles FOLDER]` */
export async function auditConsistency({ notes, proof, tiles }: Between, trusted: Trusted): Promise<Finding> {
  const [one, other] = notes;
  const first = openNote(await readText(one), one, trusted);
  const second = openNote(await readText(other), other, trusted);
  const [older, newer] = first.size <= second.size ? [first, second] : [second, first];
  if (tiles !== undefined && older.size < newer.size) {
    const found = await compareByTiles(older, newer, tiles);
    return found ?? consistent(older, newer, trusted);
  }
  const text = proof === undefined ? '' : await readText(proof);
  const hashes = naming('proof-malformed', proof ?? 'the proof', () => parseHashes(text));
  const compared = compareCheckpoints(older, newer, hashes);
  switch (compared.kind) {
    case 'consistent':
      return consistent(older, newer, trusted);
    case 'forked':
      return forked(older, compared.index, compared.until);
    case 'not shown':
      if (proof === undefined) return unproven(older, newer);
      throw new Damaged('proof-altered', proof, `it does not lead from size ${older.size} to size ${newer.size}`);
  }
}

/** From tiles everything can be computed: whether the newer tree holds the older is then certain either way. */
async function compareByTiles(
  older: CosignedCheckpoint,
  newer: CosignedCheckpoint,
  folder: string,
): Promise<Finding | undefined> {
  const readTile = readTileFrom(folder);
  try {
    if (older.size > 0) {
      const proof = await consistencyFromTiles(older.size, newer.size, readTile);
      if (compareCheckpoints(older, newer, proof).kind === 'consistent') return undefined;
    }
    const before = await rootFromTiles(older.size, newer.size, readTile);
    const whole = await rootFromTiles(newer.size, newer.size, readTile);
    const isNewer = Buffer.compare(whole, newer.root) === 0;
    if (isNewer && Buffer.compare(before, older.root) === 0) return undefined;
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
  }
  // Either the tiles are at fault, or the log.
  const verdict = await verifyTiles(readTile, newer, [older]);
  return verdict.kind === 'damaged' ? verdict : undefined;
}

function consistent(older: CosignedCheckpoint, newer: CosignedCheckpoint, trusted: Trusted): Finding {
  const vouchers = vouchersOf(newer, trusted);
  return {
    kind: 'sound',
    what: `the log of ${newer.size} entries begins with that of ${older.size} entries`,
    lines: [['cosigned', vouchers.said]],
    said: { origin: newer.origin, from: older.size, to: newer.size, isConsistent: true },
    open: vouchers.open,
    remarks: [],
  };
}

function unproven(older: CosignedCheckpoint, newer: CosignedCheckpoint): Finding {
  return {
    kind: 'sound',
    what: `checkpoints of ${older.size} and of ${newer.size} entries, each signed by the log`,
    lines: [],
    said: { origin: newer.origin, from: older.size, to: newer.size, isConsistent: false },
    open: ['that the one is the beginning of the other is not shown: give --proof or --tiles'],
    remarks: [],
  };
}

function forked({ size }: CosignedCheckpoint, index: number, until: number): Finding {
  const message = `the log signed two different trees of ${size} entries: keep both files`;
  return { kind: 'damaged', damage: 'forked', index, until, message };
}
