import type { EntryId, FieldName, HandleId, Instant, Level, Value } from '#terms';

/**
 * An agency's own system, as `disclose` asks it: a connector that we host or, later, an edge that runs at the agency.
 *
 * What is promised:
 * - Values come back **already cut**. Nothing above the level asked for a field ever reaches the caller, and no field
 *   that was not asked for.
 * - Every field asked for is in the answer, each with its presence bit. A value that cannot be cut is not present.
 * - A fault of the source (late, refusing, truncated, lying) is thrown and never becomes an answer: an absent value says
 *   that the source was read and holds none.
 * - `answer` keeps nothing of what it read. A second call with the same request reads again.
 */
export interface Source {
  /**
   * Whether it runs where Postern cannot read, and seals what it answers. A source that we read ourselves is given no key: what
   * we sealed after reading it would only look as if.
   */
  readonly seals?: boolean;
  /** Settles by `request.deadline`, or sooner when `signal` aborts, whatever the source does. */
  answer(request: SourceRequest, signal: AbortSignal): Promise<SourceAnswer>;
}

export interface SourceRequest {
  /** The ledger's name for the decision, which the source may write beside its own access log. */
  readonly decision: EntryId;
  readonly subject: HandleId;
  /** What the agency itself calls her. */
  readonly localId: string;
  /** Only fields decided above `nothing`, each with its highest level. */
  readonly fields: ReadonlyMap<FieldName, Level>;
  /** The one instant of the request: ages and expiries are reckoned at it. */
  readonly at: Instant;
  /** How many milliseconds the source has. */
  readonly deadline: number;
  /** The asker's newest key in the ledger. Where given, values are sealed to it at the source, and only the recipient reads them. */
  readonly recipientKey?: JsonWebKey;
}

export type SourceAnswer = ReadonlyMap<FieldName, FieldAnswer>;

/** What one field holds: nothing, a value that we can read, or one that only the recipient can. */
export type FieldAnswer =
  | { readonly present: false }
  | { readonly present: true; readonly value: Value }
  | { readonly present: true; readonly sealed: Uint8Array };
