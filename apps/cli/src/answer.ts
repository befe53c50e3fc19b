/** What a command has to say, before it is decided how to print it. */
export interface Answer {
  /** 0: all is well. 1: what was looked at is wrong. */
  readonly exitCode: 0 | 1;
  /** For people. */
  readonly lines: readonly string[];
  /** For machines, under `--json`. */
  readonly json: { readonly [key: string]: unknown };
}

/** The command itself was wrong; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
