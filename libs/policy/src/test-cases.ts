import { type FieldName, type Level, levelName, NOTHING, type RegimeName } from '#terms';
import type { AlwaysShare, Bundle, Case, NeverShare, Place, PolicyPromise, RuleId } from './bundle.js';
import { decide } from './decide.js';
import { judge } from './decide-naively.js';
import type { Decision } from './decision.js';
import { explain } from './explain.js';
import { Hearing } from './hearing.js';
import { consentTo, remaining, type Settled, settle, unlessCarries, whenCarries } from './hold.js';
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
  readonly field: FieldName;
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

/** Decides every case, compares, and holds every promise against its situation. */
export function testCases(bundle: Bundle): readonly CaseResult[] {
  return bundle.cases.map((one) => testCase(bundle, one));
}

function testCase(bundle: Bundle, one: Case): CaseResult {
  const all = [...bundle.vocabulary.fields.keys()];
  const decision = decide(bundle, one.situation, all);
  const wrong = [...one.expect].filter(([name, level]) => decision.fields.get(name)?.level !== level);
  const differences = wrong.map(([name, level]) => difference(bundle, one, decision, name, level));
  const broken = bundle.promises.flatMap((promise) => brokenBy(bundle, promise, one.situation, decision));
  return {
    name: one.name,
    regime: one.regime,
    place: one.place,
    passed: differences.length + broken.length === 0,
    differences,
    broken,
    matched: matchedBy(bundle, one),
  };
}

function matchedBy(bundle: Bundle, { situation, expect }: Case): readonly RuleId[] {
  const hearing = new Hearing(bundle, situation);
  const matched = new Set<RuleId>();
  for (const name of expect.keys()) {
    const field = bundle.vocabulary.fields.get(name);
    if (field === undefined) continue;
    const { governing, core } = judge(hearing, field);
    for (const { shares, limits } of [core, ...governing])
      for (const { rule } of [...shares, ...limits]) matched.add(rule.id);
  }
  return [...matched];
}

function difference(
  bundle: Bundle,
  { situation }: Case,
  decision: Decision,
  name: FieldName,
  expected: Level,
): Difference {
  const why = explain(bundle, situation, [name]).fields.get(name)?.words ?? '';
  return {
    field: name,
    expected: called(bundle, name, expected),
    got: called(bundle, name, levelOf(decision, name)),
    why,
  };
}

/** Holds one promise against one situation. That none is ever broken, in any situation, is for a proof to say. */
function brokenBy(
  bundle: Bundle,
  promise: PolicyPromise,
  situation: Situation,
  decision: Decision,
): readonly BrokenPromise[] {
  const speaksOf = appliesTo(promise, settle(situation, bundle.vocabulary));
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

function appliesTo({ conditions }: PolicyPromise, settled: Settled): (field: FieldName) => boolean {
  const rest = remaining(conditions, settled);
  if (rest === undefined) return () => false;
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
