import { Pkcs10CertificateRequest, Pkcs10CertificateRequestGenerator } from './x509.js';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { CertificateError } from './error.js';
import { SIGNING } from './keys.js';
import { toPem } from './pem.js';

/** The public key whose owner has asked for a certificate and has shown that the private key is hers. */
export type RequestedKey = ArrayBuffer & { readonly __requested: true };

const LONGEST_REQUEST = 16_384;

/** Makes a certificate signing request (PKCS #10, PEM) for a key pair that never leaves its owner. */
export async function createRequest(keys: CryptoKeyPair): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm: SIGNING });
  return toPem(request.rawData, 'CERTIFICATE REQUEST');
}

/**
 * Takes from a request the one thing we use of it: a public key, once its signature proves possession. The names and
 * extensions it asks for are ignored: a certificate says what was enrolled, not what was asked for, or a shelter's
 * system could ask to be called the police.
 *
 * @example const key = await readRequest(await createRequest(await newKeyPair()));
 */
export async function readRequest(pem: string): Promise<RequestedKey> {
  const request = parseRequest(pem);
  if (!isStrong(request.publicKey.rawData))
    throw new CertificateError(
      'REQUEST_WEAK_KEY',
      'the key must be ECDSA on P-256 or P-384, Ed25519, or RSA of at least 3072 bits',
    );
  if (!(await signedByItsKey(request)))
    throw new CertificateError('REQUEST_NOT_SIGNED', 'the request is not signed by the key that it names');
  return request.publicKey.rawData as RequestedKey;
}

function parseRequest(pem: string): Pkcs10CertificateRequest {
  if (pem.length <= LONGEST_REQUEST && pem.includes('-----BEGIN CERTIFICATE REQUEST-----')) {
    try {
      return new Pkcs10CertificateRequest(pem);
    } catch {
      // Falls through: the parser's own messages quote what was sent.
    }
  }
  throw new CertificateError('REQUEST_MALFORMED', 'this is not one PEM certificate request (PKCS #10)');
}

async function signedByItsKey(request: Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify();
  } catch {
    return false;
  }
}

function isStrong(spki: ArrayBuffer): boolean {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    return false;
  }
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  const kind = key.asymmetricKeyType;
  if (kind === 'ec') return namedCurve === 'prime256v1' || namedCurve === 'secp384r1';
  return kind === 'ed25519' || (kind === 'rsa' && modulusLength >= 3072);
}
