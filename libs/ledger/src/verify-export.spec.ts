import * as fc from 'fast-check';
import {
  ERASED_AT,
  erasure,
  ERASURE_AT,
  FILLER_AT,
  forgedFrom,
  forger,
  forgersVerifier,
  lineOf,
  ORIGIN,
  sampleExport,
  verifier,
  withEntry,
  withHead,
} from '../testonly/sample-export.js';
import { signCheckpoint } from './checkpoint.js';
import { StoredEntry } from './entry.js';
import { encodeTileLine } from './export.js';
import { commitmentTo, leafOf } from './header.js';
import { encodeVerifierKey } from './note.js';
import { Damage, ExportVerdict, verifyExport } from './verify-export.js';

const bytesOf = (lines: readonly string[]): Buffer => Buffer.from(lines.join(''));
const verify = (lines: readonly string[]): Promise<ExportVerdict> => verifyExport([bytesOf(lines)], verifier);
const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(0, bytes[0]! ^ 1);

let lines: string[];
let small: string[];

beforeAll(async () => {
  lines = await sampleExport();
  small = await sampleExport(undefined, ERASED_AT); // so few that none is erased yet
});

describe('a sound export', () => {
  it('is told what it holds', async () => {
    expect(await verify(lines)).toMatchObject({
      kind: 'sound',
      origin: ORIGIN,
      size: 300,
      signedSize: 300,
      checkpoints: 3,
      fillers: 1,
      erased: 1,
    });
  });

  it('may arrive in pieces of any size', async () => {
    const bytes = bytesOf(lines);
    for (const size of [1, 7, 4_096]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect((await verifyExport(pieces, verifier)).kind).toBe('sound');
    }
  });

  it('may be of an empty log', async () => {
    expect(await verify(await sampleExport(undefined, 0))).toMatchObject({ kind: 'sound', size: 0, signedSize: 0 });
  });

  it('says how far its checkpoints reach', async () => {
    const unsigned = withHead(lines, (head) => ({ ...head, checkpoints: head.checkpoints.slice(0, 2) }));
    expect(await verify(unsigned)).toMatchObject({ kind: 'sound', size: 300, signedSize: 270 });
  });
});

const listing =
  (indices: number[]) =>
  (entry: StoredEntry): StoredEntry =>
    entry.seq === ERASURE_AT ? erasure(ERASURE_AT, indices) : entry;

/** What is said of these bytes with one of them changed. */
async function verdictWith(source: Buffer, at: number, change: number): Promise<string> {
  const altered = Buffer.from(source);
  altered[at]! ^= change;
  const { kind } = await verifyExport([altered], verifier);
  return kind === 'sound' ? `sound in spite of byte ${at}` : kind;
}

type Tampering = [what: string, damage: Damage, index: number | undefined, (good: string[]) => readonly string[]];

