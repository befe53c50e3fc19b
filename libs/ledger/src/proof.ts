import { LedgerError } from './error.js';
import { HASH_SIZE, join, nodeHash, TILE_HEIGHT, TILE_WIDTH, unpack } from './merkle.js';

/** A run of hashes of one tile level: leaves (level 0), or the roots of full tiles of the level below. */
export interface Run {
  readonly level: number;
  readonly from: number;
  readonly count: number;
}

/** A subtree of the tree: the leaves from `from` up to, but without, `to`. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * A proof that is still to be computed: which hashes it takes, and how the proof follows from them. They lie in at most
 * two tiles of each level, so that reading them costs the same few range scans for any size of tree.
 */
export interface ProofPlan {
  readonly runs: readonly Run[];
  /** Given the hashes of each run, packed, in the order of `runs`. What was given once must not be changed later. */
  build(hashes: readonly Uint8Array[]): Uint8Array[];
}

/**
 * The proof that the leaf at `index` is in the tree of `size` leaves (RFC 6962, section 2.1.1).
 *
 * @example
 * const plan = planInclusion(17, head.size);
 * const proof = plan.build(await Promise.all(plan.runs.map(readHashes)));
 */
export function planInclusion(index: number, size: number): ProofPlan {
  if (!isSize(index) || !isSize(size) || index >= size) {
    throw new LedgerError('LEDGER_MALFORMED', `there is no index ${index} in a tree of size ${size}`);
  }
  const siblings: Range[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + split(to - from);
    if (index < middle) {
      siblings.push({ from: middle, to });
      to = middle;
    } else {
      siblings.push({ from, to: middle });
      from = middle;
    }
  }
  return plan(siblings.toReversed());
}

/** The proof that the tree of `size` leaves begins with the tree of `earlier` leaves (RFC 6962, section 2.1.2). */
export function planConsistency(earlier: number, size: number): ProofPlan {
  if (!isSize(earlier) || !isSize(size) || earlier === 0 || earlier > size) {
    throw new LedgerError('LEDGER_MALFORMED', `no proof leads from size ${earlier} to size ${size}`);
  }
  const path: Range[] = [];
  let from = 0;
  let to = size;
  while (to !== earlier) {
    const middle = from + split(to - from);
    if (earlier <= middle) {
      path.push({ from: middle, to });
      to = middle;
    } else {
      path.push({ from, to: middle });
      from = middle;
    }
  }
  // What remains is a full subtree of both trees; where it is the whole earlier tree, its root is known already.
  if (from > 0) path.push({ from, to });
  return plan(path.toReversed());
}

/**
 * The roots of the full subtrees of the tree of `size` leaves, largest first: packed, its {@link Head.frontier}.
 */
export function planFrontier(size: number): ProofPlan {
  if (!isSize(size)) throw new LedgerError('LEDGER_MALFORMED', `there is no tree of size ${size}`);
  const whole = fullSubtrees({ from: 0, to: size });
  return plan(whole.map(({ height, index }) => ({ from: index * 2 ** height, to: (index + 1) * 2 ** height })));
}

/**
 * Whether `proof` shows that `leaf` is at `index` in the tree of `size` leaves with this root (RFC 9162, section 2.1.3.2).
 * The arguments may come from anyone: nothing in them makes it throw.
 */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || !areHashes([leaf, root, ...proof])) return false;
  let fn = index;
  let sn = size - 1;
  let hashed = leaf;
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hashed = nodeHash(sibling, hashed);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      hashed = nodeHash(hashed, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && same(hashed, root);
}

/**
 * Whether `proof` shows that the tree of `size` leaves with `root` begins with the tree of `earlier` leaves with
 * `earlierRoot` (RFC 9162, section 2.1.4.2). From an empty tree nothing can be shown.
 */
