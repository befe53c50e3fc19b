import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from './x509.js';
import type { AgencyId, Instant } from '#terms';
import type { Authority } from './authority.js';
import { CertificateError } from './error.js';
import { agencyUri } from './identify.js';
import { readPrivateKey, SIGNING } from './keys.js';
import { lifetime, MOST_DAYS } from './lifetime.js';
import { toPem } from './pem.js';
import type { RequestedKey } from './request.js';
import type { Serial } from './serial.js';

interface LeafTerms {
  /** A fresh pair's public key, or what `readRequest` found. */
  readonly publicKey: CryptoKey | RequestedKey;
  readonly at: Instant;
  /** 1 to 90. */
  readonly days: number;
  readonly serial: Serial;
}

/**
 * Issues the certificate with which an agency's systems prove who they are. Good for clients only: it names no host, and
 * the issuing authority forbids it to issue anything itself.
 *
 * @example
 * const pem = await issueAgencyCertificate(issuing, {
 *   agency: 'county-police' as AgencyId,
 *   publicKey: await readRequest(csr),
 *   at,
 *   days: 90,
 *   serial: serialOf(randomBytes(16)),
 * });
 */
export async function issueAgencyCertificate(
  issuing: Authority,
  terms: LeafTerms & { readonly agency: AgencyId },
): Promise<string> {
  const names: JsonGeneralName[] = [{ type: 'url', value: agencyUri(terms.agency) }];
  return issueLeaf(issuing, terms, terms.agency, names, ExtendedKeyUsage.clientAuth);
}

/** Issues a certificate for one of our own servers. It opens nothing: shown as a client's, the handshake refuses it. */
export async function issueServerCertificate(
  issuing: Authority,
  terms: LeafTerms & { readonly hosts: readonly [string, ...string[]] },
): Promise<string> {
  const names = terms.hosts.map((host): JsonGeneralName => ({ type: isAddress(host) ? 'ip' : 'dns', value: host }));
  return issueLeaf(issuing, terms, terms.hosts[0], names, ExtendedKeyUsage.serverAuth);
}

async function issueLeaf(
  issuing: Authority,
  terms: LeafTerms,
  commonName: string,
  names: JsonGeneralName[],
  usage: ExtendedKeyUsage,
): Promise<string> {
  const issuer = new X509Certificate(issuing.certificate);
  const publicKey = new PublicKey(await spkiOf(terms.publicKey));
  const span = lifetime(terms.at, terms.days, MOST_DAYS);
  if (span.notAfter > issuer.notAfter)
    throw new CertificateError('CERTIFICATE_LIFETIME', 'a certificate may not outlive the authority that issues it');
  const certificate = await X509CertificateGenerator.create({
    serialNumber: terms.serial,
    subject: [{ CN: [commonName] }],
    issuer: issuer.subjectName,
    ...span,
    signingAlgorithm: SIGNING,
    signingKey: await readPrivateKey(issuing.privateKey),
    publicKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([usage]),
      new SubjectAlternativeNameExtension(names),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return toPem(certificate.rawData, 'CERTIFICATE');
}

async function spkiOf(key: CryptoKey | RequestedKey): Promise<ArrayBuffer> {
  return key instanceof ArrayBuffer ? key : crypto.subtle.exportKey('spki', key);
}

function isAddress(host: string): boolean {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host) || /^[0-9a-f:]*:[0-9a-f:]*$/i.test(host)) return true;
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(host)) return false;
  throw new CertificateError('CERTIFICATE_NAME', 'a server is named by host names or addresses');
}
