import type { Problem } from '#terms';

/** What went wrong, as a code that callers may rely on. */
export type ConnectorErrorCode =
  /** A mapping file says something that cannot be meant; `problems` lists where. */
  | 'MAPPING_INVALID'
  /** What this installation knows about reaching the source (address, secrets) does not fit the mapping. */
  | 'ACCESS_INVALID'
  /** What was given to preview a mapping with is nothing that such a source could hold. */
  | 'SAMPLE_INVALID'
  | 'SOURCE_TIMEOUT'
  /** The source answered, and said no. */
  | 'SOURCE_REFUSED'
  /** The source answered with something that is not an answer about this person: truncated, malformed, about somebody else. */
  | 'SOURCE_GARBAGE'
  | 'SOURCE_TOO_LARGE'
  | 'SOURCE_UNREACHABLE'
  /** It failed several times in a row and is left alone for a while. */
  | 'SOURCE_CIRCUIT_OPEN'
  /** Too many questions wait for it already. */
  | 'SOURCE_BUSY';

/**
 * Why a source gave no answer. Messages name the source and what it did, never whom the question was about and nothing
 * that the source sent: they are logged. For the same reason no `cause` is kept; a driver's error quotes its parameters.
 */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly problems: readonly Problem[];
  /** Whether the source as a whole is at fault, so that asking it about somebody else would fail as well. */
  readonly wholeSource: boolean;

  constructor(
    readonly code: ConnectorErrorCode,
    message: string,
    about: { readonly problems?: readonly Problem[]; readonly wholeSource?: boolean } = {},
  ) {
    super(message);
    this.problems = about.problems ?? [];
    this.wholeSource = about.wholeSource ?? false;
  }
}
