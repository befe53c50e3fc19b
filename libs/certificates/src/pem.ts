import { PemConverter } from './x509.js';

type Tag = 'CERTIFICATE' | 'CERTIFICATE REQUEST' | 'PRIVATE KEY' | 'X509 CRL';

/**
 * Writes PEM that OpenSSL reads: the library's own `toString('pem')` ends without a newline, so that two texts joined to
 * a chain are garbage, and labels a revocation list `CRL`, which nobody else does.
 */
export function toPem(der: ArrayBuffer, tag: Tag): string {
  return `${PemConverter.encode(der, tag)}\n`;
}
