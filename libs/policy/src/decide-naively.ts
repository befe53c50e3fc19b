import { type DutyCode, type Field, type FieldName, type Level, lowerOf, NOTHING } from '#terms';
import { type Bundle, CORE, type RuleId, type Share } from './bundle.js';
import { type Decision, type FieldDecision, fieldDecision, NOT_KNOWN, withoutAnything } from './decision.js';
import { Hearing, type Weighed } from './hearing.js';
import { BOUNDLESS } from './hold.js';
import type { Situation } from './situation.js';

/**
 * The definition: rule by rule and field by field, straight from the sentence. Slow, and what `decide` is held against.
 */
export function decideNaively(bundle: Bundle, situation: Situation, fields: readonly FieldName[]): Decision {
  const hearing = new Hearing(bundle, situation);
  const decided = new Map<FieldName, FieldDecision>();
  for (const name of fields) {
    const field = bundle.vocabulary.fields.get(name);
    decided.set(name, field === undefined ? NOT_KNOWN : decisionOn(judge(hearing, field)));
  }
  withholdAnEmptyEnvelope(bundle, decided);
  const duties = new Set<DutyCode>();
  for (const { level, duties: own } of decided.values()) if (level > NOTHING) for (const duty of own) duties.add(duty);
  const alerts = new Set<RuleId>();
  for (const { alerts: own } of decided.values()) for (const alert of own) alerts.add(alert);
  return { fields: decided, duties: [...duties], alerts: [...alerts] };
}

/** One field before every regime that governs it and core. */
export interface Judgement {
  readonly field: Field;
  readonly governing: readonly Weighed[];
  readonly core: Weighed;
  /** The least, over the regimes that govern it, of the most that each grants. Where none governs, it stays. */
  readonly granted: Level;
  readonly level: Level;
}

export function judge(hearing: Hearing, field: Field): Judgement {
  const governing = hearing
    .governing(field.name)
    .map((regime) => (regime === CORE ? NO_RULES_OF_ITS_OWN : hearing.weigh(regime, field)));
  const core = hearing.weigh(CORE, field);
  let granted = governing.length === 0 ? NOTHING : BOUNDLESS;
  for (const { most } of governing) granted = lowerOf(granted, most);
  let level = granted;
  for (const { limits } of [core, ...governing]) for (const limit of limits) level = lowerOf(level, limit.level);
  return { field, governing, core, granted, level };
}

/** Nobody is enrolled in core: among regimes it is one that there is not. Its limits are weighed apart, and once. */
const NO_RULES_OF_ITS_OWN: Weighed = { regime: CORE, shares: [], limits: [], most: NOTHING };

/** In one regime, the shares that reach a level. Those of last resort count only where no ordinary one does. */
export function reaching({ shares }: Weighed, level: Level): ReadonlySet<Share> {
  const ordinary = new Set<Share>();
  const lastResort = new Set<Share>();
  if (level > NOTHING)
    for (const share of shares)
      if (share.level >= level) (share.rule.lastResort ? lastResort : ordinary).add(share.rule);
  return ordinary.size > 0 ? ordinary : lastResort;
}

function decisionOn({ governing, core, granted: most, level }: Judgement): FieldDecision {
  const granted: RuleId[] = [];
  const cut: RuleId[] = [];
  const duties = new Set<DutyCode>();
  const say = new Set<string>();
  const alerts: RuleId[] = [];
  let lastResort = false;
  for (const weighed of governing)
    for (const rule of reaching(weighed, level)) {
      granted.push(rule.id);
      for (const duty of rule.duties) duties.add(duty);
      if (rule.say !== undefined) say.add(rule.say);
      lastResort ||= rule.lastResort;
      if (rule.alert) alerts.push(rule.id);
    }
  for (const { limits } of [core, ...governing])
    for (const { rule, level: allowed } of limits) {
      for (const duty of rule.duties) duties.add(duty);
      if (rule.alert) alerts.push(rule.id);
      if (allowed >= most) continue;
      cut.push(rule.id);
      if (rule.say !== undefined) say.add(rule.say);
    }
  return fieldDecision(level, granted, cut, [...duties], [...say], lastResort, alerts);
}

function withholdAnEmptyEnvelope(bundle: Bundle, decided: Map<FieldName, FieldDecision>): void {
  const isEnvelope = (name: FieldName): boolean => bundle.vocabulary.fields.get(name)?.record === 'envelope';
  for (const [name, { level }] of decided) if (level > NOTHING && !isEnvelope(name)) return;
  for (const [name, field] of decided) if (isEnvelope(name)) decided.set(name, withoutAnything(field));
}
