export type ConsentErrorCode =
  | 'CONSENT_WRONG_STATE'
  | 'CONSENT_SCOPE_INVALID'
  | 'CONSENT_UNKNOWN_WORD'
  | 'CONSENT_END_INVALID'
  | 'CONSENT_FORM_MISSING'
  | 'CONSENT_NOT_INFORMED'
  | 'CONSENT_WITNESS_MISSING'
  | 'CONSENT_SIGNER_MAY_NOT_SIGN'
  | 'CONSENT_CONFIRMER_NOT_ENTITLED'
  | 'CONSENT_REFUSAL_STANDS'
  | 'CONSENT_USED_UP'
  | 'CONSENT_RECORD_INVALID';

/** Its message names rules and words of the vocabulary, never anything a person said or is. */
export class ConsentError extends Error {
  override readonly name = 'ConsentError';
  readonly code: ConsentErrorCode;

  constructor(code: ConsentErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
