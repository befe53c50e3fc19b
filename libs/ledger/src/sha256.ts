import { hash } from 'node:crypto';

/**
 * SHA-256, which the whole tree is made of. By way of text, one character for each byte: Node gives a digest in bytes
 * memory of its own outside the heap, and asking for that takes twice as long as the hashing.
 */
export function sha256(input: string | Uint8Array): Uint8Array {
  return Buffer.from(hash('sha256', input, 'binary'), 'binary');
}

const LARGEST_JOINED = 4_096;
// Hashing is synchronous and copies what it is given before it returns: one buffer serves all.
const joined = Buffer.alloc(LARGEST_JOINED);

/** SHA-256 over several runs of bytes, one behind the other. */
export function sha256Of(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  if (size > LARGEST_JOINED) return sha256(Buffer.concat(parts));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return sha256(joined.subarray(0, size));
}
