import { PemConverter } from './x509.js';
import { toPem } from './pem.js';

/** ECDSA on P-256: the one curve that every TLS stack an agency may run can use. */
export const SIGNING = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A fresh key pair of an authority, an agency or a server. */
export async function newKeyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(SIGNING, true, ['sign', 'verify']);
}

/** The private key as PKCS #8 PEM. Whoever holds the text is the party; it never enters a database or a log. */
export async function privateKeyPem(keys: CryptoKeyPair): Promise<string> {
  return toPem(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
}

/** Reads a private key that `privateKeyPem` wrote. */
export async function readPrivateKey(pem: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), SIGNING, false, ['sign']);
}
