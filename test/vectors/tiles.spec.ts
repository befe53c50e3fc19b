import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  consistencyFromTiles,
  cosign,
  encodeVerifierKey,
  encodeWitnessKey,
  inclusionFromTiles,
  leafHash,
  noteSigner,
  noteVerifier,
  openCosigned,
  openNote,
  parseVerifierKey,
  parseWitnessKey,
  type ReadTile,
  signCheckpoint,
  TileEdge,
  tilePath,
  witnessSigner,
  witnessVerifier,
} from '#ledger';

interface Tree {
  readonly size: number;
  readonly root: string;
  readonly tiles: number;
  readonly allTiles: string;
  readonly edge: Readonly<Record<string, string>>;
  readonly inclusion: Readonly<Record<string, readonly string[]>>;
  readonly consistency: Readonly<Record<string, readonly string[]>>;
}

interface Vectors {
  readonly trees: readonly Tree[];
  readonly checkpoint: string;
  readonly cosignature: string;
  readonly time: number;
  readonly logKey: string;
  readonly witnessKey: string;
}

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'tiles.json'), 'utf8')) as Vectors;
const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const base64 = (hashes: readonly Uint8Array[]): string[] => hashes.map((hash) => Buffer.from(hash).toString('base64'));

describe.each(vectors.trees)(
  'the tree of size $size',
  ({ size, root, tiles, allTiles, edge, inclusion, consistency }) => {
    const published = new Map<string, Uint8Array>();
    const read: ReadTile = (tile) => Promise.resolve(published.get(tilePath(tile)));
    let ours: TileEdge;

    beforeAll(() => {
      ours = TileEdge.empty();
      const leaves = Buffer.concat(Array.from({ length: size }, (_, i) => leafHash(Buffer.from(String(i)))));
      for (const { tile, hashes } of [...ours.add(leaves), ...ours.partial()]) published.set(tilePath(tile), hashes);
    });

    it('has these tiles and this root', () => {
      expect(Buffer.from(ours.root()).toString('base64')).toBe(root);
      expect(published.size).toBe(tiles);
      const open = ours.partial().map(({ tile, hashes }) => [tilePath(tile), sha256(hashes)]);
      expect(Object.fromEntries(open)).toEqual(edge);
      const lines = [...published].map(([path, hashes]) => `${path} ${sha256(hashes)}\n`).toSorted();
      expect(sha256(lines.join(''))).toBe(allTiles);
    });

    it('has these proofs', async () => {
      for (const [index, proof] of Object.entries(inclusion))
        expect(base64(await inclusionFromTiles(Number(index), size, read))).toEqual(proof);
      for (const [earlier, proof] of Object.entries(consistency))
        expect(base64(await consistencyFromTiles(Number(earlier), size, read))).toEqual(proof);
    });
  },
);

function keyOf(letter: string): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(letter.repeat(32))]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

describe('the checkpoint and its cosignature', () => {
  const { checkpoint, cosignature, time, logKey, witnessKey, trees } = vectors;
  const log = noteSigner('postern.example/vectors', keyOf('l'));
  const witness = witnessSigner('witness.example/vectors', keyOf('w'));

  it('are the same bytes, keys included', () => {
    const { size, root } = trees.at(-1)!;
    const ours = signCheckpoint({ origin: log.name, size, root: Buffer.from(root, 'base64') }, log);
    expect(ours).toBe(checkpoint);
    expect(cosign(checkpoint, witness, time)).toBe(cosignature);
    expect(encodeVerifierKey(noteVerifier(log.name, createPublicKey(log.privateKey)))).toBe(logKey);
    expect(encodeWitnessKey(witnessVerifier(witness.name, createPublicKey(witness.privateKey)))).toBe(witnessKey);
  });

  it('verify by those keys', () => {
    const opened = openCosigned(
      `${checkpoint}${cosignature}`,
      [parseVerifierKey(logKey)],
      [parseWitnessKey(witnessKey)],
    );
    expect(opened).toMatchObject({ size: 70_000, cosignatures: [{ time }] });
  });
});

it('the example key of C2SP signed-note verifies its example note', () => {
  const key = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  const signature = 'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=';
  const note = `This is an example message.\n\n— example.com/foo ${signature}\n`;
  expect(encodeVerifierKey(parseVerifierKey(key))).toBe(key);
  expect(openNote(note, [parseVerifierKey(key)])).toBe('This is an example message.\n');
});
