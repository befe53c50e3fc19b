/**
 * Why a use case could not go on. Each code is stable, and its message is safe to show to the agency that asked:
 * it never says whether a person, a link or a consent exists that the agency was not told of.
 */
export type DisclosureErrorCode =
  | 'QUESTION_INVALID'
  | 'UNDECIDED'
  | 'RELEASE_TOO_LATE'
  | 'HANDLE_UNKNOWN'
  | 'RELEASE_REQUIRED'
  | 'CONSENT_UNKNOWN'
  | 'CODE_UNUSABLE'
  | 'QUESTION_UNKNOWN'
  | 'ENTRY_UNKNOWN'
  | 'NOT_ALLOWED'
  | 'AGENCY_SUSPENDED'
  | 'CERTIFICATE_REVOKED'
  | 'FACT_UNKNOWN'
  | 'RECIPIENT_KEY_INVALID'
  | 'RECIPIENT_KEY_UNKNOWN'
  | 'LEDGER_DAMAGED';

export class DisclosureError extends Error {
  readonly code: DisclosureErrorCode;

  constructor(code: DisclosureErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DisclosureError';
    this.code = code;
  }
}
