import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { type FieldName, FULL, type Level, NOTHING, type RegimeName, UNKNOWN } from '#terms';
import {
  type Bundle,
  type Conjunction,
  CORE,
  type FactTest,
  type Governs,
  type Limit,
  type Share,
} from '../src/bundle.js';
import { settle } from '../src/hold.js';
import type { ConsentOfField, Situation } from '../src/situation.js';
import type { LevelEvaluator } from './evaluators.js';

/**
 * A bundle as policies of Cedar, whose meaning others defined and proved. Cedar answers yes or no to one question: each
 * question here is whether one regime lets one level of one field go, and whether a regime governs it at all. That all who
 * govern must let it go, and that the highest level wins which all do, is left to whoever asks.
 */
export function inCedar({ rules, regimes, vocabulary }: Bundle): string {
  const policies: string[] = [];
  for (const [name, regime] of regimes)
    for (const governs of regime.governs)
      policies.push(
        `permit (principal, action == Action::"govern", resource == Regime::"${name}") when { ${governed(name, governs)} };`,
      );
  for (const rule of rules) {
    const scope = rule.regime === CORE ? 'resource' : `resource == Regime::"${rule.regime}"`;
    if (rule.kind === 'limit')
      policies.push(
        `forbid (principal, action == Action::"share", ${scope}) when { ${inLevels(rule.fields, '>')} && ${matches(rule, 'context', '1')} } unless { ${excepted(rule, 'context', 'context.level')} };`,
      );
    else {
      policies.push(
        `permit (principal, action == Action::"share", ${scope}) when { ${inLevels(rule.fields, '<=')} && ${matches(rule, 'context', 'context.level')} } unless { ${excepted(rule, 'context', '1')} };`,
      );
      if (rule.namesSender && vocabulary.fields.has('envelope.sender' as FieldName)) {
        const along = [...rule.fields.keys()].map((field) => {
          const said = `context.said["${field}"]`;
          return `(${matches(rule, said, '1')} && !(${excepted(rule, said, '1')}))`;
        });
        policies.push(
          `permit (principal, action == Action::"share", ${scope}) when { context.field == "envelope.sender" && ${some(along)} };`,
        );
      }
    }
  }
  return policies.join('\n');
}

function inLevels(fields: ReadonlyMap<FieldName, Level>, compare: '<=' | '>'): string {
  return some(
    [...fields].map(([field, level]) => `(context.field == "${field}" && context.level ${compare} ${level})`),
  );
}

function governed(name: string, { origins, fields, under }: Governs): string {
  return every([
    ...(origins === 'every agency' ? [] : [`context.origins.contains("${name}")`]),
    `(context.isEnvelope || ${listed(fields)}.contains(context.field))`,
    ...under.map(holds),
  ]);
}

function matches({ conditions: { when, any } }: Share | Limit, said: string, level: string): string {
  return every([
    conjunction(when, said, level),
    ...(any.length === 0 ? [] : [some(any.map((one) => conjunction(one, said, level)))]),
  ]);
}

function excepted({ conditions: { unless } }: Share | Limit, said: string, level: string): string {
  return some(unless.map((one) => conjunction(one, said, level)));
}

function conjunction({ facts, purposes, consent }: Conjunction, said: string, level: string): string {
  const parts = facts.map(holds);
  if (purposes !== undefined)
    parts.push(`${listed([...purposes.words, ...(purposes.unknownMeets ? [UNKNOWN] : [])])}.contains(context.purpose)`);
  if (consent !== undefined)
    parts.push(
      `(${listed(consent)}.contains(${said}.state) && (${said}.state != "agreed" || ${said}.agreed >= ${level}))`,
    );
  return every(parts);
}

function holds({ fact, words, unknownMeets, treated }: FactTest): string {
  const met = [...words].filter((word) => word !== UNKNOWN);
  const said = `context.facts.${fact}`;
  const isUnknown = unknownMeets ? `${said}.contains("${UNKNOWN}")` : 'false';
  if (treated === undefined) return some([`${said}.containsAny(${listed(met)})`, isUnknown]);
  const { to, treatments } = treated;
  const changed = new Set(treatments.map(({ role }) => role));
  const same = to === 'close' ? met : met.filter((word) => !changed.has(word));
  const parts = [`${said}.containsAny(${listed(same)})`, isUnknown];
  for (const role of changed) {
    const own = treatments.filter((one) => one.role === role);
    const named = own.filter(({ purposes }) => purposes !== 'everything else');
    const inPurposes = (one: (typeof own)[number]): string =>
      `${listed(one.purposes === 'everything else' ? [] : one.purposes)}.contains(context.purpose)`;
    const isNamed = some(named.map(inPurposes));
    const known = `context.purpose != "${UNKNOWN}"`;
    for (const one of own)
      if (words.has(one.as)) {
        const applies = one.purposes === 'everything else' ? `!(${isNamed})` : inPurposes(one);
        parts.push(`(${known} && ${said}.contains("${role}") && ${applies})`);
        if (to === 'close') parts.push(`(!(${known}) && ${said}.contains("${role}"))`);
      }
    if (words.has(role) && to === 'open' && named.length === own.length)
      parts.push(`(${known} && ${said}.contains("${role}") && !(${isNamed}))`);
  }
  return some(parts);
}

