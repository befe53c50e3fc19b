import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { referenceConsistency, referenceInclusion, referenceRoot } from '../testonly/reference-tree.js';
import { EMPTY_HEAD, EMPTY_ROOT, grow, Head, leafHash, pack, rootOf, TileRoot } from './merkle.js';
import { planConsistency, planInclusion, ProofPlan, Run, verifyConsistency, verifyInclusion } from './proof.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const leafAt = (index: number): Buffer => createHash('sha256').update(`leaf ${index}`).digest();
const leaves = Array.from({ length: 2_000 }, (_, index) => leafAt(index));

/** A log in memory, grown in batches of the given sizes, that answers a plan's runs as a store does. */
function logOf(all: readonly Buffer[], batches: readonly number[]): { head: Head; read: (run: Run) => Uint8Array } {
  let head = EMPTY_HEAD;
  const tiles = new Map<string, TileRoot>();
  for (let i = 0; head.size < all.length; i += 1) {
    const next = grow(head, all.slice(head.size, head.size + (batches[i % batches.length] ?? 1)));
    head = next.head;
    for (const tile of next.tiles) tiles.set(`${tile.level}/${tile.index}`, tile);
  }
  const packed = pack(all);
  const read = ({ level, from, count }: Run): Uint8Array =>
    level === 0
      ? packed.subarray(32 * from, 32 * (from + count))
      : pack(Array.from({ length: count }, (_, i) => tiles.get(`${level - 1}/${from + i}`)!.root));
  return { head, read };
}

// Comparing every proof with the slow reference would take minutes; verified is every one.
const isCompared = (size: number): boolean => size <= 17 || size % 16 <= 1;

const sameHashes = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  a.map(hex).join(' ') === b.map(hex).join(' ');

const built = (plan: ProofPlan, read: (run: Run) => Uint8Array): Uint8Array[] => plan.build(plan.runs.map(read));

const flip = (hashes: readonly Uint8Array[], bit: number): Uint8Array[] => {
  const packed = pack(hashes);
  packed[bit >> 3]! ^= 1 << (bit & 7);
  return hashes.map((_, i) => packed.slice(32 * i, 32 * i + 32));
};

