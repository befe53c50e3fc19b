import { type FieldName, type Level, NOTHING, type Vocabulary } from '#terms';
import type { Bundle } from '../src/bundle.js';
import { compile, type Compiled } from '../src/compile.js';
import { decideNaively } from '../src/decide-naively.js';
import type { Decision } from '../src/decision.js';
import { Engine } from '../src/engine.js';
import { isEnvelope, levelsOf, Outcomes } from '../src/proof/outcomes.js';
import { Space } from '../src/proof/space.js';
import type { Situation } from '../src/situation.js';
import type { PlainBundle } from './plain-policy.js';
import { type ReferenceDecision, referenceDecide } from './reference-decide.js';

/** Decides by something other than what it should be held against: its own worth is shown by a fault planted in it. */
export type Evaluator = (situation: Situation, fields: readonly FieldName[]) => Decision;

export function byBitmaps(bundle: Bundle, spoil: (compiled: Compiled) => Compiled = (compiled) => compiled): Evaluator {
  const engine = new Engine(bundle, spoil(compile(bundle)));
  return (situation, fields) => engine.decide(situation, fields);
}

/** How far each field goes, and whether the glass was broken for it. */
export type Levels = ReadonlyMap<FieldName, { readonly level: Level; readonly lastResort: boolean }>;
export type LevelEvaluator = (situation: Situation, fields: readonly FieldName[]) => Levels;

/** One function for each field and level, asked at one point each. */
export function byDiagrams(outcomes: Outcomes): LevelEvaluator {
  const { bundle, space } = outcomes;
  const made = [...bundle.vocabulary.fields.values()].map((field) => ({
    field,
    leaves: levelsOf(field).map((level) => outcomes.leaves(field, level)),
    broken: outcomes.breaksTheGlass(field),
  }));
  return (situation, names) => {
    const decided = new Map(
      made.flatMap(({ field, leaves, broken }) => {
        if (!names.includes(field.name)) return [];
        const point = space.pointOf(situation, field.name);
        const level = leaves.filter((node) => space.holdsAt(node, point)).length as Level;
        return [[field.name, { level, lastResort: space.holdsAt(broken, point) }] as const];
      }),
    );
    const isLetter = made.some(
      ({ field }) => !isEnvelope(field) && (decided.get(field.name)?.level ?? NOTHING) > NOTHING,
    );
    if (!isLetter)
      for (const { field } of made)
        if (isEnvelope(field) && decided.has(field.name))
          decided.set(field.name, { level: NOTHING, lastResort: false });
    return decided;
  };
}

export function diagramsOf(bundle: Bundle): Outcomes {
  return new Outcomes(bundle, new Space([bundle]));
}

/** What an evaluator that knows levels only says otherwise than the definition, if anything. */
export function levelsDisagree(naive: Decision, levels: Levels, withGlass: boolean): string | undefined {
  const differ = [...levels].filter(([name, { level, lastResort }]) => {
    const field = naive.fields.get(name);
    return field === undefined || field.level !== level || (withGlass && field.lastResort !== lastResort);
  });
  if (differ.length === 0 && levels.size === naive.fields.size) return undefined;
  return differ
    .map(([name, { level, lastResort }]) => {
      const field = naive.fields.get(name);
      return `${name}: naive ${field?.level} ${field?.lastResort}, not ${level} ${lastResort}`;
    })
    .join('\n');
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
