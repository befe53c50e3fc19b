import * as fc from 'fast-check';
import type { FactName, FactValue, FieldName, Level, Purpose, RegimeName, Vocabulary } from '#terms';
import { CONSENT_STATES, type ConsentOfField, type Situation } from '../src/situation.js';
import type {
  PlainBundle,
  PlainConditions,
  PlainGoverns,
  PlainRegime,
  PlainRule,
  PlainSelection,
  PlainTreatment,
} from './plain-policy.js';
import { shippedVocabulary } from './shipped-policies.js';

/** Few words, so that what is drawn meets: with all of them, nearly every situation would be answered by nothing. */
export const FIELDS = [
  'person.legal_name',
  'person.birth_date',
  'contact.actual_address',
  'contact.safe_phone',
  'medical.injury_findings',
  'referral.status',
  'service.enrolment',
  'envelope.sender',
] as const;
export const PURPOSES = ['treatment', 'emergency', 'safety_planning'] as const;
const ASKER = { sector: ['police', 'health', 'court'], tie: ['her_shelter', 'his_employer', 'none'] } as const;
const OTHERS = {
  perpetrator_at_requester: ['yes', 'no'],
  age: ['under 13', 'under 16', '16 to 17', '18 and over'],
  risk: ['standard', 'high'],
  deceased: ['yes', 'no'],
  subject_role: ['survivor', 'child', 'adolescent_using_violence', 'none'],
  discloser_confirms: ['serious_imminent_threat', 'required_by_law', 'none'],
} as const;
const GROUPS = [
  'everything',
  'everything tagged whereabouts',
  'everything except [services, person.birth_date]',
  'identity',
  'location',
  'services',
] as const;
const DUTIES = ['no_redisclosure_notice', 'expires_1h', 'do_not_publish'] as const;
export const REGIMES = ['us-health', 'us-shelters'] as const;

/** The shipped vocabulary with fewer fields and facts. */
export function smallVocabulary(): Vocabulary {
  const whole = shippedVocabulary();
  const facts = new Set<string>([...Object.keys(ASKER), ...Object.keys(OTHERS)]);
  return {
    ...whole,
    fields: new Map(FIELDS.map((name) => [name as FieldName, whole.fields.get(name as FieldName)!])),
    facts: new Map([...whole.facts].filter(([name]) => facts.has(name))),
  };
}

type Table = { readonly [key: string]: readonly string[] };
type Extra = 'nothing more' | 'unknown' | 'unknown and known';

function conditions(table: Table, extra: Extra, most: number): fc.Arbitrary<PlainConditions> {
  return fc
    .subarray(Object.keys(table), { minLength: 1, maxLength: most })
    .chain((keys) =>
      fc.tuple(...keys.map((key) => words(key, table[key] ?? [], extra).map((drawn) => [key, drawn] as const))),
    )
    .map((entries) => Object.fromEntries(entries));
}

function words(key: string, table: readonly string[], extra: Extra): fc.Arbitrary<readonly string[]> {
  const fact = key !== 'purpose' && key !== 'consent';
  const more =
    fact && extra !== 'nothing more'
      ? ['unknown', ...(extra === 'unknown and known' ? table.map((word) => `known ${word}`) : [])]
      : [];
  const all = [...table, ...more];
  return fc.subarray(all, { minLength: 1, maxLength: Math.min(3, all.length) });
}

/** Few, so that a regime often treats the role that a rule asks for. */
const ROLES = { subject_role: ['child', 'adolescent_using_violence', 'perpetrator'] } as const;
const INSIDE = { ...ASKER, ...OTHERS, purpose: PURPOSES, consent: CONSENT_STATES } as const;
const WHEN = { ...OTHERS, consent: CONSENT_STATES } as const;

/** `weight` to 4 that a part is there; `fc.record` cannot leave keys out as JSON wants it. */
function maybe<Value>(value: fc.Arbitrary<Value>, weight = 3): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 4 }, { arbitrary: value, weight });
}