function listed(words: Iterable<string>): string {
  const all = [...words];
  // An empty set has no type that Cedar could know.
  return `[${(all.length === 0 ? ['no word'] : all).map((word) => `"${word}"`).join(', ')}]`;
}

function every(parts: readonly string[]): string {
  return parts.length === 0 ? 'true' : `(${parts.join(' && ')})`;
}

function some(parts: readonly string[]): string {
  return parts.length === 0 ? 'false' : `(${parts.join(' || ')})`;
}

const OURS = 'bundle';

/** Decides by Cedar's own engine. `spoil` plants a fault in what it is given. */
export function byCedar(bundle: Bundle, spoil: (policies: string) => string = (policies) => policies): LevelEvaluator {
  const { vocabulary, regimes } = bundle;
  const parsed = preparsePolicySet(OURS, { staticPolicies: spoil(inCedar(bundle)) });
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed.errors));
  return (situation, names) => {
    const levels = new Map<FieldName, { readonly level: Level }>();
    for (const name of names) {
      const field = vocabulary.fields.get(name);
      const isAllowed = (action: string, regime: string, level: Level): boolean =>
        ask(action, regime, contextOf(bundle, situation, name, level));
      const origins = originsOf(bundle, situation, name);
      const governing = [...new Set([...regimes.keys(), ...origins])].filter(
        (regime) => !regimes.has(regime as RegimeName) || isAllowed('govern', regime, NOTHING),
      );
      let level = field === undefined ? NOTHING : FULL(field);
      while (
        level > NOTHING &&
        !(governing.length > 0 && governing.every((regime) => isAllowed('share', regime, level)))
      )
        level = (level - 1) as Level;
      levels.set(name, { level });
    }
    return levels;
  };
}

function ask(action: string, regime: string, context: Parameters<typeof statefulIsAuthorized>[0]['context']): boolean {
  const answer = statefulIsAuthorized({
    principal: { type: 'Asker', id: 'asker' },
    action: { type: 'Action', id: action },
    resource: { type: 'Regime', id: regime },
    context,
    preparsedPolicySetId: OURS,
    entities: [],
  });
  if (answer.type !== 'success') throw new Error(JSON.stringify(answer.errors));
  // Cedar leaves out a policy that errs, be it one that forbids.
  if (answer.response.diagnostics.errors.length > 0)
    throw new Error(JSON.stringify(answer.response.diagnostics.errors));
  return answer.response.decision === 'allow';
}

function originsOf({ vocabulary }: Bundle, { origins, travelled }: Situation, name: FieldName): ReadonlySet<string> {
  const isEnvelope = vocabulary.fields.get(name)?.record === 'envelope';
  const kept = isEnvelope ? [...travelled.values()] : [travelled.get(name) ?? []];
  return new Set([...origins, ...kept.flatMap((regimes) => [...regimes])]);
}

function contextOf(
  bundle: Bundle,
  situation: Situation,
  name: FieldName,
  level: Level,
): Parameters<typeof statefulIsAuthorized>[0]['context'] {
  const { vocabulary } = bundle;
  const { facts, purpose } = settle(situation, vocabulary);
  const said = (field: FieldName): { readonly state: string; readonly agreed: number } => {
    const one: ConsentOfField | undefined = situation.consent.get(field);
    if (one === undefined || (one.state === 'agreed' && one.level === NOTHING))
      return { state: 'not_asked', agreed: 0 };
    return { state: one.state, agreed: one.state === 'agreed' ? one.level : 0 };
  };
  return {
    field: name,
    isEnvelope: vocabulary.fields.get(name)?.record === 'envelope',
    level,
    origins: [...originsOf(bundle, situation, name)],
    purpose,
    facts: Object.fromEntries(
      [...facts].map(([fact, value]) => [
        fact,
        typeof value === 'string' ? [value] : value.length === 0 ? ['none'] : [...value],
      ]),
    ),
    ...said(name),
    said: Object.fromEntries([...vocabulary.fields.keys()].map((field) => [field, said(field)])),
  };
}
