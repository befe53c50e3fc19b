import { type Attached, type Bundle, compare, type Example, type PolicyDifference as Difference } from '#policy';
import type { Answer } from '../answer.js';
import { counted, inNumbers } from './counted.js';
import { readPolicies } from './read-policies.js';

/** `postern policy diff A B`: every situation in which something else comes of it, widenings first; exit code 1 where there is one. */
export async function diffPolicies(before: string, after: string): Promise<Answer> {
  const [a, b] = [await readPolicies(before), await readPolicies(after)];
  const { widenings, narrowings, wordings, notCompared } = compare(a, b);
  const lines = [
    ...widenings.flatMap((one) => inLines('WIDER', one, [before, a], [after, b])),
    ...narrowings.flatMap((one) => inLines('NARROWER', one, [before, a], [after, b])),
    ...wordings.flatMap((one) => inLines('WORDED OTHERWISE', one, [before, a], [after, b])),
    ...(notCompared.length > 0 ? [`not compared, since the levels changed: ${notCompared.join(', ')}`, ''] : []),
  ];
  const isSame = widenings.length + narrowings.length + wordings.length + notCompared.length === 0;
  lines.push(
    isSame
      ? 'in every situation the same leaves, and the same comes with it'
      : [
          counted(widenings.length, 'widening'),
          counted(narrowings.length, 'narrowing'),
          ...(wordings.length > 0 ? [counted(wordings.length, 'change of wording')] : []),
        ].join(', '),
  );
  return {
    exitCode: isSame ? 0 : 1,
    lines,
    json: {
      before: a.digest,
      after: b.digest,
      widenings: widenings.map(inJson),
      narrowings: narrowings.map(inJson),
      wordings: wordings.map(inJson),
      notCompared,
    },
  };
}

type Named = readonly [folder: string, bundle: Bundle];

function inLines(
  head: string,
  { fields, what, situations, under, beyond }: Difference,
  before: Named,
  after: Named,
): readonly string[] {
  return [
    `${head}  ${fields.join(', ')}: ${inWords(what)}, in ${inNumbers(situations)} situations`,
    ...under.flatMap((one) => underThese(one, before, after)),
    ...(beyond.length > 0
      ? [
          `    likewise where more regimes bind it  (${inNumbers(beyond.reduce((sum, one) => sum + one.situations, 0n))})`,
          ...beyond.flatMap(({ bindings }) => bindings.map((words) => `      ${words}`)).slice(0, MOST_NAMED),
          ...(beyond.length > MOST_NAMED ? [`      and ${beyond.length - MOST_NAMED} further combinations`] : []),
        ]
      : []),
    '',
  ];
}

const MOST_NAMED = 4;

function inWords(what: Difference['what']): string {
  if (what.kind === 'level')
    return [...Map.groupBy(what.steps, ({ from }) => from)]
      .map(([from, own]) => `${from} → ${own.map(({ to }) => to).join(' or ')}`)
      .join(', ');
  const gone = what.gone.map((one) => comesWithIt(one, 'no longer'));
  return [...gone, ...what.come.map((one) => comesWithIt(one, 'now'))].join('; ');
}

function comesWithIt(attached: Attached, when: 'now' | 'no longer'): string {
  switch (attached.kind) {
    case 'duty':
      return `${when} under the duty ${attached.duty}`;
    case 'say':
      return `${when} with the words “${attached.sentence}”`;
    case 'alert':
      return `a person at the agency that holds it is ${when} told`;
    case 'last resort':
      return when === 'now' ? 'now only by breaking the glass' : 'no longer only by breaking the glass';
    case 'tell upon':
      return `whoever may ask is ${when} told of a change unasked`;
    default:
      return attached satisfies never;
  }
}

function underThese(
  { bindings, situations, common, groups, others, example }: Difference['under'][number],
  before: Named,
  after: Named,
): readonly string[] {
  const explain = ([folder, bundle]: Named, when: string): readonly string[] =>
    canBeSaidIn(bundle, example)
      ? [`      ${when} postern policy explain ${folder} ${example.field} --given '${example.given}'`]
      : [];
  const words = [bindings.join(', or '), common].filter((part) => part !== '').join('; ');
  return [
    `    ${words === '' ? 'in every situation' : words}  (${inNumbers(situations)})`,
    ...groups.map(
      (group) => `      ${group.words === '' ? 'and no more' : group.words}  (${inNumbers(group.situations)})`,
    ),
    ...(others > 0n ? [`      otherwise  (${inNumbers(others)})`] : []),
    ...explain(after, 'for example:'),
    ...explain(before, 'and before: '),
  ];
}

/** A regime, a fact or a purpose may be new. */
function canBeSaidIn({ regimes, vocabulary }: Bundle, { field, situation }: Example): boolean {
  return (
    vocabulary.fields.has(field) &&
    vocabulary.purposes.has(situation.purpose) &&
    [...situation.origins].every((name) => regimes.has(name)) &&
    [...situation.facts.keys()].every((name) => vocabulary.facts.has(name))
  );
}

function inJson({ fields, what, situations, under, beyond }: Difference): object {
  return {
    fields,
    what:
      what.kind === 'level'
        ? { kind: what.kind, steps: what.steps.map((step) => ({ ...step, situations: String(step.situations) })) }
        : what,
    situations: String(situations),
    under: under.map(({ bindings, situations: count, common, groups, others, example }) => ({
      bindings,
      situations: String(count),
      common,
      groups: groups.map(({ words, situations: own }) => ({ words, situations: String(own) })),
      others: String(others),
      example: { field: example.field, given: example.given },
    })),
    beyond: beyond.map(({ bindings, situations: count }) => ({ bindings, situations: String(count) })),
  };
}
