import { CertificateError } from './error.js';

declare const serial: unique symbol;
/** The number of a certificate within its authority: 32 upper-case hex digits, as OpenSSL and Node print it. */
export type Serial = string & { readonly [serial]: true };

/**
 * Makes a serial of 16 random bytes. The first two bits are set to 01, so that every serial is a positive number of the
 * same length and no writer drops or adds a leading byte: two spellings of one serial would slip past a revocation list.
 *
 * @example serialOf(randomBytes(16))
 */
export function serialOf(random: Uint8Array): Serial {
  if (random.length !== 16) throw new CertificateError('CERTIFICATE_SERIAL', 'a serial is made of 16 random bytes');
  const bytes = Buffer.from(random);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex').toUpperCase() as Serial;
}

/** Reads a serial as Node, OpenSSL or a revocation list spells it. */
export function parseSerial(text: string): Serial {
  const digits = text.toUpperCase().replace(/^0+(?=.)/, '');
  if (!/^[0-9A-F]{1,40}$/.test(digits)) throw new CertificateError('CERTIFICATE_SERIAL', 'a serial is a hex number');
  return digits as Serial;
}
