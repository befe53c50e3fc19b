import { createReadStream } from 'node:fs';
import path from 'node:path';
import {
  findLeaf,
  logIdOf,
  parseReceiptFile,
  type Receipt,
  type ReceiptFile,
  verifyExport,
  verifyReceipt,
  verifyReceiptFile,
  verifyTiles,
} from '#ledger';
import { isFolder, readText, readTileFrom } from './files.js';
import { naming, openNote, type Trusted, vouchersOf } from './open-note.js';
import type { Finding } from './verdict.js';

const PLACE = 'the receipt file';

/** `auditor receipt FILE [--in EXPORT or FOLDER]` */
export async function auditReceipt(name: string, within: string | undefined, trusted: Trusted): Promise<Finding> {
  const { key } = trusted;
  const text = await readText(name);
  const file = naming('receipt-malformed', PLACE, () => parseReceiptFile(text));
  const receipt = naming('receipt-not-signed', PLACE, () =>
    verifyReceipt(logIdOf(key.name), file.receipt, key.publicKey),
  );
  const proven = file.kind === 'proof' ? includedBy(file, trusted) : undefined;
  if (within === undefined) return proven ?? signedOnly(receipt, trusted);
  const found = (await isFolder(within))
    ? await findInTiles(within, receipt, trusted)
    : await findInExport(within, receipt, trusted);
  return found.kind === 'damaged' ? found : (proven ?? found);
}

/** A receipt file that brings its proof along. */
function includedBy(file: Extract<ReceiptFile, { kind: 'proof' }>, trusted: Trusted): Finding {
  const checkpoint = openNote(file.note, PLACE, trusted);
  const { key, witnesses } = trusted;
  const shown = naming('proof-altered', PLACE, () => verifyReceiptFile(file, logIdOf(key.name), key, witnesses));
  const vouchers = vouchersOf(checkpoint, trusted);
  return included(shown.receipt, file.index, checkpoint.size, trusted, vouchers);
}

function included(
  { entryId }: Receipt,
  index: number,
  size: number,
  { key }: Trusted,
  { said, open }: ReturnType<typeof vouchersOf>,
): Finding {
  const entry = Buffer.from(entryId).toString('hex');
  return {
    kind: 'sound',
    what: `entry ${entry} is in the log of ${key.name}`,
    lines: [
      ['index', `${index} of ${size}`],
      ['cosigned', said],
    ],
    said: { origin: key.name, entry, index, size, isIncluded: true },
    open,
    remarks: [],
  };
}

function signedOnly({ entryId }: Receipt, { key }: Trusted): Finding {
  const entry = Buffer.from(entryId).toString('hex');
  return {
    kind: 'sound',
    what: `${key.name} has signed that it wrote entry ${entry}`,
    lines: [],
    said: { origin: key.name, entry, isIncluded: false },
    open: ['that it is in the log is not shown: give --in and an export or a folder of tiles'],
    remarks: [],
  };
}

async function findInTiles(folder: string, receipt: Receipt, trusted: Trusted): Promise<Finding> {
  const checkpoint = openNote(await readText(path.join(folder, 'checkpoint')), 'the checkpoint', trusted);
  const readTile = readTileFrom(folder);
  // A leaf in a tile shows something only where the tile is one of the signed tree.
  const verdict = await verifyTiles(readTile, checkpoint);
  if (verdict.kind === 'damaged') return verdict;
  const index = await findLeaf(receipt.leaf, checkpoint.size, readTile);
  if (index === undefined) return absent(receipt, checkpoint.size, trusted);
  return included(receipt, index, checkpoint.size, trusted, vouchersOf(checkpoint, trusted));
}

async function findInExport(file: string, receipt: Receipt, trusted: Trusted): Promise<Finding> {
  const { key, witnesses, quorum } = trusted;
  const verdict = await verifyExport(createReadStream(file), key, { witnesses, quorum, leaf: receipt.leaf });
  if (verdict.kind === 'damaged') return { ...verdict, place: 'the head line' };
  const { found, size, signedSize, witnessedSize } = verdict;
  if (found === undefined) return absent(receipt, size, trusted);
  const open = [
    ...(found < signedSize ? [] : ['no signed checkpoint vouches for it yet']),
    ...(witnesses.length === 0 || found < witnessedSize ? [] : ['too few witnesses vouch for it yet']),
  ];
  return included(receipt, found, size, trusted, { said: `${witnessedSize} of ${size} entries`, open });
}

/** The log signed that it wrote this, and it is not there. A receipt may be younger than what it is looked for in. */
function absent({ entryId }: Receipt, size: number, { key }: Trusted): Finding {
  const entry = Buffer.from(entryId).toString('hex');
  const message = `${key.name} signed that it wrote entry ${entry}; among the first ${size} entries it is not`;
  return {
    kind: 'damaged',
    damage: 'receipt-not-in-log',
    index: undefined,
    until: undefined,
    place: 'the log',
    message,
  };
}
