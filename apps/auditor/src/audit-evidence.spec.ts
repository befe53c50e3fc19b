import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  consistencyFromTiles,
  cosign,
  EMPTY_HEAD,
  encodeReceiptProof,
  encodeVerifierKey,
  encodeWitnessKey,
  exportLedger,
  filler,
  grow,
  inclusionFromTiles,
  logIdOf,
  noteSigner,
  noteVerifier,
  signCheckpoint,
  signReceipt,
  type StoredEntry,
  TileEdge,
  tilePath,
  witnessSigner,
  witnessVerifier,
} from '#ledger';
import { audit } from './audit.js';
import { readTileFrom } from './files.js';

/** What others than an export's reader hold: tiles, receipts, checkpoints that somebody kept. */
const ORIGIN = 'postern.example/county';
const SIZE = 768;
const log = noteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey);
const KEY = encodeVerifierKey(noteVerifier(ORIGIN, createPublicKey(log.privateKey)));
const STRANGERS_KEY = encodeVerifierKey(noteVerifier(ORIGIN, generateKeyPairSync('ed25519').publicKey));
const witness = witnessSigner('witness.example/w', generateKeyPairSync('ed25519').privateKey);
const WITNESS = encodeWitnessKey(witnessVerifier(witness.name, createPublicKey(witness.privateKey)));
const OTHER_WITNESS = encodeWitnessKey(witnessVerifier('witness.example/x', generateKeyPairSync('ed25519').publicKey));
const policy = randomBytes(32);

const newEntries = (from: number, to: number): StoredEntry[] =>
  Array.from({ length: to - from }, (_, i) => ({
    ...filler({ id: randomBytes(16), at: 1_800_000_000_000, policy }),
    seq: from + i,
  }));
const entries = newEntries(0, SIZE);
const RECEIVED = 300;
/** The same up to 500, and then something else: what an operator shows who has gone back, or keeps two books. */
const otherEntries = [...entries.slice(0, 500), ...newEntries(500, SIZE)];

const rootOf = (of: readonly StoredEntry[], size: number): Uint8Array =>
  grow(
    EMPTY_HEAD,
    of.slice(0, size).map(({ leaf }) => leaf),
  ).head.root;
const signed = (size: number, of: readonly StoredEntry[] = entries): string =>
  signCheckpoint({ origin: ORIGIN, size, root: rootOf(of, size) }, log);
const cosigned = (note: string): string => `${note}${cosign(note, witness, 1_800_000_000)}`;

let root: string;
let names = 0;
const file = (text: string | Uint8Array): string => {
  names += 1;
  const name = path.join(root, `file-${names}`);
  writeFileSync(name, text);
  return name;
};

function tilesOf(size: number, note: string, of = entries): string {
  names += 1;
  const folder = path.join(root, `tiles-${names}`);
  const edge = TileEdge.empty();
  const leaves = Buffer.concat(of.slice(0, size).map(({ leaf }) => leaf));
  for (const { tile, hashes } of [...edge.add(leaves), ...edge.partial()]) {
    const name = path.join(folder, tilePath(tile));
    mkdirSync(path.dirname(name), { recursive: true });
    writeFileSync(name, hashes);
  }
  writeFileSync(path.join(folder, 'checkpoint'), note);
  return folder;
}

async function exportOf(size: number, notes: readonly string[], of = entries): Promise<string> {
  const { head, tiles } = grow(
    EMPTY_HEAD,
    of.slice(0, size).map(({ leaf }) => leaf),
  );
  const stream = (async function* () {
    yield* of.slice(0, size);
  })();
  const roots = tiles.filter(({ level }) => level === 0).map((tile) => tile.root);
  const key = noteVerifier(ORIGIN, createPublicKey(log.privateKey));
  const source = { origin: ORIGIN, key, head, checkpoints: notes, tiles: roots, entries: stream };
  const lines: string[] = [];
  for await (const line of exportLedger(source)) lines.push(line);
  return file(lines.join(''));
}

const run = (...words: string[]) => audit(words, (async function* () {})());
const damage = async (...words: string[]): Promise<string> => {
  const { code, text } = await run(...words, '--json');
  const said = JSON.parse(text) as { damage?: string; index?: number | null; until?: number | null };
  return `${code} ${said.damage ?? 'sound'} ${said.index ?? '-'}..${said.until ?? '-'}`;
};

