import { createHash, createPrivateKey, createPublicKey, KeyObject } from 'node:crypto';
import { signCheckpoint } from '../src/checkpoint.js';
import { StoredEntry } from '../src/entry.js';
import {
  encodeEntryLine,
  encodeHeadLine,
  EntryLine,
  exportLedger,
  HeadLine,
  parseEntryLine,
  parseHeadLine,
} from '../src/export.js';
import { commitmentTo, leafOf } from '../src/header.js';
import { EMPTY_HEAD, grow, Head } from '../src/merkle.js';
import { NoteSigner, noteSigner, NoteVerifier, noteVerifier } from '../src/note.js';
import { erasure as erase, filler, logIdOf, seal } from '../src/seal.js';

export const ORIGIN = 'postern.example/sample';
export const SAMPLE_SIZE = 300;
/** Which of the sample's entries is a filler, is erased, and lists what is erased. */
export const FILLER_AT = 3;
export const ERASED_AT = 5;
export const ERASURE_AT = 290;
/** The sizes of the sample's checkpoints; the last is of its own size. */
const SIGNED_AT = [100, 270];

const NAME = 'postern.example/sample';
const policy = new Uint8Array(32).fill(7);
const logId = logIdOf(ORIGIN);

/** Bytes that are the same in every run. */
function madeOf(text: string, size: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 32) createHash('sha256').update(`${text} ${at}`).digest().copy(bytes, at);
  return bytes;
}

function privateKeyOf(text: string): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), madeOf(text, 32)]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

export const signer: NoteSigner = noteSigner(NAME, privateKeyOf('the log'));
export const verifier: NoteVerifier = noteVerifier(NAME, createPublicKey(signer.privateKey));
/** Of the same name, and not the log's. */
export const forger: NoteSigner = noteSigner(NAME, privateKeyOf('a forger'));
export const forgersVerifier: NoteVerifier = noteVerifier(NAME, createPublicKey(forger.privateKey));

function sampleEntry(seq: number): StoredEntry {
  const id = madeOf(`id ${seq}`, 16);
  const unsealed = { id, at: 1_800_000_000_000 + seq, policy, type: 2, body: Buffer.from(`body ${seq}`), keys: [] };
  if (seq === FILLER_AT) return { ...filler(unsealed), seq };
  if (seq === ERASURE_AT) return erasure(seq, [ERASED_AT]);
  const entry = seal(logId, unsealed, (size) => madeOf(`dice ${seq}`, size));
  return seq === ERASED_AT ? { ...entry, content: undefined, keys: [], seq } : { ...entry, seq };
}

export function erasure(seq: number, indices: readonly number[]): StoredEntry {
  const entry = { id: madeOf(`id ${seq}`, 16), at: 1_800_000_000_000, policy };
  return { ...erase(entry, indices, (size) => madeOf(`salt ${seq}`, size)), seq };
}

/** An export of 300 entries, of which one is a filler, one erased and one the erasure, with three checkpoints. */
export async function sampleExport(
  change: (entry: StoredEntry) => StoredEntry = (entry) => entry,
  size: number = SAMPLE_SIZE,
): Promise<string[]> {
  const entries = Array.from({ length: size }, (_, seq) => change(sampleEntry(seq)));
  const heads = new Map<number, Head>();
  const tiles: Uint8Array[] = [];
  let head: Head = EMPTY_HEAD;
  for (const { leaf } of entries) {
    const grown = grow(head, [leaf]);
    head = grown.head;
    tiles.push(...grown.tiles.map(({ root }) => root));
    heads.set(head.size, head);
  }
  const checkpoints = [...new Set([...SIGNED_AT.filter((signed) => signed < size), size])].flatMap((signed) => {
    const at = heads.get(signed);
    return at === undefined ? [] : [signCheckpoint({ origin: ORIGIN, size: at.size, root: at.root }, signer)];
  });
  const lines: string[] = [];
  const stream = (async function* () {
    yield* entries;
  })();
  const source = { origin: ORIGIN, key: verifier, head, checkpoints, tiles, entries: stream };
  for await (const line of exportLedger(source)) lines.push(line);
  return lines;
}

/** The line of an entry: behind the head line, and behind the line of each full tile before it. */
export function lineOf(seq: number): number {
  return 1 + seq + Math.floor(seq / 256);
}

/** The export with the line of one entry rewritten. */
export function withEntry(lines: readonly string[], seq: number, change: (entry: EntryLine) => EntryLine): string[] {
  const entry = parseEntryLine(lines[lineOf(seq)]!);
  if (entry === undefined) throw new Error(`line ${lineOf(seq)} is not an entry`);
  return lines.with(lineOf(seq), encodeEntryLine(change(entry)));
}

/** The export with its head line rewritten. */
export function withHead(lines: readonly string[], change: (head: HeadLine) => HeadLine): string[] {
  const head = parseHeadLine(lines[0]!);
  if (head === undefined) throw new Error('no head line');
  return lines.with(0, encodeHeadLine(change(head)));
}

/** Another entry in its place that fits in itself: what a forger writes who knows the format. */
export function forgedFrom(entry: EntryLine): EntryLine {
  const content = { salt: madeOf('forged', 32), ciphertext: madeOf('forged', 60) };
  const commitment = commitmentTo(content.salt, content.ciphertext);
  return { ...entry, content, commitment, leaf: leafOf(entry.header, commitment) };
}
