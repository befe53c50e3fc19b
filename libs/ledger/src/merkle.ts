import { LedgerError } from './error.js';
import { sha256, sha256Of } from './sha256.js';

/**
 * The Merkle tree of RFC 6962, section 2.1: a leaf is hashed behind a zero byte and a node behind a one, so that no leaf
 * can pass for a node. Hashes are 32 bytes; several of them travel packed, one behind the other.
 */
export const HASH_SIZE = 32;
/** A tile spans eight levels of the tree, and so 256 hashes (C2SP tlog-tiles). */
export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 2 ** TILE_HEIGHT;

/** The root of the tree without leaves. */
export const EMPTY_ROOT: Uint8Array = sha256('');

const LEAF = Uint8Array.of(0);

/** The hash of one leaf's bytes. */
export function leafHash(data: Uint8Array): Uint8Array {
  return sha256Of([LEAF, data]);
}

// One scratch buffer for all nodes: hashing is synchronous and copies its input before it returns.
const node = new Uint8Array(1 + 2 * HASH_SIZE);
node[0] = 1;

/** The hash of two subtrees. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  node.set(left, 1);
  node.set(right, 1 + HASH_SIZE);
  return sha256(node);
}

/** The root of one full tile: of the 256 leaves (level 0) or of the 256 tiles of the level below. */
export interface TileRoot {
  readonly level: number;
  readonly index: number;
  readonly root: Uint8Array;
}

/** A tree's size, the roots of its full subtrees (largest first, packed) and its root: all that appending needs to know. */
export interface Head {
  readonly size: number;
  readonly frontier: Uint8Array;
  readonly root: Uint8Array;
}

export const EMPTY_HEAD: Head = { size: 0, frontier: new Uint8Array(0), root: EMPTY_ROOT };

/**
 * The head after some more leaves, and the tiles that they filled. A pure function: the caller keeps the old head until
 * the new one is durable.
 *
 * @example
 * const { head, tiles } = grow(EMPTY_HEAD, [entry.leaf]);
 */
export function grow(from: Head, leaves: readonly Uint8Array[]): { head: Head; tiles: TileRoot[] } {
  const stack = unpack(from.frontier);
  if (stack.length !== ones(from.size)) {
    throw new LedgerError('LEDGER_MALFORMED', `the frontier of size ${from.size} has ${stack.length} hashes`);
  }
  const tiles: TileRoot[] = [];
  let size = from.size;
  for (const leaf of leaves) {
    let hashed = leaf;
    let height = 0;
    // Each trailing one bit of the size is a full subtree that this leaf completes to one twice as large.
    for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
      hashed = nodeHash(stack.pop()!, hashed);
      height += 1;
      if (height % TILE_HEIGHT === 0) {
        tiles.push({ level: height / TILE_HEIGHT - 1, index: Math.floor(size / 2 ** height), root: hashed });
      }
    }
    stack.push(hashed);
    size += 1;
  }
  return { head: { size, frontier: pack(stack), root: join(stack) }, tiles };
}

/** The root of the tree whose full subtrees have these roots (largest first, packed). */
export function rootOf(frontier: Uint8Array): Uint8Array {
  return join(unpack(frontier));
}

/** The root over full subtrees of falling size. */
export function join(subtrees: readonly Uint8Array[]): Uint8Array {
  let root = subtrees.at(-1);
  if (root === undefined) return EMPTY_ROOT;
  for (let i = subtrees.length - 2; i >= 0; i -= 1) root = nodeHash(subtrees[i]!, root);
  return root;
}

/** Packed hashes as a list of views into the same bytes. */
export function unpack(hashes: Uint8Array): Uint8Array[] {
  if (hashes.length % HASH_SIZE !== 0) {
    throw new LedgerError('LEDGER_MALFORMED', `${hashes.length} bytes are not a whole number of hashes`);
  }
  const list: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += HASH_SIZE) list.push(hashes.subarray(at, at + HASH_SIZE));
  return list;
}

/** Hashes, one behind the other. */
export function pack(hashes: readonly Uint8Array[]): Uint8Array {
  const packed = new Uint8Array(hashes.length * HASH_SIZE);
  hashes.forEach((one, i) => packed.set(one, i * HASH_SIZE));
  return packed;
}

function ones(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