export function verifyConsistency(
  earlier: number,
  size: number,
  proof: readonly Uint8Array[],
  earlierRoot: Uint8Array,
  root: Uint8Array,
): boolean {
  if (!isSize(earlier) || !isSize(size) || earlier === 0 || earlier > size) return false;
  if (earlier === size) return proof.length === 0 && same(earlierRoot, root);
  if (!areHashes([earlierRoot, root, ...proof])) return false;
  let fn = earlier - 1;
  let sn = size - 1;
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  // Where the earlier tree is one full subtree, its root stands for it and is not in the proof.
  const path = fn === 0 ? [earlierRoot, ...proof] : proof;
  const [seed, ...rest] = path;
  if (seed === undefined) return false;
  let older = seed;
  let newer = seed;
  for (const sibling of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      newer = nodeHash(newer, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && same(older, earlierRoot) && same(newer, root);
}

/** A full subtree: `2 ** height` leaves, the `index`th such subtree from the left. */
interface Subtree {
  readonly height: number;
  readonly index: number;
}

function plan(ranges: readonly Range[]): ProofPlan {
  const parts = ranges.map(fullSubtrees);
  const runs = new Map<string, Run & { position: number }>();
  for (const part of parts.flat()) {
    const { level, from, count } = runOf(part);
    const tile = tileKey(level, from);
    const run = runs.get(tile);
    const first = Math.min(from, run?.from ?? from);
    const end = Math.max(from + count, run === undefined ? 0 : run.from + run.count);
    runs.set(tile, { level, from: first, count: end - first, position: run?.position ?? runs.size });
  }
  return {
    runs: [...runs.values()].map(({ level, from, count }) => ({ level, from, count })),
    build: (hashes) =>
      parts.map((range) =>
        join(
          range.map((part) => {
            const { level, from, count } = runOf(part);
            const run = runs.get(tileKey(level, from))!;
            const packed = hashes[run.position];
            if (packed?.length !== run.count * HASH_SIZE) {
              throw new LedgerError('LEDGER_MALFORMED', `hashes from ${run.from} on of level ${level} are missing`);
            }
            return subtreeIn(packed, from - run.from, count);
          }),
        ),
      ),
  };
}

function fullSubtrees({ from, to }: Range): Subtree[] {
  const subtrees: Subtree[] = [];
  for (let at = from; at < to;) {
    let height = 0;
    while (at + 2 ** (height + 1) <= to) height += 1;
    subtrees.push({ height, index: at / 2 ** height });
    at += 2 ** height;
  }
  return subtrees;
}

function runOf({ height, index }: Subtree): Run {
  const count = 2 ** (height % TILE_HEIGHT);
  return { level: Math.floor(height / TILE_HEIGHT), from: index * count, count };
}

function tileKey(level: number, from: number): string {
  return `${level}/${Math.floor(from / TILE_WIDTH)}`;
}

const subtreesOf = new WeakMap<Uint8Array, Map<number, Uint8Array>>();

/**
 * The root over some hashes of a run. Computed once for a run that is given again, the same bytes in the same place: who
 * keeps the upper tiles' hashes does not hash them anew for each proof, and never changes them.
 */
function subtreeIn(run: Uint8Array, first: number, count: number): Uint8Array {
  const known = subtreesOf.get(run) ?? new Map<number, Uint8Array>();
  subtreesOf.set(run, known);
  const key = first * 2 * TILE_WIDTH + count;
  const root = known.get(key) ?? halve(unpack(run.subarray(first * HASH_SIZE, (first + count) * HASH_SIZE)));
  known.set(key, root);
  return root;
}

function halve(hashes: readonly Uint8Array[]): Uint8Array {
  let level = [...hashes];
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) above.push(nodeHash(level[i]!, level[i + 1]!));
    level = above;
  }
  return level[0]!;
}

/** The largest power of two smaller than `size`, which is at least two. */
function split(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(values: readonly Uint8Array[]): boolean {
  return values.every((value) => value.length === HASH_SIZE);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
