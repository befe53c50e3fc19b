import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CertificateError } from './error.js';

declare const kid: unique symbol;
/** The name of a caller key: its RFC 7638 thumbprint, so that two keys never share one. */
export type KeyId = string & { readonly [kid]: true };

/** The public key under which an agency's system signs who is asking, as enrolled. */
export interface CallerKey {
  readonly kid: KeyId;
  readonly publicKey: KeyObject;
}

/** As JSON Web Keys (RFC 8037). The private half stays at the agency. */
export interface NewCallerKey {
  readonly kid: KeyId;
  readonly privateKey: JsonWebKey;
  readonly publicKey: JsonWebKey;
}

/**
 * Makes an Ed25519 pair for caller contexts: six to seven times cheaper to verify than ES384, once per question.
 *
 * @example const { kid, privateKey, publicKey } = createCallerKey();
 */
export function createCallerKey(): NewCallerKey {
  const pair = generateKeyPairSync('ed25519');
  const publicKey = pair.publicKey.export({ format: 'jwk' });
  return {
    kid: thumbprint(String(publicKey.x)),
    privateKey: pair.privateKey.export({ format: 'jwk' }),
    publicKey,
  };
}

/** Reads a public caller key that an agency enrols. */
export function readCallerKey(jwk: unknown): CallerKey {
  if (typeof jwk !== 'object' || jwk === null)
    throw new CertificateError('CALLER_KEY_MALFORMED', 'a caller key is a JSON Web Key');
  const { kty, crv, x, d }: { kty?: unknown; crv?: unknown; x?: unknown; d?: unknown } = jwk;
  // Whoever sends us the private half has lost control of it: better refused now than trusted for years.
  if (d !== undefined)
    throw new CertificateError(
      'CALLER_KEY_PRIVATE',
      'this is a private key: make a new pair, send only the public half',
    );
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(x))
    throw new CertificateError(
      'CALLER_KEY_MALFORMED',
      'a caller key is an Ed25519 public key (kty OKP, crv Ed25519, x)',
    );
  // Exported again, so that a key has one name however its last two bits were spelled.
  const publicKey = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  return { kid: thumbprint(String(publicKey.export({ format: 'jwk' }).x)), publicKey };
}

function thumbprint(x: string): KeyId {
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url') as KeyId;
}
