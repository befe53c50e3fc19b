export type CertificateErrorCode =
  | 'CERTIFICATE_LIFETIME'
  | 'CERTIFICATE_MALFORMED'
  | 'CERTIFICATE_NAME'
  | 'CERTIFICATE_SERIAL'
  | 'CALLER_KEY_MALFORMED'
  | 'CALLER_KEY_PRIVATE'
  | 'REQUEST_MALFORMED'
  | 'REQUEST_NOT_SIGNED'
  | 'REQUEST_WEAK_KEY';

/** Why a certificate, a request or a key was not made or not taken. The message holds nothing that the peer sent. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';

  constructor(
    readonly code: CertificateErrorCode,
    message: string,
  ) {
    super(message);
  }
}
