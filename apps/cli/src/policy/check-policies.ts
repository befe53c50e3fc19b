import { type Bundle, check, readAloud, readPromiseAloud, readTreatmentAloud } from '#policy';
import type { Answer } from '../answer.js';
import { counted } from './counted.js';
import { readPolicies } from './read-policies.js';

/** `postern policy check`: warnings never fail it, since a rule that is unlikely to be meant still narrows or opens as written. */
export async function checkPolicies(folder: string, isAloud = false): Promise<Answer> {
  const bundle = await readPolicies(folder);
  const warnings = check(bundle);
  const unconfirmed = warnings.filter(({ code }) => code === 'UNCONFIRMED');
  const others = warnings.filter(({ code }) => code !== 'UNCONFIRMED');
  const lines = [
    summary(bundle),
    ...(isAloud ? aloud(bundle) : []),
    ...others.map(({ place, message }) => `${place.path}:${place.line}:${place.column}: warning: ${message}`),
    others.length === 0 ? 'every word is known, and every rule can matter' : counted(others.length, 'warning'),
  ];
  if (unconfirmed.length > 0)
    lines.push(
      `${counted(unconfirmed.length, 'rule')} checked by nobody yet: refused in production unless an officer signs for them`,
    );
  return { exitCode: 0, lines, json: { digest: bundle.digest, ...counts(bundle), warnings } };
}

/** What was understood, and not what was typed: an officer who reads it reads what will be decided. */
function aloud(bundle: Bundle): readonly string[] {
  return [
    ...bundle.rules.map((rule) => `${rule.id}: ${readAloud(bundle, rule)}`),
    ...bundle.promises.map((promise) => `${promise.regime} promises: ${readPromiseAloud(bundle, promise)}`),
    ...[...bundle.regimes].flatMap(([name, { treatments }]) =>
      treatments.map((treatment) => `${name}: ${readTreatmentAloud(treatment)}`),
    ),
  ];
}

function summary(bundle: Bundle): string {
  const { regimes, rules, promises, cases } = counts(bundle);
  return `core and ${counted(regimes, 'regime')}, ${counted(rules, 'rule')}, ${counted(promises, 'promise')}, ${counted(cases, 'case')}; digest ${bundle.digest.slice(0, 16)}…`;
}

function counts({ regimes, rules, promises, cases }: Bundle): {
  readonly regimes: number;
  readonly rules: number;
  readonly promises: number;
  readonly cases: number;
} {
  return {
    regimes: regimes.size,
    rules: rules.length,
    promises: promises.length,
    cases: cases.length,
  };
}
