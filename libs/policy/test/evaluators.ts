import { type FieldName, type Level, NOTHING, type Vocabulary } from '#terms';
import type { Bundle } from '../src/bundle.js';
import { compile, type Compiled } from '../src/compile.js';
import { decideNaively } from '../src/decide-naively.js';
import type { Decision } from '../src/decision.js';
import { Engine } from '../src/engine.js';
import { FALSE } from '../src/proof/diagram.js';
import { levelsOf, Outcomes } from '../src/proof/outcomes.js';
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

/** How far each field goes; where the evaluator knows, whether the glass was broken for it. */
export type Levels = ReadonlyMap<FieldName, { readonly level: Level; readonly lastResort?: boolean }>;
/** Field by field: that the envelope goes only with a value is not its to know. */
export type LevelEvaluator = (situation: Situation, fields: readonly FieldName[]) => Levels;

/** One function for each field and level, asked at one point each. */
export function byDiagrams(outcomes: Outcomes): LevelEvaluator {
  const { bundle, space } = outcomes;
  const made = new Map(
    [...bundle.vocabulary.fields.values()].map((field) => {
      const leaves = levelsOf(field).map((level) => outcomes.leaves(field, level));
      return [field.name, { leaves, broken: outcomes.breaksTheGlass(field) }] as const;
    }),
  );
  return (situation, names) =>
    new Map(
      names.map((name) => {
        const point = space.pointOf(situation, name);
        const { leaves = [], broken = FALSE } = made.get(name) ?? {};
        const level = leaves.filter((node) => space.holdsAt(node, point)).length as Level;
        return [name, { level, lastResort: space.holdsAt(broken, point) }];
      }),
    );
}

export function diagramsOf(bundle: Bundle): Outcomes {
  return new Outcomes(bundle, new Space([bundle]));
}

/** What an evaluator that knows levels only says otherwise than the definition, if anything. */
export function levelsDisagree(bundle: Bundle, naive: Decision, levels: Levels): string | undefined {
  const isSealed = [...levels].some(([name, { level }]) => level > NOTHING && !isOfTheEnvelope(bundle, name));
  const differ = [...levels].flatMap(([name, found]) => {
    const goes = isSealed || !isOfTheEnvelope(bundle, name);
    const level = goes ? found.level : NOTHING;
    const lastResort = goes && found.lastResort;
    const field = naive.fields.get(name);
    const isGlassAlike = found.lastResort === undefined || field?.lastResort === lastResort;
    if (field?.level === level && isGlassAlike) return [];
    return [`${name}: naive ${field?.level} ${field?.lastResort}, otherwise ${level} ${lastResort}`];
  });
  if (levels.size !== naive.fields.size) differ.push(`${levels.size} fields instead of ${naive.fields.size}`);
  return differ.length === 0 ? undefined : differ.join('\n');
}

function isOfTheEnvelope({ vocabulary }: Bundle, name: FieldName): boolean {
  return vocabulary.fields.get(name)?.record === 'envelope';
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
  others: { readonly [name: string]: LevelEvaluator } = {},
  definition: Evaluator = (asked, names) => decideNaively(bundle, asked, names),
): string | undefined {
  const naive = definition(situation, fields);
  for (const [name, evaluator] of Object.entries(others)) {
    const found = levelsDisagree(bundle, naive, evaluator(situation, fields));
    if (found !== undefined) return `naive and ${name}\n${found}`;
  }
  const fast = bitmaps(situation, fields);
  if (whole(fast) !== whole(naive)) return `naive\n${whole(naive)}\nbitmaps\n${whole(fast)}`;
  const [ours, reference] = [told(naive.fields), told(referenceDecide(plain, vocabulary, situation, fields))];
  return ours === reference ? undefined : `naive and bitmaps\n${ours}\nreference\n${reference}`;
}