describe('the tree', () => {
  it('hashes as RFC 6962 says, by values worked out by hand', () => {
    expect(hex(EMPTY_ROOT)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    // printf '\0' | sha256sum
    expect(hex(leafHash(new Uint8Array(0)))).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    // printf '\0L123456' | sha256sum
    expect(hex(leafHash(Buffer.from('L123456')))).toBe(
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    );
    const two = grow(EMPTY_HEAD, [leafHash(Buffer.from('a')), leafHash(Buffer.from('b'))]).head;
    const byHand = createHash('sha256')
      .update(Uint8Array.of(1))
      .update(createHash('sha256').update('\0a').digest())
      .update(createHash('sha256').update('\0b').digest())
      .digest();
    expect(hex(two.root)).toBe(hex(byHand));
  });

  it('has the reference root at every size up to 130, whatever the batches were', () => {
    for (let size = 0; size <= 130; size += 1) {
      const root = hex(referenceRoot(leaves.slice(0, size)));
      expect(hex(logOf(leaves.slice(0, size), [1]).head.root)).toBe(root);
      expect(hex(logOf(leaves.slice(0, size), [7, 1, 40]).head.root)).toBe(root);
    }
  });

  it('keeps the root of every full tile, and only of those', () => {
    const all = Array.from({ length: 256 * 257 + 3 }, (_, i) => leaves[i % leaves.length]!);
    const { tiles, head } = grow(EMPTY_HEAD, all);
    expect(tiles.filter(({ level }) => level === 0)).toHaveLength(257);
    expect(tiles.filter(({ level }) => level === 1).map(({ index }) => index)).toEqual([0]);
    expect(hex(tiles[0]!.root)).toBe(hex(referenceRoot(all.slice(0, 256))));
    expect(hex(tiles.find(({ level }) => level === 1)!.root)).toBe(hex(referenceRoot(all.slice(0, 65_536))));
    expect(hex(rootOf(head.frontier))).toBe(hex(head.root));
  });

  it('refuses a frontier that is not one of its size', () => {
    expect(() => grow({ ...EMPTY_HEAD, size: 3 }, [leafAt(0)])).toThrow('the frontier of size 3 has 0 hashes');
  });

  it('leaves the head it grew from as it was', () => {
    const before = grow(EMPTY_HEAD, leaves.slice(0, 3)).head;
    const copy = hex(before.frontier);
    grow(before, leaves.slice(3, 9));
    expect(hex(before.frontier)).toBe(copy);
  });
});

describe('proofs', () => {
  it('are the reference proofs, and verify, for every index and size up to 130', () => {
    const wrong: string[] = [];
    for (let size = 1; size <= 130; size += 1) {
      const some = leaves.slice(0, size);
      const { head, read } = logOf(some, [64]);
      for (let index = 0; index < size; index += 1) {
        const proof = built(planInclusion(index, size), read);
        if (!verifyInclusion(index, size, some[index]!, proof, head.root)) wrong.push(`${index} in ${size}`);
        if (isCompared(size) && !sameHashes(proof, referenceInclusion(index, some))) wrong.push(`${index}/${size}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('of consistency are the reference proofs, and verify, for every two sizes up to 130', () => {
    const roots = Array.from({ length: 131 }, (_, size) => logOf(leaves.slice(0, size), [64]).head.root);
    const wrong: string[] = [];
    for (let size = 1; size <= 130; size += 1) {
      const some = leaves.slice(0, size);
      const { read } = logOf(some, [64]);
      for (let earlier = 1; earlier <= size; earlier += 1) {
        const proof = built(planConsistency(earlier, size), read);
        if (!verifyConsistency(earlier, size, proof, roots[earlier]!, roots[size]!))
          wrong.push(`${earlier} to ${size}`);
        if (isCompared(size) && !sameHashes(proof, referenceConsistency(earlier, some)))
          wrong.push(`${earlier}/${size}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('of larger trees are the reference proofs too, from at most two runs of hashes at each level', () => {
    const { read } = logOf(leaves, [100]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: leaves.length }), fc.nat(), (size, n) => {
        const some = leaves.slice(0, size);
        const inclusion = planInclusion(n % size, size);
        const consistency = planConsistency(1 + (n % size), size);
        expect(built(inclusion, read).map(hex)).toEqual(referenceInclusion(n % size, some).map(hex));
        expect(built(consistency, read).map(hex)).toEqual(referenceConsistency(1 + (n % size), some).map(hex));
        for (const { runs } of [inclusion, consistency]) {
          expect(runs.filter(({ level }) => level === 0).length).toBeLessThanOrEqual(2);
          expect(runs.filter(({ level }) => level === 1).length).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('do not verify with any one bit changed, anywhere', () => {
    const { head, read } = logOf(leaves.slice(0, 1_000), [100]);
    const proof = built(planInclusion(700, 1_000), read);
    const earlier = logOf(leaves.slice(0, 300), [100]).head.root;
    const bridge = built(planConsistency(300, 1_000), read);
    expect(verifyInclusion(700, 1_000, leaves[700]!, proof, head.root)).toBe(true);
    expect(verifyConsistency(300, 1_000, bridge, earlier, head.root)).toBe(true);
    fc.assert(
      fc.property(fc.nat(), (n) => {
        const [leaf, root, ...rest] = flip([leaves[700]!, head.root, ...proof], n % (8 * 32 * (proof.length + 2)));
        expect(verifyInclusion(700, 1_000, leaf!, rest, root!)).toBe(false);
        const [one, two, ...path] = flip([earlier, head.root, ...bridge], n % (8 * 32 * (bridge.length + 2)));
        expect(verifyConsistency(300, 1_000, path, one!, two!)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('of any shape from anyone never throw', () => {
    const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(2 ** 53, -0, NaN, Infinity));
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 32, maxLength: 32 }));
    fc.assert(
      fc.property(number, number, fc.array(bytes, { maxLength: 70 }), bytes, bytes, (a, b, proof, one, two) => {
        expect(typeof verifyInclusion(a, b, one, proof, two)).toBe('boolean');
        expect(typeof verifyConsistency(a, b, proof, one, two)).toBe('boolean');
      }),
    );
  });

  it('are refused for what is not in the tree', () => {
    expect(() => planInclusion(5, 5)).toThrow('there is no index 5 in a tree of size 5');
    expect(() => planConsistency(0, 5)).toThrow('no proof leads from size 0 to size 5');
    expect(() => planConsistency(6, 5)).toThrow('no proof leads from size 6 to size 5');
    const plan = planInclusion(2, 5);
    expect(() => plan.build(plan.runs.map(() => new Uint8Array(31)))).toThrow('are missing');
  });
});
