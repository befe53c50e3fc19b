import type { FieldName, Vocabulary } from '#terms';
import type { Bundle } from '../src/bundle.js';
import { compile, type Compiled } from '../src/compile.js';
import { decideNaively } from '../src/decide-naively.js';
import type { Decision } from '../src/decision.js';
import { Engine } from '../src/engine.js';
import type { Situation } from '../src/situation.js';
import type { PlainBundle } from './plain-policy.js';
import { type ReferenceDecision, referenceDecide } from './reference-decide.js';

/** Decides by something other than what it should be held against: its own worth is shown by a fault planted in it. */
export type Evaluator = (situation: Situation, fields: readonly FieldName[]) => Decision;

export function byBitmaps(bundle: Bundle, spoil: (compiled: Compiled) => Compiled = (compiled) => compiled): Evaluator {
  const engine = new Engine(bundle, spoil(compile(bundle)));
  return (situation, fields) => engine.decide(situation, fields);
}

/** What the reference and an evaluator must agree on, in one order. */
export function told(decided: ReadonlyMap<string, ReferenceDecision>): string {
  return [...decided]
    .map(([name, { level, granted, cut, duties, lastResort, alerts }]) =>
      [name, level, granted.toSorted(), cut.toSorted(), duties.toSorted(), lastResort, alerts.toSorted()].join(' | '),
    )
    .toSorted()
    .join('\n');
}

/** Everything of a decision, in its order. */
function whole({ fields, duties, alerts }: Decision): string {
  return JSON.stringify([[...fields], duties, alerts]);
}

/** What the evaluators say of one situation where they do not agree. */
export function disagreement(
  plain: PlainBundle,
  vocabulary: Vocabulary,
  bundle: Bundle,
  bitmaps: Evaluator,
  situation: Situation,
  fields: readonly FieldName[],
): string | undefined {
  const naive = decideNaively(bundle, situation, fields);
  const fast = bitmaps(situation, fields);
  if (whole(fast) !== whole(naive)) return `naive\n${whole(naive)}\nbitmaps\n${whole(fast)}`;
  const [ours, reference] = [told(naive.fields), told(referenceDecide(plain, vocabulary, situation, fields))];
  return ours === reference ? undefined : `naive and bitmaps\n${ours}\nreference\n${reference}`;
}
