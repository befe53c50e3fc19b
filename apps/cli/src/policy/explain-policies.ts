import {
  type Bundle,
  type Case,
  explain,
  type FieldExplanation,
  parseSituation,
  type Rule,
  type Situation,
} from '#policy';
import { type FieldName, nearestWord, NOTHING } from '#terms';
import { type Answer, UsageError } from '../answer.js';
import { counted } from './counted.js';
import { readPolicies } from './read-policies.js';

/** `postern policy explain`: one situation, by the name of a case, in words, or both. */
export async function explainPolicies(
  folder: string,
  fields: readonly string[],
  { case: name, given }: { readonly case?: string; readonly given?: string },
): Promise<Answer> {
  const bundle = await readPolicies(folder);
  if (name === undefined && given === undefined)
    throw new UsageError("which situation? `--case NAME`, `--given '{purpose: …, origins: …}'`, or both");
  const base = name === undefined ? undefined : caseNamed(bundle, name).situation;
  const situation: Situation | undefined = given === undefined ? base : parseSituation(given, bundle, base);
  if (situation === undefined) throw new UsageError('which situation?');
  const asked =
    fields.length === 0 ? [...bundle.vocabulary.fields.keys()] : fields.map((field) => fieldNamed(bundle, field));
  // The sender goes with a value: explained alone, it would never go.
  const explanation = explain(bundle, situation, [...new Set([...bundle.vocabulary.fields.keys(), ...asked])]);
  const shown = asked.flatMap((field) => {
    const explained = explanation.fields.get(field);
    return explained === undefined ? [] : [[field, explained] as const];
  });
  const rules = new Map(bundle.rules.map((rule) => [rule.id, rule]));
  return {
    exitCode: 0,
    lines:
      fields.length === 0 ? overview(shown) : shown.flatMap(([field, explained]) => inFull(field, explained, rules)),
    json: {
      digest: bundle.digest,
      fields: Object.fromEntries(
        shown.map(([field, { decision, levelName, words, regimes, nearMisses }]) => [
          field,
          { ...decision, levelName, words, regimes, nearMisses: nearMisses.map((miss) => miss.words) },
        ]),
      ),
    },
  };
}

function overview(shown: readonly (readonly [FieldName, FieldExplanation])[]): readonly string[] {
  const matters = shown.filter(([, { decision }]) => decision.level > NOTHING || decision.cut.length > 0);
  const lines = matters.map(([field, { words }]) => `${field}  ${words}`);
  const others = shown.length - matters.length;
  if (others > 0) lines.push(`${counted(others, 'field')} that nothing would share: name one to see why`);
  return lines;
}

function inFull(
  field: FieldName,
  { words, decision, regimes, nearMisses }: FieldExplanation,
  rules: ReadonlyMap<Rule['id'], Rule>,
): readonly string[] {
  const lines = [`${field}  ${words}`];
  for (const { regime, levelName, limits } of regimes) {
    if (regimes.length > 1 || limits.length > 0) lines.push(`    ${regime} allows ${plainly(levelName)}`);
    for (const limit of limits) lines.push(`        ${plainly(limit.levelName)} by ${limit.id}: ${limit.title}`);
  }
  if (decision.duties.length > 0) lines.push(`    duties: ${decision.duties.join(', ')}`);
  for (const say of decision.say) lines.push(`    says: ${say}`);
  if (decision.alerts.length > 0)
    lines.push(`    a person at the agency that holds it is told, by ${decision.alerts.join(', ')}`);
  const telling = regimes
    .flatMap(({ shares }) => shares.map(({ id }) => rules.get(id)))
    .filter((rule) => rule?.kind === 'share' && rule.tellUpon.includes(field));
  if (decision.level > NOTHING && telling.length > 0)
    lines.push(`    whoever may ask is told of a change unasked, by ${telling.map((rule) => rule?.id).join(', ')}`);
  for (const miss of nearMisses) lines.push(`    ${miss.words}`);
  if (decision.level === NOTHING && nearMisses.length === 0)
    lines.push('    no single thing would let it go: two or more would have to be otherwise');
  return lines;
}

function plainly(level: string): string {
  return level.replaceAll('_', ' ');
}

function caseNamed(bundle: Bundle, name: string): Case {
  const found = bundle.cases.filter((one) => one.name === name);
  const [first, second] = found;
  if (first === undefined) {
    const near = nearestWord(
      name,
      bundle.cases.map((one) => one.name),
    );
    throw new UsageError(`no case is called \`${name}\`${near === undefined ? '' : `; did you mean \`${near}\`?`}`);
  }
  if (second !== undefined)
    throw new UsageError(
      `several cases are called \`${name}\`: ${found.map(({ place }) => `${place.path}:${place.line}`).join(', ')}`,
    );
  return first;
}

function fieldNamed(bundle: Bundle, name: string): FieldName {
  const field = bundle.vocabulary.fields.get(name as FieldName);
  if (field !== undefined) return field.name;
  const near = nearestWord(name, bundle.vocabulary.fields.keys());
  throw new UsageError(`\`${name}\` is not a field${near === undefined ? '' : `; did you mean \`${near}\`?`}`);
}
