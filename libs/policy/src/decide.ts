import { type DutyCode, type Field, type FieldName, type Level, lowerOf, NOTHING, type RegimeName } from '#terms';
import { type Bundle, CORE, type RuleId, type RulesOfField, type Share } from './bundle.js';
import { Hearing, type Weighed } from './hearing.js';
import { BOUNDLESS, consentTo } from './hold.js';
import type { ConsentOfField, Situation } from './situation.js';

export interface Decision {
  readonly fields: ReadonlyMap<FieldName, FieldDecision>;
  /** Of every field that may leave. None names a regime. */
  readonly duties: readonly DutyCode[];
  /** Rules that tell a person at the discloser that they decided. Not for whoever asked. */
  readonly alerts: readonly RuleId[];
}

export interface FieldDecision {
  /** How much of the field may leave. `NOTHING` is an answer like any other. */
  readonly level: Level;
  /** The shares it rests on: in each regime that governs, those that reach the level. */
  readonly granted: readonly RuleId[];
  /** The limits without which the shares would have carried further. */
  readonly cut: readonly RuleId[];
  /** Of the shares it rests on and of every limit that matches. */
  readonly duties: readonly DutyCode[];
  /** Wording for the asker, who reads it only beside something that was released. */
  readonly say: readonly string[];
  /** Whether the glass was broken for it in some regime. */
  readonly lastResort: boolean;
  /** Of the shares it rests on and of every limit that matches: those that tell a person at the discloser. */
  readonly alerts: readonly RuleId[];
}

/**
 * How much of each field may leave. For every field: in each regime that governs it the most that a matching share
 * grants, of these the least, and of that no more than every matching limit of those regimes and of core allows.
 *
 * There is no decision without a bundle, and none that fails: a field, fact, purpose or regime that the bundle does not
 * know opens nothing.
 *
 * @example
 * const { fields } = decide(bundle, situation, [birthDate, address]);
 * fields.get(birthDate)?.level; // 2: the year, granted by us-health/written-authorisation
 */
export function decide(bundle: Bundle, situation: Situation, fields: readonly FieldName[]): Decision {
  const hearing = new Hearing(bundle, situation);
  const decided = new Map<FieldName, FieldDecision>();
  const before = new Map<RulesOfField | undefined, DecidedBefore[]>();
  for (const name of fields) {
    const field = bundle.vocabulary.fields.get(name);
    decided.set(name, field === undefined ? NOT_KNOWN : decideOrRecall(hearing, field, before));
  }
  withholdAnEmptyEnvelope(bundle, decided);
  const duties = new Set<DutyCode>();
  for (const { level, duties: own } of decided.values()) if (level > NOTHING) for (const duty of own) duties.add(duty);
  const alerts = new Set<RuleId>();
  for (const { alerts: own } of decided.values()) for (const alert of own) alerts.add(alert);
  return { fields: decided, duties: [...duties], alerts: [...alerts] };
}

/** What was decided of a field for which the same rules, regimes and words of hers counted. */
interface DecidedBefore {
  readonly governing: readonly RegimeName[];
  readonly consent: ConsentOfField;
  readonly decision: FieldDecision;
}

/** Most fields of a question differ in nothing that any rule asks after: they are decided once. */
function decideOrRecall(
  hearing: Hearing,
  field: Field,
  before: Map<RulesOfField | undefined, DecidedBefore[]>,
): FieldDecision {
  const rules = hearing.bundle.byField.get(field.name);
  const governing = hearing.governing(field.name);
  const consent = consentTo(field.name, hearing.settled);
  const alike = before.get(rules) ?? [];
  for (const each of alike)
    if (
      each.consent.state === consent.state &&
      each.consent.level === consent.level &&
      each.governing.length === governing.length &&
      each.governing.every((regime, at) => regime === governing[at])
    )
      return each.decision;
  const decision = decisionOn(judge(hearing, field));
  before.set(rules, [...alike, { governing, consent, decision }]);
  return decision;
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
  const governing = hearing.governing(field.name).map((regime) => hearing.weigh(regime, field));
  const core = hearing.weigh(CORE, field);
  let granted = governing.length === 0 ? NOTHING : BOUNDLESS;
  for (const { most } of governing) granted = lowerOf(granted, most);
  let level = granted;
  for (const { limits } of [core, ...governing]) for (const limit of limits) level = lowerOf(level, limit.level);
  return { field, governing, core, granted, level };
}

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
  return { level, granted, cut, duties: [...duties], say: [...say], lastResort, alerts };
}

const NOT_KNOWN: FieldDecision = {
  level: NOTHING,
  granted: [],
  cut: [],
  duties: [],
  say: [],
  lastResort: false,
  alerts: [],
};

/** Who sent it and under which rule go with a value. Where none goes, they would tell that there was one to withhold. */
function withholdAnEmptyEnvelope(bundle: Bundle, decided: Map<FieldName, FieldDecision>): void {
  const isEnvelope = (name: FieldName): boolean => bundle.vocabulary.fields.get(name)?.record === 'envelope';
  for (const [name, { level }] of decided) if (level > NOTHING && !isEnvelope(name)) return;
  for (const [name, field] of decided)
    if (isEnvelope(name)) decided.set(name, { ...field, level: NOTHING, granted: [], say: [], lastResort: false });
}
