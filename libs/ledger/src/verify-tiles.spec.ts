import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import type { Checkpoint } from './checkpoint.js';
import { TileEdge } from './grow-tiles.js';
import { EMPTY_HEAD, grow, pack } from './merkle.js';
import { parseTilePath, type Tile, tilePath, tileRoot } from './tile.js';
import { compareCheckpoints, consistencyFromTiles, type TilesVerdict, verifyTiles } from './verify-tiles.js';

const ORIGIN = 'postern.example/county';
/** Five full tiles, and an open one on each of two levels. */
const SIZE = 5 * 256 + 40;
const leaf = (i: number, log = 'the log'): Buffer => createHash('sha256').update(`${log} ${i}`).digest();

type Tiles = ReadonlyMap<string, Uint8Array>;

function treeOf(size: number, log?: string, from = 0): { tiles: Map<string, Uint8Array>; checkpoint: Checkpoint } {
  const edge = TileEdge.empty();
  const leaves = Array.from({ length: size }, (_, i) => leaf(i, i < from ? undefined : log));
  const tiles = new Map(
    [...edge.add(pack(leaves)), ...edge.partial()].map(({ tile, hashes }) => [tilePath(tile), hashes]),
  );
  return { tiles, checkpoint: { origin: ORIGIN, size, root: edge.root() } };
}

const whole = treeOf(SIZE);
const earlier = treeOf(SIZE - 100).checkpoint;
/** A full tile on the second level, and an open one on each of three. */
const DEEP = 65_536 + 2 * 256 + 40;
let deep: ReturnType<typeof treeOf>;
beforeAll(() => void (deep = treeOf(DEEP)));
const reader = (tiles: Tiles) => (tile: Tile) => Promise.resolve(tiles.get(tilePath(tile)));
const verify = (tiles: Tiles, checkpoint = whole.checkpoint, held: readonly Checkpoint[] = []): Promise<TilesVerdict> =>
  verifyTiles(reader(tiles), checkpoint, held);

function changed(path: string, change: (bytes: Uint8Array) => Uint8Array, of: Tiles = whole.tiles): Tiles {
  const bytes = of.get(path);
  if (bytes === undefined) throw new Error(`there is no ${path}`);
  return new Map(of).set(path, change(bytes));
}
const flip =
  (at: number) =>
  (bytes: Uint8Array): Uint8Array =>
    bytes.with(at, bytes[at]! ^ 1);
function without(path: string, of: Tiles = whole.tiles): Tiles {
  const tiles = new Map(of);
  if (!tiles.delete(path)) throw new Error(`there is no ${path}`);
  return tiles;
}
/** A leaf changed, and what is above it made to fit, up to the tile that this path names. */
function fitted(index: number, upTo: number, of: Tiles): Tiles {
  let tiles = new Map(of);
  let at = index;
  for (let level = 0; level <= upTo; level += 1) {
    const path = [...tiles.keys()].find((one) => {
      const tile = parseTilePath(one);
      return tile.level === level && tile.index === Math.floor(at / 256) && tile.index * 256 + tile.width > at;
    })!;
    const below =
      level === 0 ? Buffer.alloc(32, 9) : tileRoot(tiles.get(tilePath({ level: level - 1, index: at, width: 256 }))!);
    tiles = new Map(
      changed(
        path,
        (bytes) => Buffer.concat([bytes.subarray(0, (at % 256) * 32), below, bytes.subarray((at % 256) * 32 + 32)]),
        tiles,
      ),
    );
    at = Math.floor(at / 256);
  }
  return tiles;
}

