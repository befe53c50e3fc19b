import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { type HashUse, KEY_OPEN_AT_MOST, type Keyring, type WrappedKeys } from '#disclosure';
import { codeOf, GatewayError } from './error.js';
import type { KeyEpochs } from './key-epochs.js';

const HASH_USES: readonly HashUse[] = ['local id', 'docket', 'link code', 'decision', 'not released'];
const WRAP_IV = Buffer.alloc(8, 0xa6); // RFC 3394, section 2.2.3.1
/** Between two sweeps a lapsed key may still lie in memory. */
const SWEPT_EVERY = 10_000;
const REMEMBERED_FOR = KEY_OPEN_AT_MOST - SWEPT_EVERY;
const REMEMBERED_AT_MOST = 50_000;
/** Before a wrapping stands the number of its epoch; one without is the master key's own, as if of epoch 0. */
const EPOCH = 4;
const WRAPPED = 40;

/** Keys that come to an end, one after another. */
export interface Epochs {
  readonly keys: KeyEpochs;
  /** Where a key lies wrapped anew whose old wrapping somebody still has in memory. */
  readonly stored: WrappedKeys;
}

/**
 * A master key held by this process: for the sandbox, a trial and the tests. A county keeps its master key in an external
 * key service, behind the same port.
 *
 * With `epochs` the master key makes the hashes that things are found by and wraps nothing new: it could never be destroyed.
 */
export class MasterKeyring implements Keyring {
  readonly #wrapping: KeyObject;
  readonly #epochs: Epochs | undefined;
  readonly #hashing: ReadonlyMap<string, KeyObject>;
  readonly #opened = new Map<string, { readonly key: KeyObject; readonly until: number }>();
  readonly #monotonic: () => number;
  readonly #sweeping: NodeJS.Timeout;

  constructor(masterKey: Uint8Array, monotonic: () => number, epochs?: Epochs) {
    if (masterKey.length !== 32) throw new RangeError('a master key has 32 bytes');
    this.#wrapping = derive(masterKey, 'wrapping');
    this.#hashing = new Map(HASH_USES.map((use) => [use, derive(masterKey, `hashing ${use}`)]));
    this.#monotonic = monotonic;
    this.#epochs = epochs;
    this.#sweeping = setInterval(() => this.#sweep(), SWEPT_EVERY).unref();
  }

  /** How many keys lie open in memory. */
  get remembered(): number {
    return this.#opened.size;
  }

