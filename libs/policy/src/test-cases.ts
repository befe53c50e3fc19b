import { type FieldName, type Level, levelName, NOTHING, type RegimeName } from '#terms';
import { broughtAlong } from './brought-along.js';
import type {
  AlwaysShare,
  Brings,
  Bundle,
  Case,
  NeverShare,
  Place,
  PolicyPromise,
  RuleId,
  RulesOfField,
} from './bundle.js';
import { decide } from './decide.js';
import { judge } from './decide-naively.js';
import type { Decision } from './decision.js';
import { PolicyError } from './error.js';
import { reasonInWords } from './explain.js';
import type { WordOf } from './grammar.js';
import { Hearing } from './hearing.js';
import { consentTo, remaining, type Settled, unlessCarries, whenCarries } from './hold.js';
import type { Situation } from './situation.js';

export interface CaseResult {
  readonly name: string;
  readonly regime: RegimeName;
  readonly place: Place;
  readonly passed: boolean;
  readonly differences: readonly Difference[];
  /** Promises that the situation of this case breaks. */
  readonly broken: readonly BrokenPromise[];
  /** Rules that match for some field the case speaks of. */
  readonly matched: readonly RuleId[];
}

export interface Difference {
  /** A field, or a word of `expect` for what comes with them. */
  readonly field: FieldName | WordOf<'`expect`'>;
  readonly expected: string;
  readonly got: string;
  /** What decided it instead. */
  readonly why: string;
}

export interface BrokenPromise {
  readonly promise: string;
  readonly place: Place;
  readonly field: FieldName;
  readonly got: string;
}

/** Rules times cases. Enough for 2,000 rules with a case for every fourth; what is tried takes about a second. */
const MOST_TRIALS = 1_000_000;

/** Decides every case, compares, and holds every promise against its situation. */
export function testCases(bundle: Bundle): readonly CaseResult[] {
  const [rules, cases] = [bundle.rules.length, bundle.cases.length];
  if (rules * cases > MOST_TRIALS)
    throw new PolicyError(
      'POLICY_TOO_INTRICATE',
      `${cases} cases of ${rules} rules each are more than ${MOST_TRIALS} to try; test some regimes, with core, at a time`,
    );
  return bundle.cases.map((one) => testCase(bundle, one));
}

function testCase(bundle: Bundle, one: Case): CaseResult {
  const all = [...bundle.vocabulary.fields.keys()];
  const decision = decide(bundle, one.situation, all);
  const wrong = [...one.expect].filter(([name, level]) => decision.fields.get(name)?.level !== level);
  const hearing = new Hearing(bundle, one.situation);
  const differences = [
    ...wrong.map(([name, level]) => difference(hearing, decision, name, level)),
    ...broughtOtherwise(one.brings, hearing, decision),
  ];
  const broken = bundle.promises.flatMap((promise) => brokenBy(hearing, promise, decision));
  return {
    name: one.name,
    regime: one.regime,
    place: one.place,
    passed: differences.length + broken.length === 0,
    differences,
    broken,
    matched: matchedBy(hearing, one),
  };
}

function matchedBy(hearing: Hearing, { expect }: Case): readonly RuleId[] {
  const { bundle } = hearing;
  const matched = new Set<RuleId>();
  const judged = new Map<RulesOfField | undefined, Set<string>>();
  for (const name of expect.keys()) {
    const field = bundle.vocabulary.fields.get(name);
    if (field === undefined) continue;
    // Fields of which every rule says the same, governed alike and agreed to alike, are matched by the same rules.
    const table = bundle.byField.get(name);
    const alike = judged.get(table) ?? new Set();
    judged.set(table, alike);
    const { state, level } = consentTo(name, hearing.settled);
    const key = [state, level, ...hearing.governing(name)].join(' ');
    if (alike.has(key)) continue;
    alike.add(key);
    const { governing, core } = judge(hearing, field);
    for (const { shares, limits } of [core, ...governing])
      for (const { rule } of [...shares, ...limits]) matched.add(rule.id);
  }
  return [...matched];
}

function broughtOtherwise(expected: Brings, hearing: Hearing, decision: Decision): readonly Difference[] {
  if (Object.keys(expected).length === 0) return [];
  const { duties, dutiesOf, say, alert, lastResort, tellUpon } = broughtAlong(hearing, decision);
  return [
    ...differs('duties', expected.duties, duties),
    ...[...(expected.dutiesOf ?? [])].flatMap(([name, wanted]) =>
      differs('duties of', wanted, dutiesOf.get(name) ?? new Map()).map((one) => ({
        ...one,
        why: `${name}: ${one.why}`,
      })),
    ),
    ...differs('say', expected.say, say),
    ...answers('alert', expected.alert, alert),
    ...answers('last resort', expected.lastResort, lastResort),
    ...differs('tell upon', expected.tellUpon, tellUpon),
  ];
}

