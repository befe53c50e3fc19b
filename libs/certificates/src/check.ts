import { X509Certificate } from 'node:crypto';
import type { Instant } from '#terms';
import { agencyOf, type Peer } from './identify.js';
import type { RevocationList } from './revoke.js';
import { parseSerial } from './serial.js';

export type Verdict =
  | { readonly kind: 'good'; readonly peer: Peer }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'self_signed' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'not_yet_valid' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'not_an_agency' };

/**
 * Says what our handshake would say about a client certificate, in words: the handshake itself only hangs up, which
 * leaves an engineer guessing. Answers for certificates issued by `issuing` (PEM) itself.
 *
 * @example checkPeer(pem, { issuing: issuing.certificate, list, at }) // { kind: 'expired' }
 */
export function checkPeer(
  pem: string,
  under: { readonly issuing: string; readonly list: RevocationList; readonly at: Instant },
): Verdict {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return { kind: 'malformed' };
  }
  const issuer = new X509Certificate(under.issuing);
  if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
    const itself = certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
    return { kind: itself ? 'self_signed' : 'foreign' };
  }
  if (under.at < Date.parse(certificate.validFrom)) return { kind: 'not_yet_valid' };
  if (under.at >= Date.parse(certificate.validTo)) return { kind: 'expired' };
  if (under.list.serials.has(parseSerial(certificate.serialNumber))) return { kind: 'revoked' };
  const peer = agencyOf(certificate);
  return peer === undefined ? { kind: 'not_an_agency' } : { kind: 'good', peer };
}
