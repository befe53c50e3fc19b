import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  EMPTY_HEAD,
  grow,
  noteSigner,
  noteVerifier,
  openCheckpoint,
  parseTilePath,
  signCheckpoint,
  TILE_WIDTH,
  verifyTiles,
} from '#ledger';
import { publishedIn, publishTiles, readTileFrom } from './publish-tiles.js';

const ORIGIN = 'postern.example/county';
const signer = noteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey);
const key = noteVerifier(ORIGIN, createPublicKey(signer.privateKey));
const leafOf = (i: number): Buffer => createHash('sha256').update(`leaf ${i}`).digest();
const noteOf = (size: number, leaf = leafOf): string => {
  const { root } = grow(
    EMPTY_HEAD,
    Array.from({ length: size }, (_, i) => leaf(i)),
  ).head;
  return signCheckpoint({ origin: ORIGIN, size, root }, signer);
};

/** Leaves a page of 100 at a time; after so many, the reading or the process ends. */
function leaves(until = Infinity, leaf = leafOf) {
  return async function* (from: number, to: number): AsyncGenerator<Uint8Array> {
    for (let at = from; at < to; at += 100) {
      if (at >= until) throw new Error('the process ends here');
      yield Buffer.concat(Array.from({ length: Math.min(100, to - at) }, (_, i) => leaf(at + i)));
    }
  };
}

/** Every published file, by its path. */
function filesIn(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file): [string, string] => [path.relative(folder, file), readFileSync(file).toString('base64')])
      .filter(([name]) => !name.startsWith('.incoming'))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

async function* noLeaves(): AsyncGenerator<Uint8Array> {}

const verdictOn = async (folder: string) =>
  verifyTiles(
    readTileFrom(folder),
    (await publishedIn(folder, key)) ?? { origin: ORIGIN, size: 1, root: new Uint8Array(32) },
  );

describe('the tiles in a folder', () => {
  const folders: string[] = [];
  const newFolder = (): string => {
    const folder = mkdtempSync(path.join(tmpdir(), 'postern-tiles-'));
    folders.push(folder);
    return folder;
  };
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

  it('are all of a checkpoint, and nothing else', async () => {
    const folder = newFolder();
    for (const size of [256, 700, 1024]) {
      await publishTiles(folder, noteOf(size), key, leaves());
      expect(await verdictOn(folder)).toMatchObject({ kind: 'sound', size });
      expect(readFileSync(path.join(folder, 'checkpoint'), 'utf8')).toBe(noteOf(size));
    }
    const names = [...filesIn(folder).keys()].filter((name) => name !== 'checkpoint');
    // Of an entry its leaf is there, and no bundle that holds more.
    for (const name of names) expect(() => parseTilePath(name)).not.toThrow();
    expect(names.filter((name) => name.startsWith('tile/0/'))).toEqual(
      ['000', '001', '002', '003'].map((n) => `tile/0/${n}`),
    );
    expect(readdirSync(path.join(folder, '.incoming'))).toEqual([]);
  });

  it('are the same after an end in the middle, wherever it was', async () => {
    const whole = newFolder();
    await publishTiles(whole, noteOf(300), key, leaves());
    await publishTiles(whole, noteOf(1000), key, leaves());
    for (const end of [300, 400, 600, 900]) {
      const folder = newFolder();
      await publishTiles(folder, noteOf(300), key, leaves());
      await expect(publishTiles(folder, noteOf(1000), key, leaves(end))).rejects.toThrow('ends here');
      // What is published is still the tree before.
      expect(await verdictOn(folder)).toMatchObject({ kind: 'sound', size: 300 });
      await publishTiles(folder, noteOf(1000), key, leaves());
      expect(filesIn(folder)).toEqual(filesIn(whole));
    }
    // The very last end: the checkpoint is written, the outgrown tiles are not yet removed.
    const folder = newFolder();
    await publishTiles(folder, noteOf(300), key, leaves());
    const outgrown = path.join(folder, 'tile/0/001.p/44');
    const bytes = readFileSync(outgrown);
    await publishTiles(folder, noteOf(1000), key, leaves());
    expect(existsSync(outgrown)).toBe(false);
    mkdirSync(path.dirname(outgrown));
    writeFileSync(outgrown, bytes);
    expect(await verdictOn(folder)).toMatchObject({ kind: 'sound', size: 1000 });
  });

  it('leave what is on its way to another process, and sweep what nobody finished', async () => {
    const folder = newFolder();
    mkdirSync(path.join(folder, '.incoming'));
    for (const name of ['old', 'new']) writeFileSync(path.join(folder, '.incoming', name), 'half');
    utimesSync(path.join(folder, '.incoming', 'old'), 0, 0);
    await publishTiles(folder, noteOf(TILE_WIDTH), key, leaves());
    expect(readdirSync(path.join(folder, '.incoming'))).toEqual(['new']);
  });

  it('are not published of leaves that do not have the signed root', async () => {
    const folder = newFolder();
    await publishTiles(folder, noteOf(300), key, leaves());
    const altered = leaves(Infinity, (i) => (i === 500 ? Buffer.alloc(32) : leafOf(i)));
    await expect(publishTiles(folder, noteOf(1000), key, altered)).rejects.toMatchObject({ code: 'LEDGER_FORKED' });
    await expect(publishTiles(folder, noteOf(1000), key, noLeaves)).rejects.toMatchObject({ code: 'LEDGER_FORKED' });
    expect(await verdictOn(folder)).toMatchObject({ kind: 'sound', size: 300 });
  });

  it('do not go back, and do not change hands', async () => {
    const folder = newFolder();
    await publishTiles(folder, noteOf(600), key, leaves());
    await expect(publishTiles(folder, noteOf(300), key, leaves())).rejects.toMatchObject({
      code: 'LEDGER_ROLLED_BACK',
    });
    const other = noteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey);
    const otherKey = noteVerifier(ORIGIN, createPublicKey(other.privateKey));
    const theirs = signCheckpoint(openCheckpoint(noteOf(700), [key]), other);
    await expect(publishTiles(folder, theirs, otherKey, leaves())).rejects.toMatchObject({ code: 'LEDGER_MALFORMED' });
    await publishTiles(folder, noteOf(600), key, leaves());
    expect(await verdictOn(folder)).toMatchObject({ kind: 'sound', size: 600 });
  });

  it('are not continued where somebody changed them', async () => {
    const folder = newFolder();
    await publishTiles(folder, noteOf(600), key, leaves());
    const edge = path.join(folder, 'tile/0/002.p/88');
    writeFileSync(edge, Buffer.alloc(88 * 32));
    await expect(publishTiles(folder, noteOf(700), key, leaves())).rejects.toMatchObject({ code: 'LEDGER_FORKED' });
    rmSync(edge);
    await expect(publishTiles(folder, noteOf(700), key, leaves())).rejects.toMatchObject({ code: 'LEDGER_MALFORMED' });
  });
});
