import { type Fact, type FactName, type Purpose, shortened, UNKNOWN, type Vocabulary } from '#terms';
import type { Conditions, Conjunction, FactTest, Treatment } from './bundle.js';
import { expectList, expectMap, expectWords, meantPerhaps, notOneOf } from './expect-node.js';
import { complain, type Source, type YamlMap, type YamlNode, type YamlText } from './read-yaml.js';
import { CONSENT_STATES, type ConsentState } from './situation.js';

/**
 * What a condition does when it holds, which settles what `unknown` does to it. One that opens (a share's `when`, a
 * limit's `unless`) fails on unknown; one that closes (a limit's `when`, a share's `unless`) is met by it.
 */
export type Effect = 'opens' | 'closes';

/** Where conditions stand, as a message names it. */
interface Standing {
  readonly effect: Effect;
  /** `known yes` makes a limit's `when` spare the unknown. Nowhere else does anything spare it. */
  readonly mayKnow: boolean;
  readonly key: 'with' | 'when' | 'when any' | 'unless' | 'under';
  readonly of: string;
}

export interface ConditionNodes {
  readonly purpose?: YamlNode;
  readonly with?: YamlNode;
  readonly when?: YamlNode;
  readonly any?: YamlNode;
  readonly unless?: YamlNode;
}

/** What conditions are written in: the words, and as whom the regime treats whom. */
export interface Language {
  readonly vocabulary: Vocabulary;
  readonly treatments: readonly Treatment[];
}

/** Every pair of them is looked at when a rule is checked. */
const MOST_ALTERNATIVES = 50;

/** The fact that `treated as` speaks of. */
export const SUBJECT_ROLE = 'subject_role' as FactName;

/** The conditions of a share, a limit or a promise. `of` names it in messages: `a share`. */
export function parseConditions(
  source: Source,
  nodes: ConditionNodes,
  language: Language,
  opens: boolean,
  of: string,
): Conditions {
  const when: Effect = opens ? 'opens' : 'closes';
  const unless: Effect = opens ? 'closes' : 'opens';
  const read = (node: YamlNode, key: Standing['key']): Conjunction | undefined => {
    const map = expectMap(source, node, key === 'when any' || key === 'unless' ? `each of \`${key}\`` : `\`${key}\``);
    const effect = key === 'unless' ? unless : when;
    return map && parseConjunction(source, map, language, { effect, mayKnow: key !== 'unless' && !opens, key, of });
  };
  const all: Conjunction[] = [];
  if (nodes.purpose !== undefined) {
    const words = parsePurposes(source, nodes.purpose, language.vocabulary);
    all.push({ facts: [], purposes: { words, unknownMeets: !opens } });
  }
  for (const key of ['with', 'when'] as const) {
    const node = nodes[key];
    const conjunction = node && read(node, key);
    if (conjunction !== undefined) all.push(conjunction);
  }
  const list = (node: YamlNode | undefined, key: 'when any' | 'unless'): Conjunction[] => {
    if (node === undefined) return [];
    if (node.kind === 'map') {
      complain(source, node, `\`${key}\` takes a list of maps: \`[{…}]\`, or lines with \`-\``);
      return [];
    }
    const items = expectList(source, node, `\`${key}\``)?.items ?? [];
    if (items.length > MOST_ALTERNATIVES) {
      complain(source, node, `\`${key}\` lists more than ${MOST_ALTERNATIVES} maps; make several rules`);
      return [];
    }
    return items.flatMap((item) => read(item, key) ?? []);
  };
  const purposes = all.find((conjunction) => conjunction.purposes)?.purposes;
  const consent = all.find((conjunction) => conjunction.consent)?.consent;
  return {
    when: {
      facts: all.flatMap(({ facts }) => facts),
      ...(purposes && { purposes }),
      ...(consent && { consent }),
    },
    any: list(nodes.any, 'when any'),
    unless: list(nodes.unless, 'unless'),
  };
}

/** Under which facts a regime governs. Unknown counts as governed, and nothing spares it. */
export function parseUnder(source: Source, node: YamlNode, language: Language): readonly FactTest[] {
  const map = expectMap(source, node, '`under`');
  if (map === undefined) return [];
  return parseConjunction(source, map, language, { effect: 'closes', mayKnow: false, key: 'under', of: 'a regime' })
    .facts;
}

function parseConjunction(source: Source, map: YamlMap, language: Language, standing: Standing): Conjunction {
  const { vocabulary } = language;
  const facts: FactTest[] = [];
  let purposes: Conjunction['purposes'];
  let consent: ReadonlySet<ConsentState> | undefined;
  if (map.entries.length === 0) complain(source, map, `\`${standing.key}\` is empty`);
  for (const { key, value } of map.entries) {
    if (key.text === 'purpose') {
      if (standing.key !== 'when any' && standing.key !== 'unless')
        complain(source, key, `a purpose stands under \`for purpose\`, not in \`${standing.key}\``);
      else purposes = { words: parsePurposes(source, value, vocabulary), unknownMeets: standing.effect === 'closes' };
    } else if (key.text === 'consent') {
      if (standing.key === 'with' || standing.key === 'under')
        complain(source, key, `consent stands in \`when\`, \`when any\` or \`unless\`, not in \`${standing.key}\``);
      else consent = parseConsent(source, value);
    } else {
      const fact = vocabulary.facts.get(key.text as FactName);
      if (fact === undefined) complain(source, key, notAFact(key.text, vocabulary, standing));
      else if (standing.key === 'with' && !fact.ofAsker)
        complain(source, key, `${fact.name} does not describe whoever asks; write it under \`when\``);
      else facts.push(parseFactTest(source, value, fact, standing, language));
    }
  }
  return { facts, ...(purposes && { purposes }), ...(consent && { consent }) };
}

