export type AgencyErrorCode = 'AGENCY_PORT_TAKEN' | 'AGENCY_BUNDLE_INVALID' | 'AGENCY_DATABASE_TAKEN';

/** A stand-in cannot be started. The message is one sentence for the person who typed the command. */
export class AgencyError extends Error {
  readonly code: AgencyErrorCode;

  constructor(code: AgencyErrorCode, message: string) {
    super(message);
    this.name = 'AgencyError';
    this.code = code;
  }
}
