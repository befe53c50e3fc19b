import { createDecipheriv, createHash, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { encode } from 'cborg';
import * as fc from 'fast-check';
import { decodeErasure, encodeErasure } from './erasure.js';
import { LedgerError } from './error.js';
import { decodeHeader, encodeHeader, FILLER } from './header.js';
import { RECEIPT_SIZE, signReceipt, verifyReceipt } from './receipt.js';
import { filler, logIdOf, PersonKey, rewrap, seal, Unsealed, unseal } from './seal.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const sha256 = (...parts: Uint8Array[]): string => createHash('sha256').update(Buffer.concat(parts)).digest('hex');
const logId = logIdOf('postern.example/county');
const [hers, his]: [PersonKey, PersonKey] = [keyOf(1), keyOf(2)];

function keyOf(n: number): PersonKey {
  return { id: new Uint8Array(16).fill(n), secret: createSecretKey(createHash('sha256').update(`key ${n}`).digest()) };
}

function unsealed(more: Partial<Unsealed> = {}): Unsealed {
  const fixed = { id: randomBytes(16), type: 2, at: 1_800_000_000_000, policy: new Uint8Array(32).fill(9) };
  return { ...fixed, body: Buffer.from('what was decided'), keys: [hers], ...more };
}

function refused(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof LedgerError ? error.code : String(error);
  }
  return 'not refused';
}

describe('a header', () => {
  it('is deterministic CBOR with numbered keys, byte for byte', () => {
    const header = { type: 2, hour: 500_000, policy: new Uint8Array(32).fill(9), id: new Uint8Array(16).fill(1) };
    expect(hex(encodeHeader(header))).toBe(`a40102021a0007a120035820${'09'.repeat(32)}0450${'01'.repeat(16)}`);
  });

  it('comes back as it was, whatever was encoded before it', () => {
    const policy = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const id = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const header = fc.record({ type: fc.nat(70_000), hour: fc.nat(), policy, id });
    fc.assert(
      fc.property(header, header, (one, two) => {
        const [first, second, again] = [encodeHeader(one), encodeHeader(two), encodeHeader(one)];
        expect(hex(again)).toBe(hex(first));
        expect({ ...decodeHeader(second), policy: hex(decodeHeader(second).policy), id: hex(two.id) }).toEqual({
          ...two,
          policy: hex(two.policy),
          id: hex(two.id),
        });
      }),
    );
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['no CBOR', Uint8Array.of(0xff, 0xff)],
    ['a list', encode([1, 2, 3, 4])],
    ['a field missing', encode(new Map([[1, 2]]))],
    [
      'a field more',
      encode(
        new Map<number, unknown>([
          [1, 2],
          [2, 3],
          [3, new Uint8Array(32)],
          [4, new Uint8Array(16)],
          [5, 1],
        ]),
      ),
    ],
    [
      'a short id',
      encode(
        new Map<number, unknown>([
          [1, 2],
          [2, 3],
          [3, new Uint8Array(32)],
          [4, new Uint8Array(15)],
        ]),
      ),
    ],
    [
      'an hour before 1970',
      encode(
        new Map<number, unknown>([
          [1, 2],
          [2, -3],
          [3, new Uint8Array(32)],
          [4, new Uint8Array(16)],
        ]),
      ),
    ],
    [
      'a number longer than need be',
      Buffer.from(`a4011802021a0007a120035820${'09'.repeat(32)}0450${'01'.repeat(16)}`, 'hex'),
    ],
    ['bytes behind it', Buffer.from(`a40102021a0007a120035820${'09'.repeat(32)}0450${'01'.repeat(16)}00`, 'hex')],
  ])('is refused with %s', (_, bytes) => {
    expect(refused(() => decodeHeader(bytes))).toBe('LEDGER_MALFORMED');
  });
});

