import type { Assertion } from './assertion.js';
import type { Case } from './case.js';
import type { LinkCode } from './code.js';
import type { Docket } from './docket.js';
import type { Handle, Link } from './link.js';

/** Plain JSON of one thing of this room, to be sealed and kept. */
export type MatchingRecord = { readonly [key: string]: unknown };
export interface Kinds {
  readonly handle: Handle;
  readonly link: Link;
  readonly code: LinkCode;
  readonly docket: Docket;
  readonly case: Case;
  readonly assertion: Assertion;
}

export function toRecord<K extends keyof Kinds>(kind: K, thing: Kinds[K]): MatchingRecord {
  throw new Error(`not yet ${kind} ${typeof thing}`);
}
/** Reads what was kept; stored bytes are outside data, and one wrong word makes the whole record unreadable. */
export function fromRecord<K extends keyof Kinds>(kind: K, record: unknown): Kinds[K] {
  throw new Error(`not yet ${kind} ${typeof record}`);
}
