import {
  AuthorityKeyIdentifierExtension,
  Extension,
  PemConverter,
  X509Certificate,
  X509Crl,
  X509CrlGenerator,
  X509CrlReason,
} from './x509.js';
import { instantOf, type Instant } from '#terms';
import type { Authority } from './authority.js';
import { CertificateError } from './error.js';
import { readPrivateKey, SIGNING } from './keys.js';
import { backdated } from './lifetime.js';
import { toPem } from './pem.js';
import { parseSerial, type Serial } from './serial.js';

export interface Revoked {
  readonly serial: Serial;
  readonly at: Instant;
  readonly reason: 'key compromised' | 'agency left' | 'replaced' | 'not said';
}

export interface RevocationTerms {
  readonly revoked: readonly Revoked[];
  readonly at: Instant;
  /** After this instant the runtime locks out everyone under the authority: issue the next list long before. */
  readonly until: Instant;
  /** Grows with every list of one authority, so that an old list cannot pass for the newest. */
  readonly number: number;
}

export interface RevocationList {
  readonly issuer: string;
  readonly serials: ReadonlySet<Serial>;
  readonly until: Instant;
}

const REASONS = {
  'key compromised': X509CrlReason.keyCompromise,
  'agency left': X509CrlReason.cessationOfOperation,
  replaced: X509CrlReason.superseded,
  'not said': X509CrlReason.unspecified,
} as const;

/**
 * Signs the list of what an authority has revoked. Every authority of a chain needs a living one, an empty one too: the
 * runtime refuses everybody under an authority whose list is missing or stale.
 *
 * @example
 * const crl = await issueRevocationList(issuing, {
 *   revoked: [{ serial, at, reason: 'key compromised' }],
 *   at,
 *   until: instantOf(at + 7 * 86_400_000),
 *   number: 42,
 * });
 */
export async function issueRevocationList(authority: Authority, terms: RevocationTerms): Promise<string> {
  if (terms.until <= terms.at)
    throw new CertificateError('CERTIFICATE_LIFETIME', 'a revocation list must end after it begins');
  const issuer = new X509Certificate(authority.certificate);
  const list = await X509CrlGenerator.create({
    issuer: issuer.subjectName,
    thisUpdate: backdated(terms.at),
    nextUpdate: new Date(terms.until),
    signingAlgorithm: SIGNING,
    signingKey: await readPrivateKey(authority.privateKey),
    entries: terms.revoked.map(({ serial, at, reason }) => ({
      serialNumber: serial,
      revocationDate: new Date(at),
      // RFC 5280 section 5.3.1: leave the reason out rather than write `unspecified`.
      ...(reason === 'not said' ? {} : { reason: REASONS[reason] }),
    })),
    extensions: [await AuthorityKeyIdentifierExtension.create(issuer.publicKey), listNumber(terms.number)],
  });
  return toPem(list.rawData, 'X509 CRL');
}

/** Reads a list and checks that `authority` (PEM certificate) signed it. */
export async function readRevocationList(pem: string, authority: string): Promise<RevocationList> {
  let list: X509Crl;
  let authentic: boolean;
  try {
    list = new X509Crl(PemConverter.decodeFirst(pem));
    authentic = await list.verify({ publicKey: new X509Certificate(authority) });
  } catch {
    authentic = false;
  }
  if (!authentic || list!.nextUpdate === undefined)
    throw new CertificateError('CERTIFICATE_MALFORMED', 'this is not a revocation list of that authority');
  return {
    issuer: list!.issuer,
    serials: new Set(list!.entries.map((entry) => parseSerial(entry.serialNumber))),
    until: instantOf(list!.nextUpdate.getTime()),
  };
}

function listNumber(number: number): Extension {
  if (!Number.isSafeInteger(number) || number < 0)
    throw new CertificateError('CERTIFICATE_SERIAL', 'a revocation list is numbered from 0 upwards');
  let hex = number.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  if (parseInt(hex.slice(0, 2), 16) > 127) hex = `00${hex}`;
  const digits = Buffer.from(hex, 'hex');
  return new Extension('2.5.29.20', false, Buffer.from([0x02, digits.length, ...digits]));
}