function differs(
  field: WordOf<'`expect`'>,
  wanted: ReadonlySet<string> | undefined,
  got: ReadonlyMap<string, ReadonlySet<RuleId>>,
): readonly Difference[] {
  if (wanted === undefined || (wanted.size === got.size && [...wanted].every((word) => got.has(word)))) return [];
  const missing = [...wanted].filter((word) => !got.has(word));
  const more = [...got].filter(([word]) => !wanted.has(word));
  const why = [
    ...(missing.length > 0 ? [`nothing brings ${missing.join(', ')}`] : []),
    ...more.map(([word, rules]) => `${word} comes by ${[...rules].join(', ')}`),
  ];
  return [{ field, expected: listed(wanted), got: listed(got.keys()), why: why.join('; ') }];
}

function answers(
  field: WordOf<'`expect`'>,
  wanted: boolean | undefined,
  rules: ReadonlySet<RuleId>,
): readonly Difference[] {
  if (wanted === undefined || wanted === rules.size > 0) return [];
  return [{ field, expected: wanted ? 'yes' : 'no', got: wanted ? 'no' : 'yes', why: `by ${listed(rules)}` }];
}

function listed(words: Iterable<string>): string {
  return [...words].join(', ') || 'none';
}

function difference(hearing: Hearing, decision: Decision, name: FieldName, expected: Level): Difference {
  const { bundle } = hearing;
  const field = bundle.vocabulary.fields.get(name);
  const decided = decision.fields.get(name);
  return {
    field: name,
    expected: called(bundle, name, expected),
    got: called(bundle, name, levelOf(decision, name)),
    why: field === undefined || decided === undefined ? '' : reasonInWords(decided, judge(hearing, field)),
  };
}

/** Holds one promise against one situation. That none is ever broken, in any situation, is for a proof to say. */
function brokenBy(
  { bundle, situation, settled }: Hearing,
  promise: PolicyPromise,
  decision: Decision,
): readonly BrokenPromise[] {
  const speaksOf = appliesTo(promise, settled);
  if (speaksOf === undefined) return [];
  const fields =
    promise.kind === 'never share' ? sharedAll(bundle, promise, decision) : notShared(bundle, promise, situation);
  return [...fields].flatMap(([field, level]) =>
    speaksOf(field) ? [{ promise: promise.name, place: promise.place, field, got: called(bundle, field, level) }] : [],
  );
}

function sharedAll(bundle: Bundle, promise: NeverShare, decision: Decision): ReadonlyMap<FieldName, Level> {
  const shared = new Map<FieldName, Level>();
  for (const field of promise.fields) {
    const decided = decision.fields.get(field);
    if (decided === undefined || decided.level === NOTHING) continue;
    if (!promise.byLastResort || brokeTheGlass(bundle, promise.regime, decided.granted))
      shared.set(field, decided.level);
  }
  return shared;
}

function notShared(bundle: Bundle, promise: AlwaysShare, situation: Situation): ReadonlyMap<FieldName, Level> {
  const alone: Situation = { ...situation, origins: new Set([promise.of]), travelled: new Map() };
  const decision = decide(bundle, alone, [...promise.fields.keys()]);
  const short = new Map<FieldName, Level>();
  for (const [field, least] of promise.fields) {
    const level = levelOf(decision, field);
    if (level < least) short.set(field, level);
  }
  return short;
}

/** Nothing where it speaks of no field here. */
function appliesTo({ conditions }: PolicyPromise, settled: Settled): ((field: FieldName) => boolean) | undefined {
  const rest = remaining(conditions, settled);
  if (rest === undefined) return undefined;
  return (field) => {
    const consent = consentTo(field, settled);
    return whenCarries(rest, consent) > NOTHING && unlessCarries(rest, consent) === NOTHING;
  };
}

function brokeTheGlass(bundle: Bundle, regime: RegimeName, granted: readonly RuleId[]): boolean {
  return bundle.rules.some(
    (rule) => rule.kind === 'share' && rule.lastResort && rule.regime === regime && granted.includes(rule.id),
  );
}

function levelOf(decision: Decision, field: FieldName): Level {
  return decision.fields.get(field)?.level ?? NOTHING;
}

function called(bundle: Bundle, name: FieldName, level: Level): string {
  const field = bundle.vocabulary.fields.get(name);
  return field === undefined ? '' : levelName(field, level);
}
