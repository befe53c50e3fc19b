import { createCipheriv, createDecipheriv, createSecretKey, hash, type KeyObject } from 'node:crypto';
import { Content, SealedEntry, StoredEntry, WrappedKey } from './entry.js';
import { encodeErasure } from './erasure.js';
import { LedgerError } from './error.js';
import { commitmentTo, encodeHeader, ERASURE, FILLER, hourOf, leafOf } from './header.js';

/** Random bytes, of the quality of `node:crypto`'s; given from outside, so that a test can repeat itself. */
export type Random = (size: number) => Uint8Array;

/** One person's key (AES-256), unwrapped, with its name. */
export interface PersonKey {
  /** 16 bytes. */
  readonly id: Uint8Array;
  /** 32 bytes, as a key object: they then lie outside the heap, and in no dump of it. */
  readonly secret: KeyObject;
}

export interface Unsealed {
  /** 16 random bytes. */
  readonly id: Uint8Array;
  readonly type: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** SHA-256 over the policies in force. */
  readonly policy: Uint8Array;
  readonly body: Uint8Array;
  /** Whoever holds one of these keys can read the body. */
  readonly keys: readonly PersonKey[];
}

const SALT = 32;
const SECRET = 32;
const NONCE = 12;
const TAG = 16;
const WRAP_IV = Buffer.alloc(8, 0xa6); // RFC 3394, section 2.2.3.1
const NO_CONTENT = new Uint8Array(32);

/** What a log is called in the additional data of every body: 16 bytes of SHA-256 over its origin. */
export function logIdOf(origin: string): Uint8Array {
  return hash('sha256', `postern log\n${origin}`, 'buffer').subarray(0, 16);
}

/**
 * Seals a body under a random key of its own, wraps that key for each person, and settles header, commitment and leaf.
 * The body is bound to this log and this entry: moved to another entry, it does not open.
 *
 * @example
 * const entry = seal(logId, { id, type: 2, at, policy, body, keys: [hers] }, randomBytes);
 */
export function seal(logId: Uint8Array, entry: Unsealed, random: Random): SealedEntry {
  const salt = random(SALT);
  const secret = random(SECRET);
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(secret), nonceIn(salt));
  cipher.setAAD(Buffer.concat([logId, entry.id]));
  const ciphertext = Buffer.concat([cipher.update(entry.body), cipher.final(), cipher.getAuthTag()]);
  const keys = entry.keys.map((person) => ({ key: person.id, wrapped: wrap(person.secret, secret) }));
  secret.fill(0);
  return settle(entry, commitmentTo(salt, ciphertext), { salt, ciphertext }, keys);
}

/** An entry that says nothing and provably holds nothing: its commitment is zeros, which no content hashes to. */
export function filler(entry: Omit<Unsealed, 'type' | 'body' | 'keys'>): SealedEntry {
  return settle({ ...entry, type: FILLER }, NO_CONTENT, undefined, []);
}

/**
 * An entry that lists the indices whose content goes with it, ascending. Everybody who holds an export must be able to read
 * it, with no key at all: it is not sealed.
 *
 * @example
 * const entry = erasure({ id, at, policy }, [17, 18, 240], randomBytes);
 */
export function erasure(
  entry: Omit<Unsealed, 'type' | 'body' | 'keys'>,
  indices: readonly number[],
  random: Random,
): SealedEntry {
  const content = { salt: random(SALT), ciphertext: encodeErasure(indices) };
  return settle({ ...entry, type: ERASURE }, commitmentTo(content.salt, content.ciphertext), content, []);
}

/** Whether a commitment is a filler's. */
export function commitsToNothing(commitment: Uint8Array): boolean {
  return Buffer.compare(commitment, NO_CONTENT) === 0;
}

function settle(
  entry: Omit<Unsealed, 'body' | 'keys'>,
  commitment: Uint8Array,
  content: Content | undefined,
  keys: readonly WrappedKey[],
): SealedEntry {
  const header = encodeHeader({ type: entry.type, hour: hourOf(entry.at), policy: entry.policy, id: entry.id });
  return { id: entry.id, at: entry.at, header, commitment, leaf: leafOf(header, commitment), content, keys };
}

/**
 * The body of a stored entry, by the key of one person it concerns. Throws `LEDGER_UNREADABLE` where the content is
 * erased, the key is not one of its keys, or anything was altered.
 */
export function unseal(
  logId: Uint8Array,
  entry: Pick<StoredEntry, 'id' | 'content' | 'keys'>,
  person: PersonKey,
): Uint8Array {
  const held = entry.keys.find((one) => Buffer.compare(one.key, person.id) === 0);
  if (entry.content === undefined || held === undefined) {
    throw new LedgerError('LEDGER_UNREADABLE', 'this key opens no content of this entry');
  }
  const { salt, ciphertext } = entry.content;
  if (salt.length !== SALT || ciphertext.length < TAG) {
    throw new LedgerError('LEDGER_UNREADABLE', 'the content is too short');
  }
  try {
    const secret = createSecretKey(unwrap(person.secret, held.wrapped));
    const opened = createDecipheriv('aes-256-gcm', secret, nonceIn(salt), { authTagLength: TAG });
    opened.setAAD(Buffer.concat([logId, entry.id]));
    opened.setAuthTag(ciphertext.subarray(-TAG));
    return Buffer.concat([opened.update(ciphertext.subarray(0, -TAG)), opened.final()]);
  } catch (cause) {
    throw new LedgerError('LEDGER_UNREADABLE', 'the content or its key was altered', { cause });
  }
}

/** The same entry key under one more person's key: what a link does, without touching what was sealed. */
export function rewrap(entry: Pick<StoredEntry, 'keys'>, from: PersonKey, to: PersonKey): WrappedKey {
  const held = entry.keys.find((one) => Buffer.compare(one.key, from.id) === 0);
  if (held === undefined) throw new LedgerError('LEDGER_UNREADABLE', 'this key opens no content of this entry');
  try {
    return { key: to.id, wrapped: wrap(to.secret, unwrap(from.secret, held.wrapped)) };
  } catch (cause) {
    throw new LedgerError('LEDGER_UNREADABLE', 'the wrapped key was altered', { cause });
  }
}

/** The salt's first 96 bits: random, lying beside the ciphertext anyway, and used with this entry's key only once. */
function nonceIn(salt: Uint8Array): Uint8Array {
  return salt.subarray(0, NONCE);
}

// Keys are key objects: with one, Node makes a cipher in a third of the time that raw bytes take.
function wrap(under: KeyObject, secret: Uint8Array): Uint8Array {
  const cipher = createCipheriv('id-aes256-wrap', under, WRAP_IV);
  return Buffer.concat([cipher.update(secret), cipher.final()]);
}

function unwrap(under: KeyObject, wrapped: Uint8Array): Uint8Array {
  const cipher = createDecipheriv('id-aes256-wrap', under, WRAP_IV);
  return Buffer.concat([cipher.update(wrapped), cipher.final()]);
}