  async mint(): Promise<{ readonly key: KeyObject; readonly wrapped: Uint8Array }> {
    // The database keeps nothing that an older epoch wraps, once a newer one has begun.
    await this.#reread();
    const key = secretOf(randomBytes(32));
    return { key, wrapped: this.#wrap(key) };
  }

  async open(id: string, wrapped: Uint8Array): Promise<KeyObject> {
    const now = this.#monotonic();
    const known = this.#opened.get(id);
    if (known !== undefined && known.until > now) return known.key;
    const key = await this.#unwrapped(id, wrapped);
    if (this.#opened.size >= REMEMBERED_AT_MOST) this.#forgetLapsed(now);
    if (this.#opened.size >= REMEMBERED_AT_MOST) this.#opened.clear();
    this.#opened.set(id, { key, until: now + REMEMBERED_FOR });
    return key;
  }

  forget(id: string): void {
    this.#opened.delete(id);
  }

  /** The same key under the newest epoch. */
  rewrap(wrapped: Uint8Array): Uint8Array {
    return this.#wrap(this.#unwrap(wrapped));
  }

  #wrap(key: KeyObject): Uint8Array {
    const newest = this.#epochs?.keys.newest ?? 0;
    const cipher = createCipheriv('id-aes256-wrap', this.#under(newest) ?? this.#wrapping, WRAP_IV);
    const bytes = key.export();
    const wrapped = Buffer.concat([cipher.update(bytes), cipher.final()]);
    bytes.fill(0);
    if (newest === 0) return wrapped;
    const epoch = Buffer.alloc(EPOCH);
    epoch.writeUInt32BE(newest);
    return Buffer.concat([epoch, wrapped]);
  }

  async #unwrapped(id: string, wrapped: Uint8Array): Promise<KeyObject> {
    if (this.#epochs === undefined || this.#under(epochOf(wrapped)) !== undefined) return this.#unwrap(wrapped);
    // Either its epoch began a moment ago, or it is over, and the key lies wrapped anew where it is kept.
    await this.#reread();
    if (this.#under(epochOf(wrapped)) !== undefined) return this.#unwrap(wrapped);
    return this.#unwrap((await this.#epochs.stored.find([id])).get(id) ?? wrapped);
  }

  #under(epoch: number): KeyObject | undefined {
    return epoch === 0 ? this.#wrapping : this.#epochs?.keys.key(epoch);
  }

  #unwrap(wrapped: Uint8Array): KeyObject {
    try {
      const under = this.#under(epochOf(wrapped));
      if (under === undefined) throw new RangeError('an epoch whose key is not here');
      const decipher = createDecipheriv('id-aes256-wrap', under, WRAP_IV);
      return secretOf(Buffer.concat([decipher.update(wrapped.subarray(-WRAPPED)), decipher.final()]));
    } catch (cause) {
      throw new GatewayError('MASTER_KEY_WRONG', 'The master key does not open what this database holds.', { cause });
    }
  }

  keyedHash(use: HashUse, ...parts: readonly string[]): Uint8Array {
    const key = this.#hashing.get(use);
    if (key === undefined) throw new RangeError('no such use of the keyed hash');
    // Each part is preceded by its length, so that ("ab", "c") and ("a", "bc") never meet.
    let hashed = '';
    for (const part of parts) hashed += `${Buffer.byteLength(part)}:${part}`;
    return createHmac('sha256', key).update(hashed).digest();
  }

  /** Forgets every open key, and stops. */
  close(): void {
    clearInterval(this.#sweeping);
    this.#opened.clear();
  }

  #sweep(): void {
    this.#forgetLapsed(this.#monotonic());
    void this.#reread();
  }

  /** Where the file cannot be read, what it last said holds. */
  async #reread(): Promise<void> {
    await this.#epochs?.keys.reread().catch(() => undefined);
  }

  #forgetLapsed(now: number): void {
    for (const [id, { until }] of this.#opened) if (until <= now) this.#opened.delete(id);
  }
}

/** The epoch under which a key is wrapped; 0 is the master key itself. */
function epochOf(wrapped: Uint8Array): number {
  return wrapped.length === EPOCH + WRAPPED ? Buffer.from(wrapped).readUInt32BE() : 0;
}

/** Reads the master key, or makes one where there is none yet. The file is readable by its owner alone. */
export async function masterKeyFrom(path: string): Promise<Uint8Array> {
  // Linked into place whole: of two processes that start at once, neither reads half of what the other writes.
  const written = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(written, randomBytes(32).toString('base64'), { flag: 'wx', mode: 0o600 });
    await link(written, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(written, { force: true });
  }
  return readMasterKey(path);
}

/** Reads a master key that must be there: a new one in its place would open nothing of what is kept. */
export async function readMasterKey(path: string): Promise<Uint8Array> {
  const key = Buffer.from(await readFile(path, 'utf8'), 'base64');
  if (key.length !== 32) throw new Error(`${path} does not hold a master key of 32 bytes`);
  return key;
}

/** The bytes go on as a key object alone, which no dump of the heap holds. */
function secretOf(key: Buffer): KeyObject {
  const secret = createSecretKey(key);
  key.fill(0);
  return secret;
}

/** As a key object: with raw bytes Node takes four times as long for a hash, and three times for a cipher. */
function derive(masterKey: Uint8Array, use: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', masterKey, new Uint8Array(0), `postern ${use}`, 32)));
}
