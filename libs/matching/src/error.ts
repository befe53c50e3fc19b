export type MatchingErrorCode =
  | 'MATCHING_SAME_AGENCY'
  | 'MATCHING_ALREADY_LINKED'
  | 'MATCHING_CODE_INVALID'
  | 'MATCHING_CODE_NOT_ACCEPTED'
  | 'MATCHING_TOO_MANY_ATTEMPTS'
  | 'MATCHING_CODE_WRONG_STATE'
  | 'MATCHING_NOT_A_PARTY'
  | 'MATCHING_DOCKET_NOT_ALLOWED'
  | 'MATCHING_ROLE_TAKEN'
  | 'MATCHING_FACT_UNKNOWN'
  | 'MATCHING_FACT_NOT_YOURS'
  | 'MATCHING_VALUE_INVALID'
  | 'MATCHING_REASON_MISSING'
  | 'MATCHING_TIE_INVALID'
  | 'MATCHING_RECORD_INVALID';

/** Its message names rules and words of the vocabulary, never a person, a handle or another agency. */
export class MatchingError extends Error {
  override readonly name = 'MatchingError';
  readonly code: MatchingErrorCode;

  constructor(code: MatchingErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