describe('the tiles of a signed tree', () => {
  it('are sound, each read once', async () => {
    const reads: string[] = [];
    const counted = (tile: Tile) => (reads.push(tilePath(tile)), Promise.resolve(whole.tiles.get(tilePath(tile))));
    expect(await verifyTiles(counted, whole.checkpoint, [earlier, whole.checkpoint])).toEqual({
      kind: 'sound',
      size: SIZE,
      tiles: whole.tiles.size,
    });
    expect(new Set(reads).size).toBe(whole.tiles.size);
  });

  it('are sound at every size, the smallest too', async () => {
    for (const size of [0, 1, 255, 256, 257, 512, 700]) {
      const { tiles, checkpoint } = treeOf(size);
      expect(await verify(tiles, checkpoint)).toMatchObject({ kind: 'sound', size });
    }
  });

  it('are sound where a full tile has taken the place of one at the edge', async () => {
    const tiles = new Map([...treeOf(SIZE + 300).tiles].filter(([path]) => path.startsWith('tile/0/')));
    for (const [path, hashes] of whole.tiles) if (!path.startsWith('tile/0/')) tiles.set(path, hashes);
    expect(await verify(tiles)).toMatchObject({ kind: 'sound', size: SIZE });
  });

  const before = treeOf(SIZE, 'another log', 1000);
  it.each<[string, string, number, string | undefined, Tiles]>([
    ['a bit of a leaf changed', 'tile-altered', 256, 'tile/0/001', changed('tile/0/001', flip(77))],
    [
      'two leaves exchanged',
      'tile-altered',
      768,
      'tile/0/003',
      changed('tile/0/003', (b) => Buffer.concat([b.subarray(32, 64), b.subarray(0, 32), b.subarray(64)])),
    ],
    [
      'two tiles exchanged',
      'tile-altered',
      768,
      'tile/0/003',
      new Map(whole.tiles)
        .set('tile/0/003', whole.tiles.get('tile/0/004')!)
        .set('tile/0/004', whole.tiles.get('tile/0/003')!),
    ],
    ['a hash at the edge changed', 'tile-altered', 256, 'tile/1/000.p/5', changed('tile/1/000.p/5', flip(33))],
    ['a leaf and all above it changed', 'tree-replaced', 0, undefined, fitted(600, 1, whole.tiles)],
    ['its last leaves changed', 'tree-replaced', 0, undefined, changed('tile/0/005.p/40', flip(0))],
    ['another tree in its place', 'tree-replaced', 0, undefined, treeOf(SIZE, 'another log').tiles],
    ['a tile taken away', 'tile-missing', 1024, 'tile/0/004', without('tile/0/004')],
    ['its edge taken away', 'tile-missing', 1280, 'tile/0/005.p/40', without('tile/0/005.p/40')],
    ['a tile cut short', 'tile-malformed', 1024, 'tile/0/004', changed('tile/0/004', (b) => b.subarray(1))],
    ['a tile too long', 'tile-malformed', 1024, 'tile/0/004', changed('tile/0/004', (b) => Buffer.concat([b, b]))],
    ['an empty tile', 'tile-malformed', 0, 'tile/1/000.p/5', changed('tile/1/000.p/5', () => new Uint8Array(0))],
    ['nothing', 'tile-missing', 1280, 'tile/0/005.p/40', new Map()],
  ])('are damaged with %s: %s at %i', async (_, damage, index, path, tiles) => {
    expect(await verify(tiles)).toMatchObject({ kind: 'damaged', damage, index, path });
  });

  it.each<[string, string, number, string, (tiles: Tiles) => Tiles]>([
    ['a hash changed', 'tile-altered', 5 * 256, 'tile/1/000', (of) => changed('tile/1/000', flip(5 * 32 + 1), of)],
    ['a leaf and the hash above it changed', 'tile-altered', 0, 'tile/1/000', (of) => fitted(9 * 256 + 4, 1, of)],
    ['a tile taken away', 'tile-missing', 0, 'tile/1/000', (of) => without('tile/1/000', of)],
    [
      'the one hash on top changed',
      'tile-altered',
      0,
      'tile/2/000.p/1',
      (of) => changed('tile/2/000.p/1', flip(0), of),
    ],
  ])('are damaged with %s on a higher level: %s at %i', async (_, damage, index, path, tamper) => {
    const found = await verify(tamper(deep.tiles), deep.checkpoint);
    expect(found).toMatchObject({ kind: 'damaged', damage, index, path });
  });

  it('are sound on several levels', async () => {
    expect(await verify(deep.tiles, deep.checkpoint)).toMatchObject({ kind: 'sound', tiles: deep.tiles.size });
  });

  it('are another tree from where somebody kept its beginning', async () => {
    const kept = treeOf(990).checkpoint;
    expect(await verify(before.tiles, whole.checkpoint, [kept])).toMatchObject({
      damage: 'tree-replaced',
      index: 990,
    });
  });

  it('are a fork where what somebody kept of this log is not in it', async () => {
    const small = treeOf(1000).checkpoint;
    const fork = treeOf(1200, 'another log', 1100);
    const held = [fork.checkpoint, small];
    expect(await verify(whole.tiles, whole.checkpoint, held)).toMatchObject({
      damage: 'forked',
      index: 1000,
      until: 1200,
    });
    const same = { ...whole.checkpoint, root: Buffer.alloc(32) };
    expect(await verify(whole.tiles, whole.checkpoint, [same])).toMatchObject({
      damage: 'forked',
      index: 0,
      until: SIZE,
    });
  });

  it('are a log that went back where somebody kept more of it', async () => {
    const { tiles, checkpoint } = treeOf(1000);
    expect(await verify(tiles, checkpoint)).toMatchObject({ kind: 'sound' });
    const found = await verify(tiles, checkpoint, [whole.checkpoint]);
    expect(found).toMatchObject({ kind: 'damaged', damage: 'rolled-back', index: 1000, until: SIZE });
  });

  it('do not verify with any one bit changed', async () => {
    const small = treeOf(600);
    const paths = [...small.tiles.keys()];
    await fc.assert(
      fc.asyncProperty(fc.nat(paths.length - 1), fc.nat(), fc.nat(7), async (which, at, bit) => {
        const change = (bytes: Uint8Array): Uint8Array =>
          bytes.with(at % bytes.length, bytes[at % bytes.length]! ^ (2 ** bit));
        const found = await verify(changed(paths[which]!, change, small.tiles), small.checkpoint);
        expect(found.kind).toBe('damaged');
      }),
      { numRuns: 100 },
    );
  });

  it('of any bytes never make it throw', async () => {
    const any = fc.dictionary(
      fc.constantFrom(...treeOf(600).tiles.keys()),
      fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ minLength: 8192, maxLength: 8192 })),
    );
    await fc.assert(
      fc.asyncProperty(any, fc.nat(2 ** 53), async (tiles, size) => {
        const checkpoint = { ...whole.checkpoint, size };
        const found = await verify(new Map(Object.entries(tiles)), checkpoint);
        expect(found.kind === 'damaged' || size === 0).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('two checkpoints', () => {
  it('are consistent by a proof, and by nothing else', async () => {
    const proof = await consistencyFromTiles(earlier.size, SIZE, reader(whole.tiles));
    expect(compareCheckpoints(earlier, whole.checkpoint, proof)).toEqual({ kind: 'consistent' });
    expect(compareCheckpoints(whole.checkpoint, earlier, proof)).toEqual({ kind: 'consistent' });
    expect(compareCheckpoints(earlier, whole.checkpoint, proof.slice(1))).toEqual({ kind: 'not shown' });
    expect(compareCheckpoints({ ...earlier, root: Buffer.alloc(32) }, whole.checkpoint, proof).kind).toBe('not shown');
    expect(compareCheckpoints(earlier, earlier, [])).toEqual({ kind: 'consistent' });
    const other = { ...earlier, root: Buffer.alloc(32) };
    expect(compareCheckpoints(earlier, other, proof)).toEqual({ kind: 'forked', index: 0, until: earlier.size });
    expect(compareCheckpoints({ origin: ORIGIN, size: 0, root: EMPTY_HEAD.root }, earlier, []).kind).toBe('consistent');
    expect(() => compareCheckpoints({ ...earlier, origin: 'postern.example/x' }, earlier, [])).toThrow('two logs');
    expect(grow(EMPTY_HEAD, [leaf(0)]).head.root).toEqual(treeOf(1).checkpoint.root);
  });
});
