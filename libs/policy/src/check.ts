import { type Bundle, CORE, type Place, type Rule, type RuleId } from './bundle.js';
import { Exceptions } from './proof/exceptions.js';
import { lookingAt } from './proof/looking-at.js';
import { neverMatter, type NeverMatters } from './proof/never-matters.js';
import { Outcomes } from './proof/outcomes.js';
import { Space } from './proof/space.js';
import { testCases } from './test-cases.js';

/**
 * `UNCONFIRMED`: nobody who knows the law has said so. `NO_CASE`: no case comes under the rule. `NEVER_HOLDS`: no situation
 * meets it. `NOT_GOVERNED`: its regime governs none of its fields. `EXCEPTION_REACHES_NOTHING`: no share could use the
 * exception. `SAME_RULE`: two rules say the same. `REDUNDANT`, `SHADOWED`, `NOTHING_TO_CUT`: without the rule the same would
 * leave in every situation.
 */
export type WarningCode =
  | 'UNCONFIRMED'
  | 'NO_CASE'
  | 'NEVER_HOLDS'
  | 'NOT_GOVERNED'
  | 'EXCEPTION_REACHES_NOTHING'
  | 'SAME_RULE'
  | 'REDUNDANT'
  | 'SHADOWED'
  | 'NOTHING_TO_CUT';

export interface Warning {
  readonly code: WarningCode;
  readonly place: Place;
  readonly rule: RuleId;
  readonly message: string;
}

/** What is valid and still unlikely to be meant. Words that are not known never come this far: `parseBundle` refuses them. */
export function check(bundle: Bundle): readonly Warning[] {
  const noticed = new Set(testCases(bundle).flatMap(({ matched }) => matched));
  const alike = Map.groupBy(bundle.rules, whatItSays);
  const outcomes = new Outcomes(bundle, new Space([bundle]));
  const never = new Map(neverMatter(bundle, outcomes).map((one) => [one.rule, one]));
  const exceptions = new Exceptions(outcomes);
  return bundle.rules.flatMap((rule) => {
    const warnings: Warning[] = [];
    const warn = (code: WarningCode, message: string): void => {
      warnings.push({ code, place: rule.place, rule: rule.id, message: `${rule.id} ${message}` });
    };
    const matters = never.get(rule.id);
    const idle = matters && whyItNeverMatters(matters, rule);
    if (idle?.[0] === 'NEVER_HOLDS') warn(...idle);
    if (!isGoverned(bundle, rule))
      warn('NOT_GOVERNED', `names no field that ${rule.regime} governs, and so never matters`);
    if (rule.kind === 'limit')
      for (const index of lookingAt(rule, () => exceptions.outOfReach(rule)))
        warn(
          'EXCEPTION_REACHES_NOTHING',
          `has an exception that no share reaches (number ${index + 1} of its \`unless\`)`,
        );
    const twins = alike.get(whatItSays(rule)) ?? [];
    if (twins[0] !== undefined && twins[0] !== rule) warn('SAME_RULE', `says the same as ${twins[0].id}`);
    // Where it was already said why, once is enough; of two that say the same one stays.
    if (idle !== undefined && warnings.length === 0 && !matters?.by.some((id) => twins.some((twin) => twin.id === id)))
      warn(...idle);
    if (!noticed.has(rule.id)) warn('NO_CASE', 'matches in no case');
    if (rule.checked.kind === 'nobody yet') warn('UNCONFIRMED', 'has been checked by nobody yet');
    return warnings;
  });
}

function whyItNeverMatters({ why, by }: NeverMatters, { kind }: Rule): readonly [WarningCode, string] {
  const names = by.join(' and ');
  switch (why) {
    case 'never met':
      return ['NEVER_HOLDS', 'can never hold: no situation meets all its conditions'];
    case 'always excepted':
      return ['NEVER_HOLDS', 'can never hold: wherever its conditions hold, its own `unless` does too'];
    case 'redundant': {
      const others = by.length === 0 ? 'others together do' : `${names} ${by.length === 1 ? 'does' : 'do'}`;
      return [
        'REDUNDANT',
        `never matters: wherever it ${kind === 'share' ? 'shares' : 'limits'}, ${others} so too, as far`,
      ];
    }
    case 'shadowed':
      return [
        'SHADOWED',
        `never matters: what only it shares is always kept back${by.length === 0 ? '' : ` by ${names}`}`,
      ];
    case 'nothing to cut':
      return ['NOTHING_TO_CUT', 'never matters: nothing that it keeps back would leave without it'];
    default:
      return why satisfies never;
  }
}

function isGoverned({ regimes }: Bundle, rule: Rule): boolean {
  if (rule.regime === CORE) return true;
  const governs = regimes.get(rule.regime)?.governs ?? [];
  return [...rule.fields.keys()].some(
    (field) => field.startsWith('envelope.') || governs.some(({ fields }) => fields.has(field)),
  );
}

/** Everything about a rule but its name, title, source and wording, in one order. */
function whatItSays(rule: Rule): string {
  const { regime, kind, fields, conditions, duties } = rule;
  const ofShare = rule.kind === 'share' ? [rule.lastResort, rule.namesSender] : [];
  return JSON.stringify([regime, kind, fields, conditions, new Set(duties), ofShare], (_, value: unknown) =>
    value instanceof Set || value instanceof Map ? [...value].map(String).toSorted() : value,
  );
}