let receipt: Uint8Array;
let proven: string;
beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'auditor-evidence-'));
  const { id, leaf } = entries[RECEIVED]!;
  receipt = await signReceipt(logIdOf(ORIGIN), { entryId: id, leaf }, log.privateKey);
  const proof = await inclusionFromTiles(RECEIVED, SIZE, readTileFrom(tilesOf(SIZE, signed(SIZE))));
  proven = encodeReceiptProof({ receipt, index: RECEIVED, proof, note: cosigned(signed(SIZE)) });
});
afterAll(() => rmSync(root, { recursive: true }));

const alone = (bytes = receipt): string => file(Buffer.from(bytes).toString('base64url'));
const older = (): string => file(signed(300));
const newer = (): string => file(cosigned(signed(SIZE)));

describe('an export held against what a witness kept', () => {
  it('is sound where it holds it', async () => {
    const whole = await exportOf(SIZE, [cosigned(signed(SIZE))]);
    const kept = file(cosigned(signed(512)));
    const { code, text } = await run('verify', whole, '--key', KEY, '--against', kept, '--witness', WITNESS);
    expect(text).toContain('witnessed  768 of 768 entries');
    expect(code).toBe(0);
  });

  it('names a rollback, which alone looks perfect', async () => {
    const short = await exportOf(512, [signed(512)]);
    expect(await damage('verify', short, '--key', KEY)).toBe('0 sound -..-');
    const kept = file(cosigned(signed(SIZE)));
    expect(await damage('verify', short, '--key', KEY, '--against', kept, '--witness', WITNESS)).toBe(
      '5 rolled-back 512..768',
    );
  });

  it('names a fork, which alone looks perfect, from the last tree on that both hold', async () => {
    const other = await exportOf(SIZE, [signed(SIZE, otherEntries)], otherEntries);
    expect(await damage('verify', other, '--key', KEY)).toBe('0 sound -..-');
    const kept = [signed(400), signed(600)].flatMap((note) => ['--against', file(note)]);
    expect(await damage('verify', other, '--key', KEY, ...kept)).toBe('5 forked 400..600');
  });

  it('is not blamed on the log where the export was altered', async () => {
    const altered = await exportOf(SIZE, [signed(SIZE)], otherEntries);
    expect(await damage('verify', altered, '--key', KEY, '--against', file(signed(600)))).toBe(
      '1 entries-replaced 0..768',
    );
  });

  it('does not believe what the log did not sign, nor a witness that did not cosign', async () => {
    const whole = await exportOf(SIZE, [signed(SIZE)]);
    const forged = file(signed(SIZE).replace('\n768\n', '\n900\n'));
    expect(await damage('verify', whole, '--key', KEY, '--against', forged)).toBe('1 checkpoint-not-signed -..-');
    const moved = `${signed(SIZE)}${cosign(signed(512), witness, 1_800_000_000)}`;
    expect(await damage('verify', await exportOf(SIZE, [moved]), '--key', KEY, '--witness', WITNESS)).toBe(
      '1 cosignature-altered -..-',
    );
    expect(await damage('verify', whole, '--key', KEY, '--witness', WITNESS)).toBe('4 sound -..-');
  });
});

