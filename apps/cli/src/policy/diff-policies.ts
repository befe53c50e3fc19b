import { type Bundle, compare, type PolicyDifference as Difference } from '#policy';
import type { Answer } from '../answer.js';
import { counted, inNumbers } from './counted.js';
import { readPolicies } from './read-policies.js';

/** `postern policy diff A B`: every situation in which something else leaves, widenings first; exit code 1 where there is one. */
export async function diffPolicies(before: string, after: string): Promise<Answer> {
  const [a, b] = [await readPolicies(before), await readPolicies(after)];
  const { widenings, narrowings, otherwise, notCompared } = compare(a, b);
  const lines = [
    ...widenings.flatMap((one) => inLines('WIDER', one, [before, a], [after, b])),
    ...narrowings.flatMap((one) => inLines('NARROWER', one, [before, a], [after, b])),
    ...(otherwise.length > 0 ? [`duties, wording, alerts or last resort changed in ${otherwise.join(', ')}`, ''] : []),
    ...(notCompared.length > 0 ? [`not compared, since the levels changed: ${notCompared.join(', ')}`, ''] : []),
  ];
  const isSame = widenings.length + narrowings.length + otherwise.length + notCompared.length === 0;
  lines.push(
    isSame
      ? 'in every situation the same leaves'
      : `${counted(widenings.length, 'widening')}, ${counted(narrowings.length, 'narrowing')}`,
  );
  return {
    exitCode: isSame ? 0 : 1,
    lines,
    json: {
      before: a.digest,
      after: b.digest,
      widenings: widenings.map(inJson),
      narrowings: narrowings.map(inJson),
      otherwise,
      notCompared,
    },
  };
}

type Named = readonly [folder: string, bundle: Bundle];

function inLines(
  head: string,
  { fields, steps, situations, common, groups, others, example }: Difference,
  before: Named,
  after: Named,
): readonly string[] {
  const explain = ([folder, bundle]: Named, when: string): readonly string[] =>
    canBeSaidIn(bundle, example)
      ? [`    ${when} postern policy explain ${folder} ${example.field} --given '${example.given}'`]
      : [];
  const moves = [...Map.groupBy(steps, ({ from }) => from)].map(
    ([from, own]) => `${from} → ${own.map(({ to }) => to).join(' or ')}`,
  );
  return [
    `${head}  ${fields.join(', ')}: ${moves.join(', ')}, in ${inNumbers(situations)} situations`,
    ...(common === '' ? [] : [`    ${common}`]),
    ...groups.map(
      ({ words, situations: count }) => `      ${words === '' ? 'and no more' : words}  (${inNumbers(count)})`,
    ),
    ...(others > 0n ? [`      otherwise, or where several regimes bind it  (${inNumbers(others)})`] : []),
    ...explain(after, 'for example:'),
    ...explain(before, 'and before: '),
    '',
  ];
}

/** A regime, a fact or a purpose may be new. */
function canBeSaidIn({ regimes, vocabulary }: Bundle, { field, situation }: Difference['example']): boolean {
  return (
    vocabulary.fields.has(field) &&
    vocabulary.purposes.has(situation.purpose) &&
    [...situation.origins].every((name) => regimes.has(name)) &&
    [...situation.facts.keys()].every((name) => vocabulary.facts.has(name))
  );
}

function inJson({ fields, steps, situations, common, groups, others, example }: Difference): object {
  return {
    fields,
    steps: steps.map((step) => ({ ...step, situations: String(step.situations) })),
    situations: String(situations),
    common,
    groups: groups.map(({ words, situations: count }) => ({ words, situations: String(count) })),
    others: String(others),
    example: { field: example.field, given: example.given },
  };
}
