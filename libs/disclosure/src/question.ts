import type { DecisionId, FactName, FieldName, HandleId, Purpose } from '#terms';
import type { Caller } from './agency.js';

/** What the asker itself asserts, with its reason. Opens nothing unless a person at the discloser confirms it. */
export interface Declaration {
  readonly ground: string;
  readonly reason: string;
}

/** One agency asking for fields about one person, for one purpose. Parsed and bounded: nothing in it is raw. */
export interface Question {
  readonly decision: DecisionId;
  readonly asker: Caller;
  readonly subject: HandleId;
  readonly fields: readonly FieldName[];
  readonly purpose: Purpose;
  readonly declares: readonly Declaration[];
  /** Yes/no facts that the asker states for this question only, such as `emergency_declared`. */
  readonly states: ReadonlyMap<FactName, string>;
}