describe('a damaged export', () => {
  it.each<Tampering>([
    ['nothing in it', 'not-an-export', undefined, () => []],
    ['another first line', 'not-an-export', undefined, (good) => good.slice(1)],
    ['another format', 'not-an-export', undefined, (good) => good.with(0, good[0]!.replace(' v1', ' v2'))],
    ['a space in its head line', 'not-an-export', undefined, (good) => good.with(0, good[0]!.replace(',', ', '))],
    [
      'another root in its head line',
      'head-line-altered',
      undefined,
      (good) => withHead(good, (head) => ({ ...head, root: flipped(head.root) })),
    ],
    [
      'a checkpoint of another key',
      'checkpoint-not-signed',
      undefined,
      (good) =>
        withHead(good, (head) => {
          const note = signCheckpoint({ origin: ORIGIN, size: head.size, root: head.root }, forger);
          return { ...head, checkpoints: head.checkpoints.with(2, note) };
        }),
    ],
    [
      'another origin',
      'checkpoint-of-another-log',
      undefined,
      (good) => withHead(good, (head) => ({ ...head, origin: 'another.example' })),
    ],
    [
      'its checkpoints the wrong way round',
      'checkpoint-out-of-order',
      undefined,
      (good) => withHead(good, (head) => ({ ...head, checkpoints: head.checkpoints.toReversed() })),
    ],
    [
      'its end cut off, and its head line made to fit',
      'checkpoint-beyond-end',
      280,
      (good) => withHead(good, (head) => ({ ...head, size: 280 })).slice(0, lineOf(280)),
    ],
    ['its end cut off', 'truncated', 280, (good) => good.slice(0, lineOf(280))],
    [
      'its end cut off within a line',
      'line-malformed',
      299,
      (good) => [...good.slice(0, -1), good.at(-1)!.slice(0, -9)],
    ],
    ['its last newline cut off', 'line-malformed', 299, (good) => [...good.slice(0, -1), good.at(-1)!.slice(0, -1)]],
    ['more behind its end', 'surplus', 300, (good) => [...good, good.at(-1)!]],
    ['an empty line', 'line-malformed', 20, (good) => good.toSpliced(lineOf(20), 0, '\n')],
    ['a line that is not JSON', 'line-malformed', 20, (good) => good.with(lineOf(20), 'SELECT 1;\n')],
    ['a deep line', 'line-malformed', 20, (good) => good.with(lineOf(20), `${'['.repeat(100_000)}\n`)],
    [
      'a key twice in a line',
      'line-malformed',
      20,
      (good) => good.with(lineOf(20), good[lineOf(20)]!.replace('{', '{"seq":1,')),
    ],
    [
      'a key more in a line',
      'line-malformed',
      20,
      (good) => good.with(lineOf(20), good[lineOf(20)]!.replace('}', ',"a":1}')),
    ],
    [
      'an index as a fraction',
      'line-malformed',
      20,
      (good) => good.with(lineOf(20), good[lineOf(20)]!.replace('20', '20.0')),
    ],
    ['an entry left out', 'entry-missing', 40, (good) => good.toSpliced(lineOf(40), 1)],
    ['an entry twice', 'entry-repeated', 41, (good) => good.toSpliced(lineOf(41), 0, good[lineOf(40)]!)],
    [
      'two entries exchanged',
      'entry-missing',
      40,
      (good) => good.with(lineOf(40), good[lineOf(41)]!).with(lineOf(41), good[lineOf(40)]!),
    ],
    [
      'two entries exchanged, and renumbered',
      'entries-replaced',
      0,
      (good) => {
        const [a, b] = [good[lineOf(40)]!, good[lineOf(41)]!];
        return good.with(lineOf(40), b.replace('41', '40')).with(lineOf(41), a.replace('40', '41'));
      },
    ],
    [
      'a header that is none',
      'header-malformed',
      9,
      (good) => withEntry(good, 9, (entry) => ({ ...entry, header: Buffer.from('{}') })),
    ],
    [
      'a header longer than itself',
      'header-malformed',
      9,
      (good) => withEntry(good, 9, (entry) => ({ ...entry, header: Buffer.concat([entry.header, Buffer.alloc(1)]) })),
    ],
    [
      'another id in a header',
      'leaf-altered',
      9,
      (good) => withEntry(good, 9, (entry) => ({ ...entry, header: entry.header.with(entry.header.length - 1, 0) })),
    ],
    [
      'another leaf',
      'leaf-altered',
      9,
      (good) => withEntry(good, 9, (entry) => ({ ...entry, leaf: flipped(entry.leaf) })),
    ],
    [
      'another commitment',
      'commitment-altered',
      9,
      (good) => withEntry(good, 9, (entry) => ({ ...entry, commitment: flipped(entry.commitment) })),
    ],
    [
      'another salt',
      'content-altered',
      9,
      (good) =>
        withEntry(good, 9, (entry) => ({
          ...entry,
          content: { ...entry.content!, salt: flipped(entry.content!.salt) },
        })),
    ],
    [
      'another ciphertext',
      'content-altered',
      9,
      (good) =>
        withEntry(good, 9, (entry) => ({ ...entry, content: { ...entry.content!, ciphertext: Buffer.from('x') } })),
    ],
    ['content gone', 'content-missing', 9, (good) => withEntry(good, 9, (entry) => ({ ...entry, content: undefined }))],
    [
      'content in a filler',
      'filler-with-content',
      FILLER_AT,
      (good) =>
        withEntry(good, FILLER_AT, (entry) => ({
          ...entry,
          content: { salt: Buffer.from('a'), ciphertext: Buffer.from('b') },
        })),
    ],
    [
      'a filler that commits to something',
      'filler-with-content',
      FILLER_AT,
      (good) =>
        withEntry(good, FILLER_AT, (entry) => {
          const commitment = commitmentTo(Buffer.from('a'), Buffer.from('b'));
          return { ...entry, commitment, leaf: leafOf(entry.header, commitment) };
        }),
    ],
    ['an entry forged whole', 'entries-replaced', 0, (good) => withEntry(good, 30, forgedFrom)],
    ['an entry forged whole, later', 'entries-replaced', 100, (good) => withEntry(good, 150, forgedFrom)],
    [
      'an entry forged whole, far behind the last checkpoint before it',
      'entries-replaced',
      100,
      (good) =>
        withHead(withEntry(good, 280, forgedFrom), (head) => ({
          ...head,
          checkpoints: head.checkpoints.toSpliced(1, 1),
        })),
    ],
    [
      'an entry forged whole, and the head line with it',
      'entries-replaced',
      270,
      (good) => withEntry(good, 280, forgedFrom),
    ],
    [
      'another root of a tile',
      'tile-altered',
      0,
      (good) => good.with(257, encodeTileLine({ tile: 0, root: new Uint8Array(32) })),
    ],
    ['a tile left out', 'tile-line-misplaced', 0, (good) => good.toSpliced(257, 1)],
    ['a tile too many', 'tile-line-misplaced', 20, (good) => good.toSpliced(lineOf(20), 0, good[257]!)],
  ])('with %s is %s at %s', async (_, damage, index, tamper) => {
    const tampered = tamper(lines);
    expect(await verify(tampered)).toMatchObject({ kind: 'damaged', damage, index });
  });

  it('is one whose erasures and absences differ', async () => {
    const found = await verify(await sampleExport(listing([ERASED_AT, 17])));
    expect(found).toMatchObject({ damage: 'content-not-erased', index: 17 });
    const nothing = await verify(await sampleExport(listing([])));
    expect(nothing).toMatchObject({ damage: 'content-missing', index: ERASED_AT });
    const ahead = await verify(await sampleExport(listing([ERASED_AT, 295])));
    expect(ahead).toMatchObject({ damage: 'erasure-malformed', index: ERASURE_AT });
    // Each index once, and no erasure: whoever could erase a list could erase whatever it does not say.
    for (const index of [ERASED_AT, ERASURE_AT]) {
      const again = await sampleExport((entry) => (entry.seq === 295 ? erasure(295, [index]) : entry));
      expect(await verify(again)).toMatchObject({ damage: 'erasure-malformed', index: 295 });
    }
  });

  it('is caught by the key that was given, not by the one it brings along', async () => {
    // A forger rewrites everything, and signs it with his own key.
    const rewritten = await sampleExport((entry) => (entry.seq === 9 ? { ...entry, ...forgedFrom(entry) } : entry));
    const resigned = withHead(rewritten, (head) => ({
      ...head,
      checkpoints: [signCheckpoint({ origin: ORIGIN, size: head.size, root: head.root }, forger)],
    }));
    expect(await verify(resigned)).toMatchObject({ damage: 'checkpoint-not-signed' });
    const renamed = withHead(resigned, (head) => ({ ...head, key: encodeVerifierKey(forgersVerifier) }));
    expect(await verify(renamed)).toMatchObject({ damage: 'another-key' });
    // Which is why a key is given: without one, his is taken.
    expect(await verifyExport([bytesOf(renamed)])).toMatchObject({ kind: 'sound' });
  });

  it('does not verify with any one byte changed', async () => {
    const bytes = bytesOf(small);
    const change = fc.integer({ min: 1, max: 255 });
    await fc.assert(
      fc.asyncProperty(fc.nat(), change, async (n, bits) => {
        expect(await verdictWith(bytes, n % bytes.length, bits)).toBe('damaged');
      }),
      { numRuns: 600 },
    );
    const long = bytesOf(lines);
    await fc.assert(
      fc.asyncProperty(fc.nat(), change, async (n, bits) => {
        expect(await verdictWith(long, n % long.length, bits)).toBe('damaged');
      }),
      { numRuns: 40 },
    );
  });

  it('of any bytes from anyone never makes it throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 })), async (chunks) => {
        expect((await verifyExport(chunks)).kind).toBe('damaged');
      }),
      { numRuns: 100 },
    );
  });
});