function share(vocabulary: Vocabulary): fc.Arbitrary<Omit<PlainRule, 'rule'>> {
  const withLevel = fc.constantFrom(...FIELDS).chain((field) => {
    const scale = vocabulary.fields.get(field as FieldName)?.scale ?? [];
    return fc.constantFrom(...scale.slice(1)).map((level): PlainSelection => ({ [field]: level }));
  });
  // One group, or single fields: a field at two levels is refused.
  const selections = fc.oneof(
    fc.constantFrom(...GROUPS).map((group): readonly PlainSelection[] => [group]),
    fc.uniqueArray(fc.oneof(fc.constantFrom<PlainSelection>(...FIELDS), withLevel), {
      minLength: 1,
      maxLength: 4,
      selector: (selection) => (typeof selection === 'string' ? selection : Object.keys(selection)[0]),
    }),
  );
  return fc.record({
    share: selections,
    with: maybe(conditions(ASKER, 'nothing more', 2), 1),
    'for purpose': maybe(fc.subarray([...PURPOSES], { minLength: 1 }), 1),
    when: maybe(
      fc.oneof(
        conditions(WHEN, 'nothing more', 2),
        fc.constant({ consent: ['agreed'] }),
        conditions(ROLES, 'nothing more', 1),
      ),
      8,
    ),
    'when any': maybe(fc.array(conditions(INSIDE, 'nothing more', 2), { minLength: 1, maxLength: 2 }), 1),
    unless: maybe(fc.array(conditions(INSIDE, 'unknown', 2), { minLength: 1, maxLength: 2 }), 1),
    'last resort': maybe(fc.constant('yes' as const), 1),
    'names sender': maybe(fc.constant('yes' as const), 1),
    duties: maybe(fc.subarray([...DUTIES], { minLength: 1 }), 1),
    alert: maybe(fc.constant('yes' as const), 1),
  });
}

function limit(vocabulary: Vocabulary): fc.Arbitrary<Omit<PlainRule, 'rule'>> {
  const cuttable = FIELDS.filter((field) => (vocabulary.fields.get(field as FieldName)?.scale.length ?? 0) > 2);
  const atMost = fc.constantFrom(...cuttable).chain((field) => {
    const scale = vocabulary.fields.get(field as FieldName)?.scale ?? [];
    return fc.constantFrom(...scale.slice(1, -1)).map((level) => ({ 'at most': { [field]: level } }));
  });
  const withhold = fc
    .subarray<string>([...GROUPS, ...FIELDS], { minLength: 1, maxLength: 2 })
    .map((some) => ({ withhold: some }));
  const rest = fc.record({
    with: maybe(conditions(ASKER, 'unknown and known', 2), 1),
    'for purpose': maybe(fc.subarray([...PURPOSES], { minLength: 1 }), 1),
    when: maybe(
      fc.oneof(
        { arbitrary: conditions(WHEN, 'unknown and known', 2), weight: 2 },
        { arbitrary: conditions(ROLES, 'unknown and known', 1), weight: 1 },
      ),
      16,
    ),
    'when any': maybe(fc.array(conditions(INSIDE, 'unknown and known', 2), { minLength: 1, maxLength: 2 }), 1),
    unless: maybe(fc.array(conditions(INSIDE, 'nothing more', 2), { minLength: 1, maxLength: 2 })),
    duties: maybe(fc.subarray([...DUTIES], { minLength: 1 }), 1),
    alert: maybe(fc.constant('yes' as const), 1),
  });
  return fc.tuple(fc.oneof(atMost, withhold), rest).map(([effect, conditions_]) => ({ ...effect, ...conditions_ }));
}

function withoutGaps<Part extends object>(part: Part): Part {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as Part;
}

function named(rules: fc.Arbitrary<readonly Omit<PlainRule, 'rule'>[]>): fc.Arbitrary<readonly PlainRule[]> {
  return rules.map((list) => list.map((rule, index) => ({ rule: `r${index}`, ...withoutGaps(rule) })));
}

export function randomShare(vocabulary: Vocabulary): fc.Arbitrary<PlainRule> {
  return share(vocabulary).map((rule) => ({ rule: 'added', ...withoutGaps(rule) }));
}

export function randomLimit(vocabulary: Vocabulary): fc.Arbitrary<PlainRule> {
  return limit(vocabulary).map((rule) => ({ rule: 'added', ...withoutGaps(rule) }));
}

export function randomGoverns(): fc.Arbitrary<PlainGoverns> {
  return fc
    .record({
      origins: fc.constantFrom('enrolled here' as const, 'enrolled here' as const, 'every agency' as const),
      fields: fc.oneof(
        fc.constant(['everything']),
        fc.constant(['everything']),
        fc.subarray<string>([...GROUPS, ...FIELDS], { minLength: 1, maxLength: 3 }),
      ),
      under: maybe(conditions(OTHERS, 'unknown', 1), 1),
    })
    .map(withoutGaps);
}

