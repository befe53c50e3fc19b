import type { FactName, FactValue, FieldName, Level, Purpose, RegimeName } from '#terms';
import { type WordOf, wordsOf } from './grammar.js';

/**
 * What she has said about one field, from this discloser, to this recipient, for this purpose. Drafts, pending and void
 * directives have already become `not_asked`.
 */
export interface ConsentOfField {
  readonly state: ConsentState;
  /** The most she agreed to. Read only when `state` is `agreed`. */
  readonly level: Level;
}

export type ConsentState = WordOf<'consent'>;

export const CONSENT_STATES: readonly ConsentState[] = wordsOf('consent');

/** Everything a decision rests on besides the policies: one asker, one discloser, one person, one purpose, one instant. */
export interface Situation {
  /** Regimes the discloser is enrolled in. One that the bundle does not have governs everything and grants nothing. */
  readonly origins: ReadonlySet<RegimeName>;
  /** Further regimes that a value keeps from whoever first disclosed it through Postern. */
  readonly travelled: ReadonlyMap<FieldName, ReadonlySet<RegimeName>>;
  readonly purpose: Purpose;
  /** A fact that is absent takes the vocabulary's `if nobody has said`; a value the vocabulary does not have is unknown. */
  readonly facts: ReadonlyMap<FactName, FactValue>;
  /** A field that is absent is `not_asked`. */
  readonly consent: ReadonlyMap<FieldName, ConsentOfField>;
}
