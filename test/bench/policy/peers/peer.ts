import type { Bundle } from '#policy';
import type { FieldName } from '#terms';
import type { Asked } from '../workload.js';

/** Another engine, as it would be used for the same purpose by somebody who knows it well. */
export interface Peer {
  readonly name: string;
  /**
   * Brings rules into the engine's own form, before any clock runs. What comes back makes the engine's input out of a
   * question, decides all fields of the record, and returns those that may be shared.
   */
  readonly load: (plain: Bundle, fields: readonly FieldName[]) => Promise<Decides>;
}

export type Decides = (asked: Asked) => ReadonlySet<FieldName>;

/** A question as flat words, as these engines like it best: `purpose`, `sector`, …, `category_3` for what she said of it. */
export function attributesOf(asked: Asked): Record<string, string> {
  const { agency, sector, role, purpose, risk, minor, flags, consent } = asked;
  const attributes: Record<string, string> = { agency, sector, role, purpose, risk, minor };
  for (let at = 0; at < flags.length; at += 1) attributes[`flag_${at}`] = flags[at] as string;
  for (const [category, { state }] of consent) attributes[category] = state;
  return attributes;
}