/** One line for a role and purpose, as the language wants it. */
function treatments(): fc.Arbitrary<readonly PlainTreatment[]> {
  const roles = ROLES.subject_role;
  return fc
    .uniqueArray(
      fc.record({
        subject_role: fc.constantFrom(...roles),
        'for purpose': fc.oneof(
          fc.constantFrom(...PURPOSES).map((purpose): readonly string[] => [purpose]),
          fc.constant('everything else' as const),
        ),
        as: fc.constantFrom(...roles),
      }),
      { minLength: 1, maxLength: 3, selector: (one) => `${one.subject_role} ${String(one['for purpose'])}` },
    )
    .map((list) => list.filter((one) => one.subject_role !== one.as))
    .filter((list) => list.length > 0);
}

export function randomBundle(vocabulary: Vocabulary, mostRules = 7): fc.Arbitrary<PlainBundle> {
  const rules = named(
    fc.array(fc.oneof({ arbitrary: share(vocabulary), weight: 3 }, { arbitrary: limit(vocabulary), weight: 1 }), {
      maxLength: mostRules,
      ...(mostRules > 7 && { minLength: Math.floor(mostRules / 2), size: 'max' as const }),
    }),
  );
  const regime = fc
    .record({
      governs: fc.array(randomGoverns(), { minLength: 1, maxLength: 2 }),
      rules,
      'treated as': maybe(treatments(), 8),
    })
    .map((drawn): PlainRegime => withoutGaps(drawn));
  return fc.record({
    core: named(fc.array(limit(vocabulary), { maxLength: 2 })),
    regimes: fc.record({ [REGIMES[0]]: regime, [REGIMES[1]]: regime }),
  });
}

/** Any situation, among them such as nobody should be able to make: the decision must not depend on that. */
export function randomSituation(vocabulary: Vocabulary): fc.Arbitrary<Situation> {
  const regime = fc.oneof(
    { arbitrary: fc.constantFrom<string>(...REGIMES), weight: 9 },
    // Nobody can be enrolled in core, whose limits cut all: to say so is to name a regime that there is not.
    { arbitrary: fc.constantFrom('no-such-regime', 'core'), weight: 1 },
  );
  const regimes = fc
    .uniqueArray(regime as fc.Arbitrary<RegimeName>, { minLength: 1, maxLength: 2 })
    .map((names) => new Set(names));
  const facts = fc.tuple(
    ...[...vocabulary.facts.values()].map((fact) => {
      const value: fc.Arbitrary<FactValue> =
        fact.name === 'subject_role'
          ? fc.constantFrom(['adolescent_using_violence'], ['perpetrator'], [], ['child', 'adolescent_using_violence'])
          : fact.kind === 'any of'
            ? fc.subarray([...fact.values], { maxLength: 2 })
            : fc.constantFrom(...fact.values);
      const strange: fc.Arbitrary<FactValue> = fc.constantFrom<FactValue>(
        'unknown',
        'none',
        'no such word',
        ['none'],
        ['unknown'],
        [],
        ['none', 'her_shelter'],
      );
      return maybe(fc.oneof({ arbitrary: value, weight: 6 }, { arbitrary: strange, weight: 2 }), 4).map(
        (drawn) => [fact.name, drawn] as const,
      );
    }),
  );
  const consent = fc.tuple(
    ...[...vocabulary.fields.values()].map((field) =>
      maybe(
        fc.record({
          state: fc.oneof(fc.constant('agreed' as const), fc.constantFrom(...CONSENT_STATES)),
          level: fc.integer({ min: 0, max: field.scale.length - 1 }) as fc.Arbitrary<Level>,
        }),
        4,
      ).map((drawn) => [field.name, drawn] as const),
    ),
  );
  return fc.record({
    origins: regimes,
    travelled: fc.oneof(
      { arbitrary: fc.constant(new Map<FieldName, ReadonlySet<RegimeName>>()), weight: 3 },
      {
        arbitrary: fc
          .tuple(fc.constantFrom(...FIELDS), regimes)
          .map(([field, names]) => new Map([[field as FieldName, names]])),
        weight: 1,
      },
    ),
    purpose: fc.oneof(
      { arbitrary: fc.constantFrom<string>(...PURPOSES), weight: 9 },
      { arbitrary: fc.constant('no_such_purpose'), weight: 1 },
    ) as fc.Arbitrary<Purpose>,
    facts: facts.map((entries) => withValues<FactName, FactValue>(entries)),
    consent: consent.map((entries) => withValues<FieldName, ConsentOfField>(entries)),
  });
}

function withValues<Key, Value>(entries: readonly (readonly [Key, Value | undefined])[]): ReadonlyMap<Key, Value> {
  return new Map(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
}
