import { decode, encode } from 'cborg';
import { LedgerError } from './error.js';

const INDICES = 1;

/** The content of an entry of type `ERASURE`: the indices whose content was destroyed, ascending. It is not sealed. */
export function encodeErasure(indices: readonly number[]): Uint8Array {
  return encode(new Map([[INDICES, indices]]));
}

/** Reads the content of an erasure and refuses any that {@link encodeErasure} would not have written. */
export function decodeErasure(content: Uint8Array): readonly number[] {
  let fields: unknown;
  try {
    fields = decode(content, { useMaps: true, rejectDuplicateMapKeys: true, strict: true });
  } catch (cause) {
    throw new LedgerError('LEDGER_MALFORMED', 'the erasure is not CBOR', { cause });
  }
  const indices: unknown = fields instanceof Map ? fields.get(INDICES) : undefined;
  if (
    !Array.isArray(indices) ||
    !indices.every(isIndex) ||
    indices.some((index, i) => i > 0 && index <= indices[i - 1]!)
  ) {
    throw new LedgerError('LEDGER_MALFORMED', 'an erasure lists indices, ascending');
  }
  if (Buffer.compare(encodeErasure(indices), content) !== 0) {
    throw new LedgerError('LEDGER_MALFORMED', 'the erasure is not in its one right form');
  }
  return indices;
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
