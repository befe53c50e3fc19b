export type WebErrorCode =
  | 'AGENCY_SUSPENDED'
  | 'AGENCY_UNKNOWN'
  | 'BODY_INVALID'
  | 'BODY_TOO_LARGE'
  | 'CALLER_EXPIRED'
  | 'CALLER_KEY_UNKNOWN'
  | 'CALLER_MALFORMED'
  | 'CALLER_MISSING'
  | 'CALLER_NOT_YET_VALID'
  | 'CALLER_OTHER_REQUEST'
  | 'CALLER_SIGNATURE'
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_NAMES_NO_AGENCY'
  | 'CERTIFICATE_REVOKED'
  | 'CONTENT_TYPE_UNSUPPORTED'
  | 'JSON_DUPLICATE_KEY'
  | 'JSON_MALFORMED'
  | 'JSON_NOT_UTF8'
  | 'JSON_TEXT_REFUSED'
  | 'JSON_TOO_DEEP'
  | 'NOT_FOUND'
  | 'PATH_INVALID'
  | 'REQUEST_MALFORMED'
  | 'REQUEST_TIMED_OUT';

/** One thing wrong in a body, and where: a JSON Pointer as in RFC 9457, section 3. */
export interface Flaw {
  readonly pointer: string;
  readonly detail: string;
}

/** Why a request was refused before anybody was asked about. Messages hold nothing of the body but names of its fields. */
export class WebError extends Error {
  override readonly name = 'WebError';

  constructor(
    readonly code: WebErrorCode,
    message: string,
    readonly flaws: readonly Flaw[] = [],
  ) {
    super(message);
  }
}