describe('a folder of tiles', () => {
  it('is sound, and cosigned as asked', async () => {
    const folder = tilesOf(SIZE, cosigned(signed(SIZE)));
    const { code, text } = await run('tiles', folder, '--key', KEY, '--witness', WITNESS);
    expect(text).toMatch(/^sound: 4 tiles of the 768 entries of postern\.example\/county\n/);
    expect(text).toContain('cosigned   witness.example/w at 2027-01-15T08:00:00.000Z');
    expect(code).toBe(0);
    const two = ['--witness', WITNESS, '--witness', OTHER_WITNESS];
    expect(await damage('tiles', folder, '--key', KEY, ...two)).toBe('4 sound -..-');
    expect(await damage('tiles', folder, '--key', KEY, ...two, '--quorum', '1')).toBe('0 sound -..-');
  });

  it.each<[string, string, (folder: string) => void]>([
    [
      'a leaf changed',
      '1 tile-altered 256..512',
      (folder) => writeFileSync(path.join(folder, 'tile/0/001'), Buffer.alloc(8192)),
    ],
    ['a tile gone', '1 tile-missing 512..768', (folder) => rmSync(path.join(folder, 'tile/0/002'))],
    ['a tile cut short', '1 tile-malformed 0..256', (folder) => writeFileSync(path.join(folder, 'tile/0/000'), 'x')],
    [
      'a tile without end',
      '1 tile-malformed 0..256',
      (folder) => writeFileSync(path.join(folder, 'tile/0/000'), Buffer.alloc(1e7)),
    ],
    [
      'its edge changed',
      '1 tile-altered 0..768',
      (folder) => writeFileSync(path.join(folder, 'tile/1/000.p/3'), Buffer.alloc(96)),
    ],
    [
      'another checkpoint',
      '1 tree-replaced 0..768',
      (folder) => writeFileSync(path.join(folder, 'checkpoint'), signed(SIZE, otherEntries)),
    ],
    [
      'a checkpoint that grew',
      '1 checkpoint-not-signed -..-',
      (folder) => writeFileSync(path.join(folder, 'checkpoint'), signed(SIZE).replace('768', '769')),
    ],
    [
      'a checkpoint that is none',
      '1 checkpoint-malformed -..-',
      (folder) => writeFileSync(path.join(folder, 'checkpoint'), '<html>'),
    ],
    [
      'a checkpoint without end',
      '1 too-long -..-',
      (folder) => writeFileSync(path.join(folder, 'checkpoint'), Buffer.alloc(2e6)),
    ],
    [
      'a wrong cosignature',
      '1 cosignature-altered -..-',
      (folder) => writeFileSync(path.join(folder, 'checkpoint'), `${signed(SIZE)}${cosign(signed(256), witness, 9)}`),
    ],
  ])('with %s is told: %s', async (_, found, tamper) => {
    const folder = tilesOf(SIZE, signed(SIZE));
    tamper(folder);
    expect(await damage('tiles', folder, '--key', KEY, '--witness', WITNESS)).toBe(found);
  });

  it('names a rollback and a fork that a witness knows of', async () => {
    const short = tilesOf(512, signed(512));
    expect(await damage('tiles', short, '--key', KEY, '--against', file(cosigned(signed(SIZE))))).toBe(
      '5 rolled-back 512..768',
    );
    const other = tilesOf(SIZE, signed(SIZE, otherEntries), otherEntries);
    const kept = ['--against', file(signed(500)), '--against', file(cosigned(signed(700)))];
    expect(await damage('tiles', other, '--key', KEY, ...kept)).toBe('5 forked 500..700');
  });
});

describe('a survivor’s receipt file', () => {
  it('with its proof shows that the entry is in the log, and who vouches for it', async () => {
    const { code, text } = await run('receipt', file(proven), '--key', KEY, '--witness', WITNESS);
    expect(text).toMatch(/^sound: entry [0-9a-f]{32} is in the log of postern\.example\/county\n/);
    expect(text).toContain('index      300 of 768');
    expect(code).toBe(0);
  });

  it('alone shows that the log signed it, and in an export or tiles that it is there', async () => {
    expect(await damage('receipt', alone(), '--key', KEY)).toBe('4 sound -..-');
    const within = (name: string): Promise<string> => damage('receipt', alone(), '--key', KEY, '--in', name);
    expect(await within(tilesOf(SIZE, signed(SIZE)))).toBe('0 sound 300..-');
    expect(await within(await exportOf(SIZE, [signed(SIZE)]))).toBe('0 sound 300..-');
    expect(await within(await exportOf(SIZE, [signed(256)]))).toBe('4 sound 300..-');
  });

  it.each<[string, string, () => Promise<string>]>([
    ['of another log', '1 receipt-not-signed -..-', () => damage('receipt', alone(), '--key', STRANGERS_KEY)],
    [
      'with a byte changed',
      '1 receipt-not-signed -..-',
      () => damage('receipt', alone(receipt.with(20, receipt[20]! ^ 1)), '--key', KEY),
    ],
    ['cut short', '1 receipt-malformed -..-', () => damage('receipt', alone(receipt.subarray(1)), '--key', KEY)],
    ['that is a picture', '1 receipt-malformed -..-', () => damage('receipt', file(randomBytes(5000)), '--key', KEY)],
    [
      'with another index',
      '1 proof-altered -..-',
      () => damage('receipt', file(proven.replace('index 300', 'index 301')), '--key', KEY),
    ],
    [
      'with half a proof',
      '1 proof-altered -..-',
      () => damage('receipt', file(proven.replace(/(index 300\n)[^\n]+\n/, '$1')), '--key', KEY),
    ],
    [
      'with another checkpoint',
      '1 checkpoint-not-signed -..-',
      () => damage('receipt', file(proven.replace('\n768\n', '\n769\n')), '--key', KEY),
    ],
    [
      'that is not in the tiles',
      '1 receipt-not-in-log -..-',
      () => damage('receipt', alone(), '--key', KEY, '--in', tilesOf(256, signed(256))),
    ],
    [
      'that is not in the export',
      '1 receipt-not-in-log -..-',
      async () => damage('receipt', alone(), '--key', KEY, '--in', await exportOf(256, [signed(256)])),
    ],
    [
      'in tiles that are damaged',
      '1 tree-replaced 0..768',
      () => damage('receipt', alone(), '--key', KEY, '--in', tilesOf(SIZE, signed(SIZE), otherEntries)),
    ],
  ])('%s is told: %s', async (_, found, look) => {
    expect(await look()).toBe(found);
  });
});

