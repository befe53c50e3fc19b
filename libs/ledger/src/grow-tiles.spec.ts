import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { referencePath, referenceTiles } from '../testonly/reference-tiles.js';
import { LedgerError } from './error.js';
import { TileEdge } from './grow-tiles.js';
import { EMPTY_HEAD, EMPTY_ROOT, grow, HASH_SIZE, join, pack, rootOf } from './merkle.js';
import { planFrontier } from './proof.js';
import { edgeOf, leavesBelow, parseTilePath, runOfTile, type Tile, tilePath } from './tile.js';
import { buildFromTiles, consistencyFromTiles, findLeaf, inclusionFromTiles, rootFromTiles } from './verify-tiles.js';
import { verifyConsistency, verifyInclusion } from './proof.js';

const leaf = (i: number): Buffer => createHash('sha256').update(`leaf ${i}`).digest();
const leavesOf = (size: number): Buffer[] => Array.from({ length: size }, (_, i) => leaf(i));

/** What a folder would hold after each of these sizes was published. */
function publish(...sizes: readonly number[]): Map<string, Uint8Array> {
  const published = new Map<string, Uint8Array>();
  const edge = TileEdge.empty();
  for (const size of sizes) {
    const leaves = pack(leavesOf(size).slice(edge.size));
    for (const { tile, hashes } of [...edge.add(leaves), ...edge.partial()]) published.set(tilePath(tile), hashes);
  }
  return published;
}

const reader =
  (tiles: ReadonlyMap<string, Uint8Array>) =>
  (tile: Tile): Promise<Uint8Array | undefined> =>
    Promise.resolve(tiles.get(tilePath(tile)));

describe('the path of a tile', () => {
  it('is as the specification has it', () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 1, index: 0, width: 17 })).toBe('tile/1/000.p/17');
    expect(tilePath({ level: 3, index: 1_000, width: 255 })).toBe('tile/3/x001/000.p/255');
  });

  it('is read back, and written as the reference does', () => {
    const tiles = fc.record({
      level: fc.integer({ min: 0, max: 6 }),
      index: fc.oneof(fc.nat({ max: 2000 }), fc.nat({ max: 2 ** 45 })),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tiles, (tile) => {
        expect(tilePath(tile)).toBe(referencePath(tile.level, tile.index, tile.width));
        expect(parseTilePath(tilePath(tile))).toEqual(tile);
      }),
    );
  });

  it.each([
    '',
    'tile/',
    'tile/0',
    'tile/00/000',
    'tile/-1/000',
    'tile/64/000',
    'tile/7/000',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/x001/x002',
    'tile/0/001/002',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/007',
    'tile/0/000.p/1000',
    'tile/0/000.p',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/../0/000',
    'tile/entries/000',
    'tile/0/x999/x999/x999/x999/x999/999',
  ])('is not %s', (path) => {
    expect(() => parseTilePath(path)).toThrow(LedgerError);
  });

  it('is not as long as somebody likes', () => {
    expect(() => parseTilePath(`tile/0/${'x001/'.repeat(100_000)}001`)).toThrow(LedgerError);
  });
});

describe('the tiles of a tree', () => {
  it('of size 70,000 are as the specification counts them', () => {
    expect(edgeOf(70_000)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect(edgeOf(256)).toEqual([{ level: 1, index: 0, width: 1 }]);
    expect(edgeOf(0)).toEqual([]);
    expect(edgeOf(Number.MAX_SAFE_INTEGER)).toHaveLength(7);
  });

  it.each([1, 2, 255, 256, 257, 511, 512, 1000])('of size %i are those of the definition', (size) => {
    const tiles = publish(size);
    const reference = referenceTiles(leavesOf(size));
    expect([...tiles.keys()].toSorted()).toEqual([...reference.keys()].toSorted());
    for (const [path, hashes] of reference) expect(Buffer.compare(tiles.get(path)!, hashes)).toBe(0);
  });

  it('grow the same in any number of steps, also from what was published', async () => {
    const steps = fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(steps, async (counts) => {
        const whole = TileEdge.empty();
        const size = counts.reduce((sum, count) => sum + count, 0);
        whole.add(pack(leavesOf(size)));
        const published = new Map<string, Uint8Array>();
        let at = 0;
        for (const count of counts) {
          const edge = await TileEdge.read(at, reader(published));
          const next = [...edge.add(pack(leavesOf(at + count).slice(at))), ...edge.partial()];
          for (const { tile, hashes } of next) published.set(tilePath(tile), hashes);
          at += count;
        }
        const again = await TileEdge.read(size, reader(published));
        expect(again.root()).toEqual(whole.root());
        expect(again.root()).toEqual(Buffer.from(grow(EMPTY_HEAD, leavesOf(size)).head.root));
        expect(again.partial()).toEqual(whole.partial());
      }),
      { numRuns: 12 },
    );
  });

  it('are refused as an edge where one is missing or short, and taken where the full one has its place', async () => {
    const tiles = publish(300, 600);
    await expect(TileEdge.read(700, reader(tiles))).rejects.toMatchObject({ code: 'LEDGER_MALFORMED' });
    const short = new Map(tiles).set('tile/0/002.p/88', new Uint8Array(88 * HASH_SIZE - 1));
    await expect(TileEdge.read(600, reader(short))).rejects.toMatchObject({ code: 'LEDGER_MALFORMED' });
    tiles.delete('tile/0/001.p/44');
    expect((await TileEdge.read(300, reader(tiles))).root()).toEqual(grow(EMPTY_HEAD, leavesOf(300)).head.root);
  });

  it('hold every proof', async () => {
    const sizes = fc.integer({ min: 1, max: 1500 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, a, b) => {
        const tiles = reader(publish(size));
        const { root } = grow(EMPTY_HEAD, leavesOf(size)).head;
        const index = a % size;
        const inclusion = await inclusionFromTiles(index, size, tiles);
        expect(verifyInclusion(index, size, leaf(index), inclusion, root)).toBe(true);
        const earlier = 1 + (b % size);
        const before = await rootFromTiles(earlier, size, tiles);
        expect(before).toEqual(grow(EMPTY_HEAD, leavesOf(earlier)).head.root);
        const consistency = await consistencyFromTiles(earlier, size, tiles);
        expect(verifyConsistency(earlier, size, consistency, before, root)).toBe(true);
        const frontier = await buildFromTiles(planFrontier(size), size, tiles);
        expect(join(frontier)).toEqual(rootOf(pack(frontier)));
        expect(await findLeaf(leaf(index), size, tiles)).toBe(index);
        expect(await findLeaf(leaf(size), size, tiles)).toBeUndefined();
      }),
      { numRuns: 12 },
    );
    expect(await rootFromTiles(0, 5, reader(publish(5)))).toBe(EMPTY_ROOT);
    await expect(inclusionFromTiles(3, 300, reader(publish(200)))).rejects.toMatchObject({ code: 'LEDGER_MALFORMED' });
  });

  it('say which leaves lie below them', () => {
    expect(leavesBelow({ level: 0, index: 3, width: 256 })).toEqual({ from: 768, until: 1024 });
    expect(leavesBelow({ level: 1, index: 1, width: 2 })).toEqual({ from: 65_536, until: 66_048 });
    expect(runOfTile({ level: 1, index: 1, width: 2 })).toEqual({ level: 1, from: 256, count: 2 });
  });
});
