import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  type Checkpoint,
  LedgerError,
  type NoteVerifier,
  openCheckpoint,
  type ReadTile,
  TILE_WIDTH,
  TileEdge,
  type TileHashes,
  tilePath,
} from '#ledger';
import { codeOf } from './error.js';

/** The checkpoint that a folder's tiles are of. */
const CHECKPOINT = 'checkpoint';
/** Files on their way: never served, and swept once they are certainly nobody's. */
const INCOMING = '.incoming';
const ABANDONED_MS = 3_600_000;

/** Reads a published tile from a folder. */
export function readTileFrom(folder: string): ReadTile {
  return (tile) => readIfThere(path.join(folder, tilePath(tile)));
}

/** What a folder has published, or nothing. `LEDGER_MALFORMED` where its checkpoint is not one of this log's. */
export async function publishedIn(folder: string, key: NoteVerifier): Promise<Checkpoint | undefined> {
  const note = await readIfThere(path.join(folder, CHECKPOINT));
  return note === undefined ? undefined : openCheckpoint(note.toString(), [key]);
}

/**
 * Brings a folder of hash tiles (C2SP tlog-tiles) up to a signed checkpoint: from here they are served, and not from the
 * database, so that nobody's reading slows down the writing. Bodies are never in it. Of the leaves that come, every hash
 * above them is computed here, and nothing is shown whose root is not the signed one.
 *
 * The same checkpoint gives the same bytes at the same paths, so whatever a crash leaves is written over by the next run.
 *
 * @example
 * await publishTiles(folder, note, key, (from, to) => readLeaves(pool, from, to));
 */
export async function publishTiles(
  folder: string,
  note: string,
  key: NoteVerifier,
  leaves: (from: number, to: number) => AsyncIterable<Uint8Array>,
): Promise<void> {
  const checkpoint = openCheckpoint(note, [key]);
  await sweep(folder);
  const before = await publishedIn(folder, key);
  if (before !== undefined && before.size > checkpoint.size) {
    throw new LedgerError(
      'LEDGER_ROLLED_BACK',
      `${before.size} entries were published here before, and the log now has ${checkpoint.size}`,
    );
  }
  const edge = await edgeIn(folder, before);
  for await (const page of leaves(edge.size, checkpoint.size)) {
    // Crash here: tiles that no checkpoint speaks of yet. Nobody asks for them, and the next run writes them again.
    for (const tile of edge.add(page)) await writeTile(folder, tile);
  }
  if (edge.size !== checkpoint.size || Buffer.compare(edge.root(), checkpoint.root) !== 0) {
    throw new LedgerError('LEDGER_FORKED', `the leaves up to ${checkpoint.size} do not have the signed root`);
  }
  for (const tile of edge.partial()) await writeTile(folder, tile);
  // Crash here: all tiles of the new tree, and the checkpoint of the old one, whose tiles are all there too.
  await writeWhole(folder, CHECKPOINT, Buffer.from(note));
  // Crash here: open tiles beside the full ones that took their places. They are still right; a later run removes them.
  await removeOutgrown(folder, before?.size ?? 0, checkpoint.size);
}

async function edgeIn(folder: string, before: Checkpoint | undefined): Promise<TileEdge> {
  if (before === undefined) return TileEdge.empty();
  const edge = await TileEdge.read(before.size, readTileFrom(folder));
  if (Buffer.compare(edge.root(), before.root) === 0) return edge;
  throw new LedgerError('LEDGER_FORKED', 'the tiles published here are not those of the checkpoint beside them');
}

function writeTile(folder: string, { tile, hashes }: TileHashes): Promise<void> {
  return writeWhole(folder, tilePath(tile), hashes);
}

/** Whole or not at all, and durable: a power cut must not leave an empty file under a name that is never written again. */
async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const there = path.join(folder, name);
  const incoming = path.join(folder, INCOMING, randomBytes(12).toString('hex'));
  await mkdir(path.dirname(there), { recursive: true });
  await mkdir(path.dirname(incoming), { recursive: true });
  const file = await open(incoming, 'wx', 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  // Crash here: a file on its way, which nobody serves.
  await rename(incoming, there);
  await syncFolder(path.dirname(there));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Open tiles whose place a full one has taken between two sizes: they may go, and would be as many as the tree is wide. */
async function removeOutgrown(folder: string, from: number, to: number): Promise<void> {
  for (let span = TILE_WIDTH, level = 0; span <= to; span *= TILE_WIDTH, level += 1) {
    for (let index = Math.floor(from / span); index < Math.floor(to / span); index += 1) {
      const full = tilePath({ level, index, width: TILE_WIDTH });
      await rm(path.join(folder, `${full}.p`), { recursive: true, force: true });
    }
  }
}

async function sweep(folder: string): Promise<void> {
  const incoming = path.join(folder, INCOMING);
  await mkdir(incoming, { recursive: true });
  for (const name of await readdir(incoming)) {
    const file = path.join(incoming, name);
    const written = await stat(file).catch(() => undefined);
    if (written !== undefined && Date.now() - written.mtimeMs > ABANDONED_MS) await rm(file, { force: true });
  }
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
