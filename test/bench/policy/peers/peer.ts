import type { Bundle } from '#policy';
import type { FieldName } from '#terms';
import type { Asked } from '../workload.js';

/** Another engine, as it would be used for the same purpose by somebody who knows it well. */
export interface Peer {
  readonly name: string;
  /** What it says of why: every rule that matched, as we do; some rule; or nothing. */
  readonly says: 'every rule' | 'some rule' | 'no rule';
  /** Brings rules into the engine's own form, before any clock runs. */
  readonly load: (plain: Bundle, fields: readonly FieldName[]) => Promise<Decides>;
}

/** Makes the engine's input out of a question, and decides all fields of the record. */
export type Decides = (asked: Asked) => Decided;

export interface Decided {
  /** The fields that may be shared, each with the rules that are named for it. */
  readonly shared: ReadonlyMap<FieldName, readonly string[]>;
}

/** A question as flat words, as these engines like it best: `purpose`, `sector`, …, `category_3` for what she said of it. */
export function attributesOf(asked: Asked): Record<string, string> {
  const { agency, sector, role, purpose, risk, minor, flags, consent } = asked;
  const attributes: Record<string, string> = { agency, sector, role, purpose, risk, minor };
  for (let at = 0; at < flags.length; at += 1) attributes[`flag_${at}`] = flags[at] as string;
  for (const [category, { state }] of consent) attributes[category] = state;
  return attributes;
}
