export type PostgresErrorCode = 'DATABASE_FORGETFUL' | 'DATABASE_UNREACHABLE' | 'LEASE_DIFFERS';

/** Messages name settings and hosts, never rows. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';
  readonly code: PostgresErrorCode;

  constructor(code: PostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** PostgreSQL's or the system's word for what happened, such as `42710`. */
export function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
