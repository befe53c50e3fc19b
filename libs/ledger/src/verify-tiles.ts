import type { Checkpoint } from './checkpoint.js';
import { LedgerError } from './error.js';
import { type ReadTile, readPartial, rootOfEdge } from './grow-tiles.js';
import { EMPTY_ROOT, HASH_SIZE, join, TILE_WIDTH, unpack } from './merkle.js';
import { planConsistency, planFrontier, planInclusion, type ProofPlan, verifyConsistency } from './proof.js';
import { edgeOf, fullTilesAt, leavesBelow, type Tile, tilePath, tileRoot } from './tile.js';

/** What can be wrong with the tiles of a tree, each with a name of its own. */
export type TileDamage =
  | 'tile-missing' // a tile that the tree needs is not there
  | 'tile-malformed' // it does not have as many bytes as it must
  | 'tile-altered' // its hashes are not those that the signed tree has
  | 'tree-replaced' // tiles that fit each other, and not the root that was signed
  | 'forked' // the log signed two trees of which neither is the beginning of the other
  | 'rolled-back'; // the log signed a larger tree before

export type TilesVerdict =
  | { readonly kind: 'sound'; readonly size: number; readonly tiles: number }
  | {
      readonly kind: 'damaged';
      readonly damage: TileDamage;
      /** The first bad index, and the index after the last that can be meant. */
      readonly index: number;
      readonly until: number;
      /** The tile at fault, where it is one. */
      readonly path: string | undefined;
      readonly message: string;
    };

/**
 * Checks every tile of a signed tree against its root, from the root down, so that the tile at fault can be named even
 * where two contradict each other. Reads each tile once and holds a few at a time. `held` are checkpoints of the same log
 * that somebody else kept, a witness say, their signatures verified: the tree must contain them too.
 *
 * @example
 * const verdict = await verifyTiles(readTileFrom(folder), openCheckpoint(note, [key]), [theirs]);
 */
export async function verifyTiles(
  readTile: ReadTile,
  checkpoint: Checkpoint,
  held: readonly Checkpoint[] = [],
): Promise<TilesVerdict> {
  const reading = new Reading(readTile, checkpoint);
  try {
    await reading.check(held);
    for (const other of held.toSorted((a, b) => a.size - b.size)) await reading.compare(other);
    return { kind: 'sound', size: checkpoint.size, tiles: reading.tiles };
  } catch (error) {
    if (error instanceof Damaged) return { kind: 'damaged', ...error.found };
    throw error;
  }
}

/** What a proof takes, from the tiles of the tree of `size` leaves. `LEDGER_MALFORMED` where a tile of it is not there. */
export async function buildFromTiles(plan: ProofPlan, size: number, readTile: ReadTile): Promise<Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  for (const { level, from, count } of plan.runs) {
    const index = Math.floor(from / TILE_WIDTH);
    const width = index < fullTilesAt(level, size) ? TILE_WIDTH : widthAt(level, size);
    const tile = { level, index, width };
    const bytes = width === 0 ? undefined : await readPartial(tile, readTile);
    if (bytes === undefined) throw new LedgerError('LEDGER_MALFORMED', `${tilePath(tile)} is missing`);
    const first = from - index * TILE_WIDTH;
    hashes.push(bytes.subarray(first * HASH_SIZE, (first + count) * HASH_SIZE));
  }
  return plan.build(hashes);
}

/** The root of the first `size` leaves, from the tiles of a tree of `whole` leaves. */
export async function rootFromTiles(size: number, whole: number, readTile: ReadTile): Promise<Uint8Array> {
  return size === 0 ? EMPTY_ROOT : join(await buildFromTiles(planFrontier(size), whole, readTile));
}

/** The proof that the leaf at `index` is in the tree of `size` leaves, from its tiles. */
export function inclusionFromTiles(index: number, size: number, readTile: ReadTile): Promise<Uint8Array[]> {
  return buildFromTiles(planInclusion(index, size), size, readTile);
}

/** The proof that the tree of `size` leaves begins with that of `earlier` leaves, from its tiles. */
export function consistencyFromTiles(earlier: number, size: number, readTile: ReadTile): Promise<Uint8Array[]> {
  return buildFromTiles(planConsistency(earlier, size), size, readTile);
}

/** The index of a leaf among the first `size`, or nothing; reads the tiles of level 0 in order. */
export async function findLeaf(leaf: Uint8Array, size: number, readTile: ReadTile): Promise<number | undefined> {
  for (let index = 0; index * TILE_WIDTH < size; index += 1) {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
    const bytes = await readPartial({ level: 0, index, width }, readTile);
    const at = bytes === undefined ? -1 : unpack(bytes).findIndex((one) => Buffer.compare(one, leaf) === 0);
    if (at >= 0) return index * TILE_WIDTH + at;
  }
  return undefined;
}

