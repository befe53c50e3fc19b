import type { Problem } from '#terms';

/**
 * `POLICY_INVALID`: the files do not say anything that could be decided by.
 * `SITUATION_INVALID`: a situation typed in by an officer could not be read.
 * `CASE_UNKNOWN`: an officer named a case that no file has.
 * `POLICY_TOO_INTRICATE`: they decide, but to know what they say of every situation takes more memory or work than there may be.
 * `RECORD_INVALID`: a recorded decision could not be read.
 * `NOT_COMPARABLE`: two bundles use one word for things that cannot be compared.
 */
export type PolicyErrorCode =
  | 'POLICY_INVALID'
  | 'SITUATION_INVALID'
  | 'CASE_UNKNOWN'
  | 'RECORD_INVALID'
  | 'POLICY_TOO_INTRICATE'
  | 'NOT_COMPARABLE';

/** The one error of this room. Its message quotes policy files only, never anything about a person. */
export class PolicyError extends Error {
  readonly code: PolicyErrorCode;
  readonly problems: readonly Problem[];

  constructor(code: PolicyErrorCode, message: string, problems: readonly Problem[] = []) {
    super(message);
    this.name = 'PolicyError';
    this.code = code;
    this.problems = problems;
  }
}
