/** One thing wrong with a file that an officer wrote, at the place where she can mend it. */
export interface Problem {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
}

export type TermsErrorCode = 'VOCABULARY_INVALID' | 'LEVEL_UNKNOWN' | 'WORD_UNKNOWN';

/** The vocabulary, or a word used with it, is wrong. Messages hold words of the vocabulary's files, never case data. */
export class TermsError extends Error {
  override readonly name = 'TermsError';
  readonly code: TermsErrorCode;
  readonly problems: readonly Problem[];

  constructor(code: TermsErrorCode, message: string, problems: readonly Problem[] = []) {
    super(message);
    this.code = code;
    this.problems = problems;
  }
}

/** @example inWords({ path: 'vocabulary.yaml', line: 3, column: 1, message: 'no title' }) // 'vocabulary.yaml:3:1: no title' */
export function inWords({ path, line, column, message }: Problem): string {
  return `${path}:${line}:${column}: ${message}`;
}
