import { decode, encode } from 'cborg';
import { LedgerError } from './error.js';
import { sha256Of } from './sha256.js';

/**
 * What stays readable of an entry for ever, after its content has been erased too: which type of entry, in which hour,
 * under which policies, and its random name. Nothing in it says whom the entry concerns.
 */
export interface Header {
  /** 0 and 1 are this room's own (filler, erasure); the others belong to whoever writes the bodies. */
  readonly type: number;
  /** Whole hours since 1970-01-01T00:00:00Z. */
  readonly hour: number;
  /** SHA-256 over the policies in force. */
  readonly policy: Uint8Array;
  /** 16 random bytes. */
  readonly id: Uint8Array;
}

/** An entry that only makes the log's growth say less. Its header is all there is of it. */
export const FILLER = 0;
/** An entry that lists the indices whose content has been destroyed; its content is not sealed. */
export const ERASURE = 1;

export const ENTRY_ID_SIZE = 16;
const HOUR = 3_600_000;

// Deterministic CBOR (RFC 8949, section 4.2.1) with numbered keys, ascending: the entry id is last, so that the bytes
// before it are the same for all entries of one type, hour and policy digest.
const TYPE = 1;
const AT_HOUR = 2;
const POLICY = 3;
const ID = 4;

let prefixOf: { type: number; hour: number; policy: Uint8Array; bytes: Uint8Array } | undefined;

/** The header's bytes: the first half of what a leaf hashes. */
export function encodeHeader(header: Header): Uint8Array {
  if (header.id.length !== ENTRY_ID_SIZE || header.policy.length !== 32) {
    throw new LedgerError('LEDGER_MALFORMED', 'an entry id has 16 bytes, a policy digest 32');
  }
  const known = prefixOf;
  if (known?.type !== header.type || known.hour !== header.hour || !same(known.policy, header.policy)) {
    prefixOf = { type: header.type, hour: header.hour, policy: header.policy.slice(), bytes: encodeWhole(header) };
  }
  const bytes = prefixOf!.bytes.slice();
  bytes.set(header.id, bytes.length - ENTRY_ID_SIZE);
  return bytes;
}

function encodeWhole(header: Header): Uint8Array {
  return encode(
    new Map<number, number | Uint8Array>([
      [TYPE, header.type],
      [AT_HOUR, header.hour],
      [POLICY, header.policy],
      [ID, header.id],
    ]),
  );
}

/** Reads a header and refuses any bytes that {@link encodeHeader} would not have written. */
export function decodeHeader(bytes: Uint8Array): Header {
  let fields: unknown;
  try {
    fields = decode(bytes, { useMaps: true, rejectDuplicateMapKeys: true, strict: true });
  } catch (cause) {
    throw new LedgerError('LEDGER_MALFORMED', 'the header is not CBOR', { cause });
  }
  if (!(fields instanceof Map)) throw new LedgerError('LEDGER_MALFORMED', 'the header is not a map');
  const type: unknown = fields.get(TYPE);
  const hour: unknown = fields.get(AT_HOUR);
  const policy: unknown = fields.get(POLICY);
  const id: unknown = fields.get(ID);
  if (!isCount(type) || !isCount(hour) || !(policy instanceof Uint8Array) || !(id instanceof Uint8Array)) {
    throw new LedgerError('LEDGER_MALFORMED', 'the header lacks a field');
  }
  const header = { type, hour, policy, id };
  if (!same(encodeHeader(header), bytes)) {
    throw new LedgerError('LEDGER_MALFORMED', 'the header is not in its one right form');
  }
  return header;
}

/** The hour in which an instant (milliseconds since 1970) lies. */
export function hourOf(at: number): number {
  return Math.floor(at / HOUR);
}

/** The salted hash that stands for an entry's content in its leaf, and after erasure has no preimage left. */
export function commitmentTo(salt: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return sha256Of([salt, ciphertext]);
}

const LEAF = Uint8Array.of(0);

/** The leaf of RFC 6962 over header and commitment. */
export function leafOf(header: Uint8Array, commitment: Uint8Array): Uint8Array {
  return sha256Of([LEAF, header, commitment]);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
