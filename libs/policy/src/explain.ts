import { type Field, type FieldName, FULL, type Level, levelName, NOTHING, type RegimeName } from '#terms';
import { type Bundle, type Rule, type RuleId } from './bundle.js';
import { decide } from './decide.js';
import { judge, type Judgement, reaching } from './decide-naively.js';
import type { Decision, FieldDecision } from './decision.js';
import { Hearing, type Weighed } from './hearing.js';
import { nearMisses, type NearMiss } from './near-misses.js';
import { plain } from './read-aloud.js';
import type { Situation } from './situation.js';

/** A decision with its reasons. It tells what the facts are: only for those who may know them. */
export interface Explanation {
  readonly decision: Decision;
  readonly fields: ReadonlyMap<FieldName, FieldExplanation>;
}

export interface FieldExplanation {
  readonly decision: FieldDecision;
  readonly levelName: string;
  /** Core last, where it limits. Empty where no regime governs the field. */
  readonly regimes: readonly RegimeExplanation[];
  readonly nearMisses: readonly NearMiss[];
  /** One line for an officer: *year: granted by us-health/written-authorisation (…), cut by …*. */
  readonly words: string;
}

export interface RegimeExplanation {
  readonly regime: RegimeName;
  /** How far this regime alone would let the field go. For core, how far it lets anybody's go. */
  readonly level: Level;
  readonly levelName: string;
  readonly shares: readonly RuleAtLevel[];
  readonly limits: readonly RuleAtLevel[];
}

export interface RuleAtLevel {
  readonly id: RuleId;
  readonly title: string;
  readonly level: Level;
  readonly levelName: string;
}

/**
 * The decision, and for each field what every regime said, which rules decided, and what would have had to be otherwise.
 *
 * @example
 * explain(bundle, situation, [phone]).fields.get(phone)?.nearMisses[0]?.words;
 * // 'would be shared if consent were *agreed*; it is *not asked*'
 */
export function explain(bundle: Bundle, situation: Situation, fields: readonly FieldName[]): Explanation {
  const hearing = new Hearing(bundle, situation);
  const decision = decide(bundle, situation, fields);
  const explained = new Map<FieldName, FieldExplanation>();
  for (const [name, decided] of decision.fields) {
    const field = bundle.vocabulary.fields.get(name);
    if (field !== undefined) explained.set(name, explainField(bundle, situation, decided, judge(hearing, field)));
  }
  return { decision, fields: explained };
}

function explainField(
  bundle: Bundle,
  situation: Situation,
  decision: FieldDecision,
  judgement: Judgement,
): FieldExplanation {
  const { field, governing, core } = judgement;
  const regimes = governing.map((weighed) => explainRegime(field, weighed));
  if (core.limits.length > 0) regimes.push(explainRegime(field, { ...core, most: FULL(field) }));
  return {
    decision,
    levelName: levelName(field, decision.level),
    regimes,
    nearMisses: nearMisses(bundle, situation, field),
    words: reasonInWords(decision, judgement),
  };
}

function explainRegime(field: Field, weighed: Weighed): RegimeExplanation {
  const least = weighed.limits.reduce<Level>(
    (level, limit) => (limit.level < level ? limit.level : level),
    weighed.most,
  );
  const atLevel = ({ rule, level }: { readonly rule: Rule; readonly level: Level }): RuleAtLevel => ({
    id: rule.id,
    title: rule.title,
    level,
    levelName: levelName(field, level),
  });
  return {
    regime: weighed.regime,
    level: least,
    levelName: levelName(field, least),
    shares: weighed.shares.map(atLevel),
    limits: weighed.limits.map(atLevel),
  };
}

/** One line for an officer. */
export function reasonInWords(
  { level, lastResort }: FieldDecision,
  { field, governing, core, granted }: Judgement,
): string {
  const name = plain(levelName(field, level));
  if (governing.length === 0) return `${name}: no regime governs it here, and so it stays`;
  const matching = [core, ...governing].flatMap(({ limits }) => limits);
  const cut = matching.filter((limit) => limit.level < granted).map(({ rule }) => rule);
  if (granted === NOTHING) {
    const silent = governing.filter(({ most }) => most === NOTHING).map(({ regime }) => regime);
    return `${name}: no share of ${silent.join(' or of ')} matches`;
  }
  const shares = governing.flatMap((weighed) => [...reaching(weighed, level)]);
  const parts = [
    ...(shares.length > 0
      ? [`${lastResort ? 'as a last resort ' : ''}granted by ${shares.map(named).join(', ')}`]
      : []),
    ...(cut.length > 0 ? [`${level === NOTHING ? 'withheld' : 'cut'} by ${cut.map(named).join(', ')}`] : []),
  ];
  if (parts.length === 0) return `${name}: goes only with a value, and none goes`;
  return `${name}: ${parts.join('; ')}`;
}

function named({ id, title }: Rule): string {
  return title === '' ? id : `${id} (${title})`;
}
