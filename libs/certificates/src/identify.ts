import type { X509Certificate } from 'node:crypto';
import type { AgencyId, Instant } from '#terms';
import { instantOf } from '#terms';
import { CertificateError } from './error.js';
import { parseSerial, type Serial } from './serial.js';

const AGENCY = 'urn:postern:agency:';
const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

/** What a client certificate says. Saying is all it does: whether to believe it is the handshake's to answer. */
export interface Peer {
  readonly agency: AgencyId;
  readonly serial: Serial;
  /** The first instant at which it counts no more; a connection can outlive it. */
  readonly ends: Instant;
}

/** The name an agency's certificate carries, such as `urn:postern:agency:county-police`. */
export function agencyUri(agency: AgencyId): string {
  if (!SLUG.test(agency) || agency.length > 63)
    throw new CertificateError('CERTIFICATE_NAME', 'an agency is named with lower-case letters, digits and hyphens');
  return AGENCY + agency;
}

/**
 * Reads which agency a certificate names, or nothing if it does not name exactly one. Only for certificates that the TLS
 * handshake accepted: nothing is verified here.
 *
 * @example agencyOf(socket.getPeerX509Certificate())?.agency // 'county-police'
 */
export function agencyOf(certificate: X509Certificate): Peer | undefined {
  // The whole text must be one URI of ours. Node joins names with commas and quotes odd ones, so a certificate that
  // names two parties, or hides a comma in one name, can never be read as either.
  const names = certificate.subjectAltName;
  if (!names?.startsWith(`URI:${AGENCY}`)) return undefined;
  const slug = names.slice(4 + AGENCY.length);
  if (!SLUG.test(slug) || slug.length > 63) return undefined;
  if (!certificate.keyUsage?.includes(CLIENT_AUTHENTICATION)) return undefined;
  return {
    agency: slug as AgencyId,
    serial: parseSerial(certificate.serialNumber),
    ends: instantOf(Date.parse(certificate.validTo)),
  };
}
