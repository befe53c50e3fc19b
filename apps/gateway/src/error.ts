export type GatewayErrorCode =
  | 'CONFIG_INVALID'
  | 'DATABASE_FORGETFUL'
  | 'DATABASE_OF_ANOTHER_LOG'
  | 'DATABASE_NOT_PREPARED'
  | 'DATABASE_UNREACHABLE'
  | 'KEY_EPOCHS_INVALID'
  | 'LEASE_DIFFERS'
  | 'LOG_LOST'
  | 'MAPPING_INVALID'
  | 'MASTER_KEY_WRONG'
  | 'OPERATOR_UNKNOWN'
  | 'POLICIES_INVALID'
  | 'PORT_TAKEN'
  | 'PORT_FORBIDDEN'
  | 'RULES_UNCHECKED';

/** Why a gateway did not start: one sentence for whoever started it. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';

  constructor(
    readonly code: GatewayErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The system's or a driver's word for what happened, such as `EADDRINUSE`. */
export function codeOf(error: unknown): string | undefined {
  const known = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof known === 'string' ? known : undefined;
}