describe('two checkpoints', () => {
  it('are consistent by a proof, by tiles, in any order', async () => {
    const folder = tilesOf(SIZE, signed(SIZE));
    const hashes = await consistencyFromTiles(300, SIZE, readTileFrom(folder));
    const proof = file(hashes.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join(''));
    for (const notes of [
      [older(), newer()],
      [newer(), older()],
    ]) {
      expect(await damage('consistency', ...notes, '--key', KEY, '--proof', proof)).toBe('0 sound -..-');
      expect(await damage('consistency', ...notes, '--key', KEY, '--tiles', folder)).toBe('0 sound -..-');
    }
    expect(await damage('consistency', older(), newer(), '--key', KEY)).toBe('4 sound -..-');
    expect(await damage('consistency', newer(), newer(), '--key', KEY, '--witness', WITNESS)).toBe('0 sound -..-');
    expect(await damage('consistency', file(signed(0)), newer(), '--key', KEY, '--tiles', folder)).toBe('0 sound -..-');
  });

  it('are told apart where they are not', async () => {
    const forked = file(signed(SIZE, otherEntries));
    expect(await damage('consistency', newer(), forked, '--key', KEY)).toBe('5 forked 0..768');
    const folder = tilesOf(SIZE, signed(SIZE));
    expect(await damage('consistency', file(signed(600, otherEntries)), newer(), '--key', KEY, '--tiles', folder)).toBe(
      '5 forked 0..600',
    );
    rmSync(path.join(folder, 'tile/0/001'));
    expect(await damage('consistency', older(), newer(), '--key', KEY, '--tiles', folder)).toBe(
      '1 tile-missing 256..512',
    );
    expect(await damage('consistency', older(), newer(), '--key', KEY, '--proof', file(''))).toBe(
      '1 proof-altered -..-',
    );
    expect(await damage('consistency', older(), newer(), '--key', KEY, '--proof', file('hello'))).toBe(
      '1 proof-malformed -..-',
    );
    expect(await damage('consistency', older(), newer(), '--key', STRANGERS_KEY)).toBe('1 checkpoint-not-signed -..-');
    const elsewhere = signCheckpoint({ origin: 'postern.example/x', size: 5, root: rootOf(entries, 5) }, log);
    expect(await damage('consistency', older(), file(elsewhere), '--key', KEY)).toBe(
      '1 checkpoint-of-another-log -..-',
    );
  });
});

it.each([
  ['tiles', 'folder'],
  ['receipt', 'file'],
  ['consistency', 'one', '--key', KEY],
  ['consistency', 'one', 'two', 'three', '--key', KEY],
  ['tiles', 'folder', '--key', KEY, '--quorum', '1'],
  ['tiles', 'folder', '--key', KEY, '--witness', KEY],
  ['tiles', 'folder', '--key', KEY, '--in', 'there'],
  ['receipt', 'file', '--key', KEY, '--against', 'note'],
  ['verify', 'file', '--against', 'note'],
  ['verify', 'file', '--key', WITNESS],
])('%s %s … is not understood', async (...words) => {
  expect((await run(...words)).code).toBe(2);
});

it('says of what is not there that it cannot be read', async () => {
  expect((await run('tiles', '/nowhere', '--key', KEY)).code).toBe(3);
  expect((await run('receipt', '/nowhere', '--key', KEY)).code).toBe(3);
});