describe('a sealed entry', () => {
  it('has a commitment to its content, and a leaf over header and commitment', () => {
    const { header, commitment, leaf, content } = seal(logId, unsealed(), randomBytes);
    expect(hex(commitment)).toBe(sha256(content!.salt, content!.ciphertext));
    expect(hex(leaf)).toBe(sha256(Uint8Array.of(0), header, commitment));
  });

  it('opens with each of its keys, and after a link with one more', () => {
    const entry = seal(logId, unsealed({ keys: [hers, his] }), randomBytes);
    expect(unseal(logId, entry, hers).toString()).toBe('what was decided');
    expect(unseal(logId, entry, his).toString()).toBe('what was decided');
    const third = keyOf(3);
    const linked = { ...entry, keys: [...entry.keys, rewrap(entry, hers, third)] };
    expect(unseal(logId, linked, third).toString()).toBe('what was decided');
  });

  it('has a key of its own that no other entry has', () => {
    const secrets = [1, 2].map(() => {
      const { keys } = seal(logId, unsealed(), randomBytes);
      const unwrapping = createDecipheriv('id-aes256-wrap', hers.secret, Buffer.alloc(8, 0xa6));
      return hex(Buffer.concat([unwrapping.update(keys[0]!.wrapped), unwrapping.final()]));
    });
    expect(secrets[0]).not.toBe(secrets[1]);
    expect(secrets[0]).toHaveLength(64);
  });

  it('does not open elsewhere, with another key, or altered', () => {
    const entry = seal(logId, unsealed(), randomBytes);
    const { salt, ciphertext } = entry.content!;
    const altered = ciphertext.with(0, ciphertext[0]! ^ 1);
    const attempts: [string, () => unknown][] = [
      ['in another log', () => unseal(logIdOf('another'), entry, hers)],
      ['as another entry', () => unseal(logId, { ...entry, id: randomBytes(16) }, hers)],
      ['with a key it does not name', () => unseal(logId, entry, his)],
      ['with another key of that name', () => unseal(logId, entry, { ...his, id: hers.id })],
      ['altered', () => unseal(logId, { ...entry, content: { salt, ciphertext: altered } }, hers)],
      ['cut short', () => unseal(logId, { ...entry, content: { salt, ciphertext: ciphertext.subarray(0, 9) } }, hers)],
      ['with another salt', () => unseal(logId, { ...entry, content: { salt: randomBytes(32), ciphertext } }, hers)],
      ['erased', () => unseal(logId, { ...entry, content: undefined }, hers)],
      ['under a key that cannot be passed on', () => rewrap(entry, his, keyOf(3))],
    ];
    for (const [what, attempt] of attempts) expect([what, refused(attempt)]).toEqual([what, 'LEDGER_UNREADABLE']);
  });

  it('is a filler with nothing in it', () => {
    const { header, commitment, content, keys } = filler(unsealed());
    expect(decodeHeader(header).type).toBe(FILLER);
    expect([hex(commitment), content, keys]).toEqual(['00'.repeat(32), undefined, []]);
  });
});

describe('a receipt', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { id: entryId, leaf } = seal(logId, unsealed(), randomBytes);

  it('has one length and says what it was signed for', async () => {
    const receipt = await signReceipt(logId, { entryId, leaf }, privateKey);
    expect(receipt).toHaveLength(RECEIPT_SIZE);
    expect(hex(verifyReceipt(logId, receipt, publicKey).leaf)).toBe(hex(leaf));
    expect(hex(await signReceipt(logId, { entryId, leaf }, privateKey))).toBe(hex(receipt));
  });

  it('does not verify for another log or key, or altered anywhere', async () => {
    const receipt = await signReceipt(logId, { entryId, leaf }, privateKey);
    const other = generateKeyPairSync('ed25519').publicKey;
    expect(refused(() => verifyReceipt(logIdOf('another'), receipt, publicKey))).toBe('LEDGER_MALFORMED');
    expect(refused(() => verifyReceipt(logId, receipt, other))).toBe('LEDGER_MALFORMED');
    expect(refused(() => verifyReceipt(logId, receipt.subarray(1), publicKey))).toBe('LEDGER_MALFORMED');
    fc.assert(
      fc.property(fc.nat(RECEIPT_SIZE - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const altered = Buffer.from(receipt);
        altered[at]! ^= change;
        expect(refused(() => verifyReceipt(logId, altered, publicKey))).toBe('LEDGER_MALFORMED');
      }),
    );
  });
});

describe('an erasure', () => {
  it('lists indices', () => {
    expect(decodeErasure(encodeErasure([]))).toEqual([]);
    expect(decodeErasure(encodeErasure([1, 5, 70_000]))).toEqual([1, 5, 70_000]);
  });

  it.each([
    ['no CBOR', Uint8Array.of(0xff)],
    ['no list', encode(new Map([[1, 5]]))],
    ['a list the wrong way round', encodeErasure([5, 1])],
    ['an index twice', encodeErasure([5, 5])],
    ['a fraction', encodeErasure([1.5])],
    [
      'a field more',
      encode(
        new Map<number, unknown>([
          [1, [5]],
          [2, 1],
        ]),
      ),
    ],
  ])('is refused with %s', (_, bytes) => {
    expect(refused(() => decodeErasure(bytes))).toBe('LEDGER_MALFORMED');
  });
});
