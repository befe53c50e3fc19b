import { LedgerError } from './error.js';
import { HASH_SIZE, nodeHash, TILE_WIDTH, unpack } from './merkle.js';
import type { Run } from './proof.js';

/**
 * A tile of the tree (C2SP tlog-tiles): up to 256 hashes of one level, packed. At level 0 they are leaves; above, each is
 * the root of a full tile of the level below. One that is not full belongs to the right edge of trees of certain sizes.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
  /** How many hashes it has: 256 of a full one. */
  readonly width: number;
}

/** Sizes are exact numbers, below 2^53; seven levels of 256 are beyond that. */
const LEVELS = 7;

/**
 * Where a tile lies below a log's folder or address.
 *
 * @example
 * tilePath({ level: 0, index: 1_234_067, width: 112 }); // 'tile/0/x001/x234/067.p/112'
 */
export function tilePath({ level, index, width }: Tile): string {
  const elements = [String(index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    elements.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  return `tile/${level}/${elements.join('/')}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** The tile of a path; refuses any that {@link tilePath} would not have written, entry bundles among them. */
export function parseTilePath(path: string): Tile {
  const match = /^tile\/([0-6])\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  const index = Number((match?.[2] ?? '').replaceAll(/[x/]/g, ''));
  const tile = { level: Number(match?.[1]), index, width: Number(match?.[3] ?? TILE_WIDTH) };
  if (match === null || !Number.isSafeInteger(index) || tilePath(tile) !== path) {
    throw new LedgerError('LEDGER_MALFORMED', 'not the path of a tile');
  }
  return tile;
}

/** The tiles that the tree of `size` leaves has at its right edge: those that are not full, from the leaves up. */
export function edgeOf(size: number): readonly Tile[] {
  const edge: Tile[] = [];
  for (let level = 0; level < LEVELS; level += 1) {
    const hashes = hashesAt(level, size);
    const width = hashes % TILE_WIDTH;
    if (width > 0) edge.push({ level, index: Math.floor(hashes / TILE_WIDTH), width });
  }
  return edge;
}

/** How many full tiles the tree of `size` leaves has at a level. */
export function fullTilesAt(level: number, size: number): number {
  return Math.floor(hashesAt(level, size) / TILE_WIDTH);
}

/** The leaves below a tile: from the first, up to, but without, the last. */
export function leavesBelow({ level, index, width }: Tile): { readonly from: number; readonly until: number } {
  const each = TILE_WIDTH ** level;
  const from = index * TILE_WIDTH * each;
  return { from, until: from + width * each };
}

/** The hashes of a tile, as whoever reads them for proofs knows them. */
export function runOfTile({ level, index, width }: Tile): Run {
  return { level, from: index * TILE_WIDTH, count: width };
}

/** The root of a full tile: one hash of the level above. */
export function tileRoot(hashes: Uint8Array): Uint8Array {
  let level = unpack(hashes);
  if (level.length !== TILE_WIDTH) {
    throw new LedgerError('LEDGER_MALFORMED', `a tile of ${level.length} hashes is not hashed into the next level`);
  }
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < level.length; at += 2) above.push(nodeHash(level[at]!, level[at + 1]!));
    level = above;
  }
  return level[0]!;
}

/**
 * A tile's hashes from bytes that somebody else wrote: `LEDGER_MALFORMED` where they are not exactly so many. Where the
 * full tile is all there is, its beginning is the partial one.
 */
export function hashesOfTile({ width }: Tile, bytes: Uint8Array): Uint8Array {
  if (bytes.length !== width * HASH_SIZE) {
    throw new LedgerError('LEDGER_MALFORMED', `a tile of ${width} hashes does not have ${bytes.length} bytes`);
  }
  return bytes;
}

function hashesAt(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}
