import { StoredEntry } from './entry.js';
import { HASH_SIZE, Head, TILE_WIDTH } from './merkle.js';
import { base64, encodeVerifierKey, NoteVerifier } from './note.js';

/**
 * An export is the whole log as lines of JSON: a head line, then the entries in order, and after each 256 of them the
 * root of their tile as the store holds it. Every line has one right form, so that no byte can change unseen.
 */
export const EXPORT_FORMAT = 'postern ledger export v1';

export interface ExportSource {
  readonly origin: string;
  /** Who verifies the log's checkpoints. */
  readonly key: NoteVerifier;
  readonly head: Head;
  /** Signed checkpoints of rising size, none beyond the head; the last is best of the head's own size. */
  readonly checkpoints: readonly string[];
  /** The roots of the full tiles of level 0, as the store holds them. */
  readonly tiles: readonly Uint8Array[];
  /** All entries below the head's size, in order. */
  readonly entries: AsyncIterable<StoredEntry>;
}

export interface HeadLine {
  readonly format: typeof EXPORT_FORMAT;
  readonly origin: string;
  readonly key: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly checkpoints: readonly string[];
}

export type EntryLine = Pick<StoredEntry, 'seq' | 'leaf' | 'header' | 'commitment' | 'content'>;

export interface TileLine {
  readonly tile: number;
  readonly root: Uint8Array;
}

/**
 * The lines of an export, each with its newline. Wrapped keys are not in it: an auditor needs none to check it.
 *
 * @example
 * for await (const line of exportLedger(source)) file.write(line);
 */
export async function* exportLedger(source: ExportSource): AsyncGenerator<string> {
  const { origin, head, checkpoints, tiles } = source;
  const key = encodeVerifierKey(source.key);
  yield encodeHeadLine({ format: EXPORT_FORMAT, origin, key, size: head.size, root: head.root, checkpoints });
  for await (const entry of source.entries) {
    yield encodeEntryLine(entry);
    const tile = (entry.seq + 1) / TILE_WIDTH - 1;
    const root = tiles[tile];
    if (root !== undefined) yield encodeTileLine({ tile, root });
  }
}

export function encodeHeadLine({ format, origin, key, size, root, checkpoints }: HeadLine): string {
  return `${JSON.stringify({ format, origin, key, size, root: text(root), checkpoints })}\n`;
}

export function encodeEntryLine({ seq, leaf, header, commitment, content }: EntryLine): string {
  const fixed = { seq, leaf: text(leaf), header: text(header), commitment: text(commitment) };
  if (content === undefined) return `${JSON.stringify(fixed)}\n`;
  return `${JSON.stringify({ ...fixed, salt: text(content.salt), ciphertext: text(content.ciphertext) })}\n`;
}

export function encodeTileLine({ tile, root }: TileLine): string {
  return `${JSON.stringify({ tile, root: text(root) })}\n`;
}

/** The head line, or nothing where the line is not one in its one right form. */
export function parseHeadLine(line: string): HeadLine | undefined {
  const fields = fieldsOf(line);
  const { origin, key, size, checkpoints } = fields;
  const root = bytesOf(fields['root']);
  if (fields['format'] !== EXPORT_FORMAT || typeof origin !== 'string' || typeof key !== 'string') return undefined;
  if (!isIndex(size) || root?.length !== HASH_SIZE || !isTexts(checkpoints)) return undefined;
  const parsed = { format: EXPORT_FORMAT, origin, key, size, root, checkpoints } as const;
  return encodeHeadLine(parsed) === line ? parsed : undefined;
}

export function parseEntryLine(line: string): EntryLine | undefined {
  const fields = fieldsOf(line);
  const { seq } = fields;
  const [leaf, header, commitment] = [
    bytesOf(fields['leaf']),
    bytesOf(fields['header']),
    bytesOf(fields['commitment']),
  ];
  const [salt, ciphertext] = [bytesOf(fields['salt']), bytesOf(fields['ciphertext'])];
  if (!isIndex(seq) || leaf === undefined || header === undefined || commitment === undefined) return undefined;
  const content = salt === undefined || ciphertext === undefined ? undefined : { salt, ciphertext };
  const parsed = { seq, leaf, header, commitment, content };
  return encodeEntryLine(parsed) === line ? parsed : undefined;
}

export function parseTileLine(line: string): TileLine | undefined {
  const { tile, ...fields } = fieldsOf(line);
  const root = bytesOf(fields['root']);
  if (!isIndex(tile) || root?.length !== HASH_SIZE) return undefined;
  const parsed = { tile, root };
  return encodeTileLine(parsed) === line ? parsed : undefined;
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return {};
  }
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function bytesOf(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? base64(value) : undefined;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
