import { LedgerError } from './error.js';
import { HASH_SIZE, join, nodeHash, pack, TILE_WIDTH, unpack } from './merkle.js';
import { edgeOf, fullTilesAt, hashesOfTile, type Tile, tileRoot } from './tile.js';

/** A tile and its bytes, as they are published. */
export interface TileHashes {
  readonly tile: Tile;
  readonly hashes: Uint8Array;
}

/** Reads a tile from wherever a log publishes it; nothing where there is none. */
export type ReadTile = (tile: Tile) => Promise<Uint8Array | undefined>;

/**
 * The tiles at the right edge of a tree, to which leaves are added: all that publishing the next ones takes. It computes
 * every hash above the leaves itself, so that a wrong one in a database cannot reach whoever reads the tiles.
 */
export class TileEdge {
  #size: number;
  /** By level, the hashes of the tile that is not full yet. */
  readonly #open: Uint8Array[][];

  private constructor(size: number, open: Uint8Array[][]) {
    this.#size = size;
    this.#open = open;
  }

  static empty(): TileEdge {
    return new TileEdge(0, []);
  }

  /** The edge of a tree whose tiles are published already. `LEDGER_MALFORMED` where one is missing or of another length. */
  static async read(size: number, readTile: ReadTile): Promise<TileEdge> {
    const open: Uint8Array[][] = [];
    for (const tile of edgeOf(size)) {
      const bytes = await readPartial(tile, readTile);
      if (bytes === undefined) throw new LedgerError('LEDGER_MALFORMED', 'a tile at the edge of the tree is missing');
      open[tile.level] = unpack(bytes.slice());
    }
    return new TileEdge(
      size,
      Array.from(open, (level) => level ?? []),
    );
  }

  get size(): number {
    return this.#size;
  }

  /** Adds leaves, packed, and returns the tiles that they filled, a tile below before the one above it. */
  add(leaves: Uint8Array): TileHashes[] {
    const filled: TileHashes[] = [];
    for (const leaf of unpack(leaves.slice())) {
      this.#size += 1;
      let hash: Uint8Array | undefined = leaf;
      for (let level = 0; hash !== undefined; level += 1) {
        const open = (this.#open[level] ??= []);
        open.push(hash);
        hash = undefined;
        if (open.length === TILE_WIDTH) {
          const hashes = pack(open);
          const index = fullTilesAt(level, this.#size) - 1;
          filled.push({ tile: { level, index, width: TILE_WIDTH }, hashes });
          hash = tileRoot(hashes);
          this.#open[level] = [];
        }
      }
    }
    return filled;
  }

  /** The tiles that are not full, from the leaves up: what a checkpoint of just this size needs besides the full ones. */
  partial(): TileHashes[] {
    return edgeOf(this.#size).map((tile) => ({ tile, hashes: pack(this.#open[tile.level] ?? []) }));
  }

  /** The root of the tree. */
  root(): Uint8Array {
    return rootOfEdge(this.#open);
  }
}

/** The root of the tree at whose right edge these hashes lie, by level. */
export function rootOfEdge(edge: readonly (readonly Uint8Array[])[]): Uint8Array {
  return join(edge.toReversed().flatMap((hashes) => fullSubtreesOf(hashes ?? [])));
}

/** One tile at the edge: itself, or the beginning of the full one that took its place. */
export async function readPartial(tile: Tile, readTile: ReadTile): Promise<Uint8Array | undefined> {
  const partial = await readTile(tile);
  if (partial !== undefined) return hashesOfTile(tile, partial);
  const whole = { ...tile, width: TILE_WIDTH };
  const full = await readTile(whole);
  return full === undefined ? undefined : hashesOfTile(whole, full).subarray(0, tile.width * HASH_SIZE);
}

/** The roots of the largest subtrees that these hashes make up, the largest first. */
function fullSubtreesOf(hashes: readonly Uint8Array[]): Uint8Array[] {
  const roots: Uint8Array[] = [];
  for (let from = 0; from < hashes.length;) {
    let count = 1;
    while (from + 2 * count <= hashes.length) count *= 2;
    let level = hashes.slice(from, from + count);
    while (level.length > 1) level = pairs(level);
    roots.push(level[0]!);
    from += count;
  }
  return roots;
}

function pairs(hashes: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += 2) above.push(nodeHash(hashes[at]!, hashes[at + 1]!));
  return above;
}