interface Found {
  readonly damage: TileDamage;
  readonly index: number;
  readonly until: number;
  readonly path: string | undefined;
  readonly message: string;
}

class Damaged extends Error {
  readonly found: Found;

  constructor(found: Found) {
    super(found.message);
    this.found = found;
  }
}

type Edge = readonly (readonly Uint8Array[])[];

/** One reading of the tiles of one tree. */
class Reading {
  readonly #readTile: ReadTile;
  readonly #checkpoint: Checkpoint;
  /** How many entries a checkpoint that somebody kept has confirmed. */
  #confirmed = 0;
  tiles = 0;

  constructor(readTile: ReadTile, checkpoint: Checkpoint) {
    this.#readTile = readTile;
    this.#checkpoint = checkpoint;
  }

  async check(held: readonly Checkpoint[]): Promise<void> {
    const { size, root } = this.#checkpoint;
    const edge: Uint8Array[][] = [];
    const tiles = edgeOf(size);
    for (const tile of tiles) edge[tile.level] = unpack(await this.#read(tile));
    const stored = Array.from(edge, (hashes) => hashes ?? []);
    if (!same(rootOfEdge(stored), root)) throw await this.#wrongEdge(tiles, stored, held);
    // What is left of the largest tile comes first, and so does whatever is wrong below it.
    for (const tile of tiles.toReversed()) await this.#descend(tile, stored[tile.level]!);
  }

  /** Whether a checkpoint that somebody kept is of this log. */
  async compare(held: Checkpoint): Promise<void> {
    const { size, root } = this.#checkpoint;
    if (held.size > size) {
      throw new Damaged({
        damage: 'rolled-back',
        index: size,
        until: held.size,
        path: undefined,
        message: `the log signed ${held.size} entries before, and shows ${size} now`,
      });
    }
    const known = held.size === size ? root : await rootFromTiles(held.size, size, this.#readTile);
    if (same(known, held.root)) {
      this.#confirmed = held.size;
      return;
    }
    throw new Damaged({
      damage: 'forked',
      index: this.#confirmed,
      until: held.size,
      path: undefined,
      message: `the first ${held.size} entries are not those of a tree that the log signed before`,
    });
  }

  /** Reads what lies below a tile whose hashes are right, from left to right, each tile against the hash above it. */
  async #descend(tile: Tile, hashes: readonly Uint8Array[]): Promise<void> {
    if (tile.level === 0) return;
    for (const [at, hash] of hashes.entries()) {
      const below = { level: tile.level - 1, index: tile.index * TILE_WIDTH + at, width: TILE_WIDTH };
      const bytes = await this.#read(below);
      if (!same(tileRoot(bytes), hash)) throw await this.#altered(below, unpack(bytes));
      await this.#descend(below, unpack(bytes));
    }
  }

  /** A tile whose hashes are not the signed tree's: from which of them on is told by the tiles below it. */
  async #altered(tile: Tile, hashes: readonly Uint8Array[], right?: readonly Uint8Array[]): Promise<Damaged> {
    const { from, until } = leavesBelow(tile);
    let first = 0;
    if (tile.level > 0) {
      for (const [at, hash] of hashes.entries()) {
        if (same(right?.[at] ?? (await this.#rootOf(tile, at)), hash)) continue;
        first = at;
        break;
      }
    }
    const each = TILE_WIDTH ** tile.level;
    return new Damaged({
      damage: 'tile-altered',
      index: from + first * each,
      until,
      path: tilePath(tile),
      message: 'its hashes are not those of the signed tree',
    });
  }

  /**
   * The right edge does not have the signed root. Each tile of it can be computed from those below it: where some of them
   * so computed make up the root, the others were altered. Otherwise it is another tree, behind the last beginning of it
   * that somebody kept.
   */
  async #wrongEdge(tiles: readonly Tile[], stored: Edge, held: readonly Checkpoint[]): Promise<Damaged> {
    const { size, root } = this.#checkpoint;
    const computed: Uint8Array[][] = stored.map((hashes) => [...hashes]);
    for (const tile of tiles) {
      if (tile.level === 0) continue;
      for (const at of computed[tile.level]!.keys()) computed[tile.level]![at] = await this.#rootFromLeaves(tile, at);
    }
    const differing = tiles.filter(({ level }) =>
      stored[level]!.some((hash, at) => !same(hash, computed[level]![at]!)),
    );
    for (let choice = 1; choice < 2 ** differing.length; choice += 1) {
      const wrong = differing.filter((_, at) => Math.floor(choice / 2 ** at) % 2 === 1);
      const edge = stored.map((hashes, level) =>
        wrong.some((one) => one.level === level) ? computed[level]! : hashes,
      );
      if (!same(rootOfEdge(edge), root)) continue;
      const leftmost = wrong.toSorted((a, b) => leavesBelow(a).from - leavesBelow(b).from)[0]!;
      return this.#altered(leftmost, stored[leftmost.level]!, computed[leftmost.level]);
    }
    const kept = held.filter((one) => one.size < size).toSorted((a, b) => b.size - a.size);
    const confirmed = await firstWhere(kept, async (one) =>
      same(await rootFromTiles(one.size, size, this.#readTile), one.root),
    );
    const last = tiles[0];
    const isLastOpen = last?.level === 0 && differing.length === 0;
    return new Damaged({
      damage: 'tree-replaced',
      index: confirmed?.size ?? 0,
      until: size,
      path: undefined,
      message: isLastOpen
        ? `another tree than the signed one, or its last tile (${tilePath(last)}) was altered`
        : 'another tree than the signed one',
    });
  }

  /** The hash that a tile should have at one place, from the tile below it. */
  async #rootOf(tile: Tile, at: number): Promise<Uint8Array> {
    return tileRoot(
      await this.#read({ level: tile.level - 1, index: tile.index * TILE_WIDTH + at, width: TILE_WIDTH }),
    );
  }

  /** The same, with nothing believed but the leaves. */
  async #rootFromLeaves(tile: Tile, at: number): Promise<Uint8Array> {
    const below = { level: tile.level - 1, index: tile.index * TILE_WIDTH + at, width: TILE_WIDTH };
    if (below.level === 0) return tileRoot(await this.#read(below));
    const hashes = new Uint8Array(TILE_WIDTH * HASH_SIZE);
    for (let i = 0; i < TILE_WIDTH; i += 1) hashes.set(await this.#rootFromLeaves(below, i), i * HASH_SIZE);
    return tileRoot(hashes);
  }

  async #read(tile: Tile): Promise<Uint8Array> {
    const { from, until } = leavesBelow(tile);
    const path = tilePath(tile);
    let bytes: Uint8Array | undefined;
    try {
      bytes = await readPartial(tile, this.#readTile);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      throw new Damaged({ damage: 'tile-malformed', index: from, until, path, message: error.message });
    }
    if (bytes === undefined) {
      throw new Damaged({
        damage: 'tile-missing',
        index: from,
        until,
        path,
        message: 'the tree has it and it is not here',
      });
    }
    this.tiles += 1;
    return bytes;
  }
}

/** How two checkpoints of one log, their signatures verified, stand to each other. */
export type Comparison =
  | { readonly kind: 'consistent' }
  /** The same size, and two roots: no proof is needed to see it, and none can mend it. */
  | { readonly kind: 'forked'; readonly index: number; readonly until: number }
  /** The proof does not lead from the one to the other: it was altered, or the log was. */
  | { readonly kind: 'not shown' };

/**
 * Whether the later of two checkpoints contains the earlier, by a proof that may come from anyone.
 *
 * @example
 * compareCheckpoints(older, newer, proof).kind === 'consistent';
 */
export function compareCheckpoints(one: Checkpoint, other: Checkpoint, proof: readonly Uint8Array[]): Comparison {
  const [older, newer] = one.size <= other.size ? [one, other] : [other, one];
  if (older.origin !== newer.origin) throw new LedgerError('LEDGER_MALFORMED', 'the checkpoints are of two logs');
  if (older.size === newer.size) {
    return same(older.root, newer.root) ? { kind: 'consistent' } : { kind: 'forked', index: 0, until: older.size };
  }
  if (older.size === 0) return { kind: same(older.root, EMPTY_ROOT) ? 'consistent' : 'not shown' };
  const isShown = verifyConsistency(older.size, newer.size, proof, older.root, newer.root);
  return { kind: isShown ? 'consistent' : 'not shown' };
}

async function firstWhere<T>(list: readonly T[], holds: (one: T) => Promise<boolean>): Promise<T | undefined> {
  for (const one of list) if (await holds(one)) return one;
  return undefined;
}

function widthAt(level: number, size: number): number {
  return edgeOf(size).find((tile) => tile.level === level)?.width ?? 0;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
