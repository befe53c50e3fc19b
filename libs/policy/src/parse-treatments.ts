import { type Purpose, type Vocabulary } from '#terms';
import type { Treatment } from './bundle.js';
import { expectKeys, expectList, expectMap, expectText, notOneOf } from './expect-node.js';
import { wordsOf } from './grammar.js';
import { parsePurposes, SUBJECT_ROLE } from './parse-conditions.js';
import { complain, type Source, type YamlMap, type YamlNode } from './read-yaml.js';

const EVERYTHING_ELSE = 'everything else';

/** `treated as: [{subject_role: adolescent_using_violence, for purpose: [risk_assessment], as: perpetrator}]` */
export function parseTreatments(source: Source, node: YamlNode, vocabulary: Vocabulary): readonly Treatment[] {
  const roles = vocabulary.facts.get(SUBJECT_ROLE)?.values;
  if (roles === undefined)
    return complain(source, node, `the vocabulary has no \`${SUBJECT_ROLE}\` to be treated as another`) ?? [];
  const treatments: Treatment[] = [];
  for (const item of expectList(source, node, '`treated as`')?.items ?? []) {
    const map = expectMap(source, item, 'each of `treated as`');
    const treatment = map && parseTreatment(source, map, roles, vocabulary);
    if (treatment === undefined || map === undefined) continue;
    const twice = namedTwice(treatments, treatment);
    if (twice !== undefined)
      complain(source, map, `${treatment.role} is already treated for \`${twice}\`; once is enough`);
    treatments.push(treatment);
  }
  return treatments;
}

function parseTreatment(
  source: Source,
  map: YamlMap,
  roles: readonly string[],
  vocabulary: Vocabulary,
): Treatment | undefined {
  const parts = expectKeys(source, map, '`treated as`', wordsOf('`treated as`'));
  const [roleNode, purposeNode, asNode] = [parts.get('subject_role'), parts.get('for purpose'), parts.get('as')];
  if (roleNode === undefined || purposeNode === undefined || asNode === undefined)
    return complain(
      source,
      map,
      'each of `treated as` says who, what for and as whom: `{subject_role: third_party, for purpose: everything else, as: survivor}`',
    );
  const read = (of: YamlNode, what: string): string | undefined => {
    const word = expectText(source, of, what);
    if (word === undefined || roles.includes(word.text)) return word?.text;
    return complain(source, word, notOneOf(word.text, `a value of ${SUBJECT_ROLE}`, roles));
  };
  const role = read(roleNode, `\`${SUBJECT_ROLE}\``);
  const as = read(asNode, '`as`');
  const isElse = purposeNode.kind === 'text' && purposeNode.text === EVERYTHING_ELSE;
  const purposes = isElse ? EVERYTHING_ELSE : parsePurposes(source, purposeNode, vocabulary);
  if (role === undefined || as === undefined) return undefined;
  if (role === as) return complain(source, asNode, `${role} is treated as itself without a word; leave it out`);
  return { role, purposes, as };
}

function namedTwice(
  before: readonly Treatment[],
  { role, purposes }: Treatment,
): Purpose | 'everything else' | undefined {
  const same = before.filter((one) => one.role === role);
  if (purposes === EVERYTHING_ELSE)
    return same.some((one) => one.purposes === EVERYTHING_ELSE) ? EVERYTHING_ELSE : undefined;
  return [...purposes].find((purpose) =>
    same.some((one) => one.purposes !== EVERYTHING_ELSE && one.purposes.has(purpose)),
  );
}
