import { createHash, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { DisclosureError } from './error.js';

/** A public key under which values may be sealed for an agency (RFC 8037), by its RFC 7638 thumbprint: no two share one. */
export interface RecipientKey {
  readonly kid: string;
  readonly publicKey: { readonly kty: 'OKP'; readonly crv: 'X25519'; readonly x: string };
}

/** Reads a public recipient key. Throws `RECIPIENT_KEY_INVALID` for a private one, and for one that would keep no secret. */
export function readRecipientKey(jwk: unknown): RecipientKey {
  if (typeof jwk !== 'object' || jwk === null) throw invalid('it is a JSON Web Key');
  const { kty, crv, x, d }: { kty?: unknown; crv?: unknown; x?: unknown; d?: unknown } = jwk;
  if (d !== undefined) throw invalid('this is a private key: make a new pair, and send only the public half');
  if (kty !== 'OKP' || crv !== 'X25519' || typeof x !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(x))
    throw invalid('it is an X25519 public key (kty OKP, crv X25519, x)');
  const key = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  try {
    // THREAT: under a point of small order everybody knows the secret, and whoever seals would not notice.
    diffieHellman({ privateKey: generateKeyPairSync('x25519').privateKey, publicKey: key });
  } catch {
    throw invalid('this key keeps no secret');
  }
  // Exported again, so that a key has one name however its last two bits were spelled.
  const publicKey = { kty, crv, x: String(key.export({ format: 'jwk' }).x) } as const;
  const named = `{"crv":"X25519","kty":"OKP","x":"${publicKey.x}"}`;
  return { kid: createHash('sha256').update(named).digest('base64url'), publicKey };
}

function invalid(why: string): DisclosureError {
  return new DisclosureError('RECIPIENT_KEY_INVALID', `the recipient key cannot be used: ${why}`);
}
