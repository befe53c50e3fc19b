import { createPublicKey, generateKeyPairSync, KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EMPTY_HEAD,
  encodeVerifierKey,
  exportLedger,
  grow,
  Head,
  logIdOf,
  noteSigner,
  noteVerifier,
  seal,
  signCheckpoint,
  StoredEntry,
  TileRoot,
} from '#ledger';
import { Audited, audit } from './audit.js';

const ORIGIN = 'postern.example/county';
const SIZE = 600;
const { privateKey } = generateKeyPairSync('ed25519');
const keyOf = (key: KeyObject): string => encodeVerifierKey(noteVerifier(ORIGIN, createPublicKey(key)));
const KEY = keyOf(privateKey);

let folder: string;
let good: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'auditor-'));
  good = await exported(SIZE);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** An export of so many entries, with a checkpoint of its middle and one of its end. */
async function exported(size: number): Promise<string[]> {
  const policy = randomBytes(32);
  const entries = Array.from({ length: size }, (_, seq): StoredEntry => {
    const unsealed = { id: randomBytes(16), type: 2, at: 1_800_000_000_000, policy, body: randomBytes(50), keys: [] };
    return { ...seal(logIdOf(ORIGIN), unsealed, randomBytes), seq };
  });
  const headAt = (end: number): { head: Head; tiles: TileRoot[] } =>
    grow(
      EMPTY_HEAD,
      entries.slice(0, end).map(({ leaf }) => leaf),
    );
  const { head, tiles } = headAt(size);
  const checkpoints = [headAt(size / 2).head, head].map(({ size: signed, root }) =>
    signCheckpoint({ origin: ORIGIN, size: signed, root }, noteSigner(ORIGIN, privateKey)),
  );
  const stream = (async function* () {
    yield* entries;
  })();
  const roots = tiles.filter(({ level }) => level === 0).map(({ root }) => root);
  const key = noteVerifier(ORIGIN, createPublicKey(privateKey));
  const lines: string[] = [];
  const source = { origin: ORIGIN, key, head, checkpoints, tiles: roots, entries: stream };
  for await (const line of exportLedger(source)) lines.push(line);
  return lines;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function run(lines: readonly string[] | Buffer, ...more: string[]): Promise<Audited> {
  const path = join(folder, 'ledger.ndjson');
  writeFileSync(path, Buffer.isBuffer(lines) ? lines : lines.join(''));
  return audit(['verify', path, ...more], nothing());
}

/** The line of an entry: behind the head line and the line of each full tile before it. */
const lineOf = (seq: number): number => 1 + seq + Math.floor(seq / 256);

/** Changes one character inside the value of a key. */
function alter(line: string, key: string): string {
  const at = line.indexOf(`"${key}":"`) + key.length + 8;
  return `${line.slice(0, at)}${line[at] === 'A' ? 'B' : 'A'}${line.slice(at + 1)}`;
}

const altered = (seq: number, key: string): string[] => good.with(lineOf(seq), alter(good[lineOf(seq)]!, key));

describe('auditor verify', () => {
  it('finds a good export sound', async () => {
    const { code, text } = await run(good, '--key', KEY);
    expect(text).toMatch(/^sound: 600 entries of postern\.example\/county\n/);
    expect(text).toContain('signed     600 of 600 entries, by 2 checkpoints');
    expect(text).not.toContain('give --key');
    expect(code).toBe(0);
  });

  it('says that without a key it takes the word of the export', async () => {
    const { code, text } = await run(good);
    expect(text).toContain('give --key to rule out a forger');
    expect(code).toBe(0);
  });

  it('reads standard input', async () => {
    const input = (async function* () {
      yield Buffer.from(good.join(''));
    })();
    expect((await audit(['verify', '-', '--json'], input)).code).toBe(0);
  });

  it('says one JSON object', async () => {
    const sound: unknown = JSON.parse((await run(good, '--json', '--key', KEY)).text);
    expect(sound).toMatchObject({ verdict: 'sound', size: 600, signedSize: 600, keyGiven: true });
    const damaged: unknown = JSON.parse((await run(altered(57, 'salt'), '--json')).text);
    expect(damaged).toEqual({
      verdict: 'damaged',
      damage: 'content-altered',
      index: 57,
      until: null,
      message: 'the content is not the committed one',
    });
  });

  it('does not call an end sound for which nobody vouches', async () => {
    const head = JSON.parse(good[0]!) as { checkpoints: string[] };
    const early = JSON.stringify({ ...head, checkpoints: head.checkpoints.slice(0, 1) });
    const { code, text } = await run(good.with(0, `${early}\n`), '--key', KEY);
    expect(text).toContain('nobody vouches for the entries from index 300 on');
    expect(code).toBe(4);
  });

  it.each<[what: string, place: string, () => readonly string[] | Buffer]>([
    ['one byte of a ciphertext changed', 'content-altered at index 57', () => altered(57, 'ciphertext')],
    ['one byte of a salt changed', 'content-altered at index 0', () => altered(0, 'salt')],
    ['one byte of a commitment changed', 'commitment-altered at index 599', () => altered(599, 'commitment')],
    ['one byte of a leaf changed', 'leaf-altered at index 256', () => altered(256, 'leaf')],
    ['one byte of a header changed', 'header-malformed at index 255', () => altered(255, 'header')],
    [
      'content taken away',
      'content-missing at index 70',
      () => good.with(lineOf(70), good[lineOf(70)]!.replace(/,"salt".*\}/, '}')),
    ],
    ['an entry left out', 'entry-missing at index 300', () => good.toSpliced(lineOf(300), 1)],
    ['an entry twice', 'entry-repeated at index 301', () => good.toSpliced(lineOf(301), 0, good[lineOf(300)]!)],
    [
      'another entry in its place',
      'entries-replaced from index 0, before 256',
      () => good.with(lineOf(8), good[lineOf(9)]!.replace('"seq":9', '"seq":8')),
    ],
    ['its end cut off', 'truncated at index 500', () => good.slice(0, lineOf(500))],
    ['half a line at its end', 'line-malformed at index 500', () => [...good.slice(0, lineOf(500)), '{"seq":500,"le']],
    [
      'a line of something else',
      'line-malformed at index 20',
      () => good.toSpliced(lineOf(20), 0, 'DROP TABLE entry;\n'),
    ],
    ['a tile changed', 'tile-altered from index 256, before 512', () => good.with(514, alter(good[514]!, 'root'))],
    [
      'its checkpoint changed',
      'checkpoint-not-signed in the head line',
      () => good.with(0, good[0]!.replace('\\n600\\n', '\\n601\\n')),
    ],
    ['no head line', 'not-an-export in the head line', () => good.slice(1)],
    ['nothing in it', 'not-an-export in the head line', () => []],
    ['a picture in it', 'not-an-export in the head line', () => randomBytes(100_000)],
  ])('names the place of an export with %s', async (_, place, damaged) => {
    const { code, text } = await run(damaged(), '--key', KEY);
    expect(text.split('\n')[0]).toBe(`DAMAGED: ${place}`);
    expect(code).toBe(1);
  });

  it('does not take the word of a forger', async () => {
    const { code, text } = await run(good, '--key', keyOf(generateKeyPairSync('ed25519').privateKey));
    expect(text).toContain('DAMAGED: another-key in the head line');
    expect(code).toBe(1);
  });
});

describe('a command that it does not understand', () => {
  it.each([
    [[]],
    [['verify']],
    [['verify', 'one', 'two']],
    [['prove', 'ledger.ndjson']],
    [['verify', 'ledger.ndjson', '--fast']],
    [['verify', 'ledger.ndjson', '--key', 'no key']],
  ])('%j', async (words) => {
    const { code, text } = await audit(words, nothing());
    expect(text).toContain('auditor verify EXPORT');
    expect(code).toBe(2);
  });

  it('is not the call for help', async () => {
    expect((await audit(['--help'], nothing())).code).toBe(0);
  });
});

it('says of a file that is not there that it cannot be read', async () => {
  const { code, text } = await audit(['verify', join(folder, 'absent')], nothing());
  expect(text).toContain('cannot be read: ENOENT');
  expect(code).toBe(3);
  expect((await audit(['verify', folder], nothing())).code).toBe(3);
});
