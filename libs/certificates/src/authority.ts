import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from './x509.js';
import type { Instant } from '#terms';
import { CertificateError } from './error.js';
import { newKeyPair, privateKeyPem, readPrivateKey, SIGNING } from './keys.js';
import { lifetime } from './lifetime.js';
import { toPem } from './pem.js';
import type { Serial } from './serial.js';

/** An authority as it is kept: two PEM texts. The root's key belongs off the machine once it has signed the issuer. */
export interface Authority {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface AuthorityTerms {
  /** Its common name, letters, digits, spaces and hyphens. */
  readonly name: string;
  readonly at: Instant;
  readonly days: number;
  readonly serial: Serial;
}

const MOST_AUTHORITY_DAYS = 3660;

/**
 * Creates the self-signed root under which one Postern's authorities stand.
 *
 * @example
 * const root = await createRoot({ name: 'Riverside County Root', at, days: 3650, serial: serialOf(randomBytes(16)) });
 * const issuing = await createIssuing(root, { name: 'Riverside County Issuing', at, days: 1095, serial: … });
 */
export async function createRoot(terms: AuthorityTerms): Promise<Authority> {
  const keys = await newKeyPair();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: terms.serial,
    name: [{ CN: [authorityName(terms.name)] }],
    ...lifetime(terms.at, terms.days, MOST_AUTHORITY_DAYS),
    signingAlgorithm: SIGNING,
    keys,
    extensions: [
      // One authority may stand below the root, and nothing below that one: an agency can never issue.
      new BasicConstraintsExtension(true, 1, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: toPem(certificate.rawData, 'CERTIFICATE'), privateKey: await privateKeyPem(keys) };
}

/** Creates the authority that issues to agencies and servers, so that the root's key can stay offline. */
export async function createIssuing(root: Authority, terms: AuthorityTerms): Promise<Authority> {
  const keys = await newKeyPair();
  const issuer = new X509Certificate(root.certificate);
  const span = lifetime(terms.at, terms.days, MOST_AUTHORITY_DAYS);
  if (span.notAfter > issuer.notAfter)
    throw new CertificateError('CERTIFICATE_LIFETIME', 'an issuing authority may not outlive its root');
  const certificate = await X509CertificateGenerator.create({
    serialNumber: terms.serial,
    subject: [{ CN: [authorityName(terms.name)] }],
    issuer: issuer.subjectName,
    ...span,
    signingAlgorithm: SIGNING,
    signingKey: await readPrivateKey(root.privateKey),
    publicKey: keys.publicKey,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: toPem(certificate.rawData, 'CERTIFICATE'), privateKey: await privateKeyPem(keys) };
}

function authorityName(name: string): string {
  // The name is parsed again by every reader of the certificate; quotes and commas mean something to some of them.
  if (!/^[A-Za-z0-9][A-Za-z0-9 -]{0,62}$/.test(name))
    throw new CertificateError('CERTIFICATE_NAME', 'an authority is named with letters, digits, spaces and hyphens');
  return name;
}
