import { type DutyCode, type FieldName, NOTHING } from '#terms';
import type { RuleId } from './bundle.js';
import { judge, reaching } from './decide-naively.js';
import type { Decision } from './decision.js';
import type { Hearing } from './hearing.js';

/** What comes with a whole answer besides the fields, and which rules bring each of it. */
export interface BroughtAlong {
  readonly duties: ReadonlyMap<DutyCode, ReadonlySet<RuleId>>;
  readonly dutiesOf: ReadonlyMap<FieldName, ReadonlyMap<DutyCode, ReadonlySet<RuleId>>>;
  /** What whoever asks reads: nothing where nothing is released. */
  readonly say: ReadonlyMap<string, ReadonlySet<RuleId>>;
  readonly alert: ReadonlySet<RuleId>;
  readonly lastResort: ReadonlySet<RuleId>;
  readonly tellUpon: ReadonlyMap<FieldName, ReadonlySet<RuleId>>;
}

/** Of the fields that the decision is about. */
export function broughtAlong(hearing: Hearing, decision: Decision): BroughtAlong {
  const duties = new Map<DutyCode, Set<RuleId>>();
  const dutiesOf = new Map<FieldName, ReadonlyMap<DutyCode, ReadonlySet<RuleId>>>();
  const say = new Map<string, Set<RuleId>>();
  const tellUpon = new Map<FieldName, Set<RuleId>>();
  const alert = new Set<RuleId>();
  const lastResort = new Set<RuleId>();
  let isReleased = false;
  for (const [name, { level }] of decision.fields) {
    const field = hearing.bundle.vocabulary.fields.get(name);
    if (field === undefined) continue;
    const { governing, core, granted } = judge(hearing, field);
    const own = new Map<DutyCode, Set<RuleId>>();
    dutiesOf.set(name, own);
    isReleased ||= level > NOTHING;
    for (const weighed of governing) {
      for (const rule of reaching(weighed, level)) {
        for (const duty of rule.duties) add(own, duty, rule.id);
        if (rule.say !== undefined) add(say, rule.say, rule.id);
        if (rule.alert) alert.add(rule.id);
        if (rule.lastResort) lastResort.add(rule.id);
      }
      if (level > NOTHING)
        for (const { rule } of weighed.shares) if (rule.tellUpon.includes(name)) add(tellUpon, name, rule.id);
    }
    for (const { rule, level: allowed } of [core, ...governing].flatMap(({ limits }) => limits)) {
      if (level > NOTHING) for (const duty of rule.duties) add(own, duty, rule.id);
      if (rule.alert) alert.add(rule.id);
      if (rule.say !== undefined && allowed < granted) add(say, rule.say, rule.id);
    }
    for (const [duty, rules] of own) for (const rule of rules) add(duties, duty, rule);
  }
  return { duties, dutiesOf, say: isReleased ? say : new Map(), alert, lastResort, tellUpon };
}

function add<Key>(rules: Map<Key, Set<RuleId>>, key: Key, rule: RuleId): void {
  const before = rules.get(key);
  if (before === undefined) rules.set(key, new Set([rule]));
  else before.add(rule);
}