export function parsePurposes(source: Source, node: YamlNode, vocabulary: Vocabulary): ReadonlySet<Purpose> {
  const words = new Set<Purpose>();
  for (const word of expectWords(source, node, 'a purpose')) {
    const purpose = word.text as Purpose;
    if (vocabulary.purposes.has(purpose)) words.add(purpose);
    else complain(source, word, notOneOf(word.text, 'a purpose', vocabulary.purposes.keys()));
  }
  return words;
}

/** `inert` (a consent given under duress, and signalled as such) decides wherever `not_asked` does. */
function parseConsent(source: Source, node: YamlNode): ReadonlySet<ConsentState> {
  const states = new Set<ConsentState>();
  for (const word of expectWords(source, node, 'a value of consent')) {
    const state = CONSENT_STATES.find((candidate) => candidate === word.text);
    if (state === undefined) complain(source, word, notOneOf(word.text, 'a value of consent', CONSENT_STATES));
    else states.add(state);
    if (state === 'not_asked') states.add('inert');
  }
  return states;
}

function parseFactTest(
  source: Source,
  node: YamlNode,
  fact: Fact,
  standing: Standing,
  { treatments }: Language,
): FactTest {
  const words = new Set<string>();
  let unknownMeets = false;
  for (const word of expectWords(source, node, `a value of ${fact.name}`)) {
    if (word.text === UNKNOWN) {
      if (standing.effect === 'opens') complain(source, word, unknownNeverOpens(standing));
      words.add(UNKNOWN);
      unknownMeets = true;
      continue;
    }
    const known = /^known (.+)$/.exec(word.text)?.[1];
    if (known !== undefined && !standing.mayKnow) {
      complain(source, word, knownMeansNothingHere(known, standing));
      continue;
    }
    for (const value of parseFactWord(source, { ...word, text: known ?? word.text }, fact)) words.add(value);
    if (known === undefined && standing.effect === 'closes') unknownMeets = true;
  }
  if (fact.name !== SUBJECT_ROLE || treatments.length === 0) return { fact: fact.name, words, unknownMeets };
  const to = standing.effect === 'opens' ? 'open' : 'close';
  return { fact: fact.name, words, unknownMeets, treated: { to, treatments } };
}

/** One written word as the values it stands for: itself, the bands of `under 16` or `18 and over`, or `none`. */
export function parseFactWord(source: Source, word: YamlText, fact: Fact): readonly string[] {
  if (fact.values.includes(word.text)) return [word.text];
  if (fact.kind === 'any of' && word.text === NONE) return [NONE];
  if (fact.thresholds !== undefined) {
    const bands = bandsWithin(word.text, fact.thresholds, fact.values);
    if (bands !== undefined) return bands;
    complain(
      source,
      word,
      `\`${shortened(word.text)}\` is not a band of ${fact.name}; its thresholds are ${fact.thresholds.join(', ')}: write \`under ${fact.thresholds[0]}\`, \`${fact.thresholds.at(-1)} and over\` or one of ${fact.values.join(', ')}`,
    );
    return [];
  }
  const valid = fact.kind === 'any of' ? [...fact.values, NONE] : fact.values;
  complain(source, word, notOneOf(word.text, `a value of ${fact.name}`, valid));
  return [];
}

/** `under 16`, `18 and over`, `13 to 17`: the bands that lie there whole, or none where a band would have to be cut. */
function bandsWithin(
  words: string,
  thresholds: readonly number[],
  bands: readonly string[],
): readonly string[] | undefined {
  const [, under, over, from, to] = /^(?:under (\d{1,6})|(\d{1,6}) and over|(\d{1,6}) to (\d{1,6}))$/.exec(words) ?? [];
  const first = under === undefined ? thresholds.indexOf(Number(over ?? from)) + 1 : 0;
  const last =
    over === undefined ? thresholds.indexOf(under === undefined ? Number(to) + 1 : Number(under)) : bands.length;
  const isThere = (under !== undefined || first > 0) && last >= first;
  return isThere ? bands.slice(first, last + 1) : undefined;
}

/** How an empty list of an `any of` fact is written. */
export const NONE = 'none';

function unknownNeverOpens({ of, key }: Standing): string {
  return `unknown never opens anything: in the \`${key}\` of ${of} it can never hold`;
}

function knownMeansNothingHere(word: string, { effect, of, key }: Standing): string {
  return effect === 'opens'
    ? `\`known\` says nothing in the \`${key}\` of ${of}, where unknown never holds; write \`${shortened(word)}\``
    : `\`known\` stands in a limit's \`when\` only; unknown always meets the \`${key}\` of ${of}`;
}

function notAFact(word: string, vocabulary: Vocabulary, { key }: Standing): string {
  const facts = [...vocabulary.facts.values()]
    .filter((fact) => key !== 'with' || fact.ofAsker)
    .map(({ name }): string => name);
  if (key === 'when any' || key === 'unless') facts.push('purpose');
  return `\`${shortened(word)}\` is not a fact of the vocabulary${meantPerhaps(word, facts)}`;
}
