import {
  bandOf,
  type Fact,
  type FactName,
  type FactValue,
  type FieldName,
  FULL,
  type Level,
  NOTHING,
  type Purpose,
  type RegimeName,
  shortened,
  UNKNOWN,
  type Vocabulary,
} from '#terms';
import { expectMap, expectText, expectWords, meantPerhaps, notOneOf } from './expect-node.js';
import { wordsOf } from './grammar.js';
import { NONE } from './parse-conditions.js';
import { complain, type Source, type YamlNode, type YamlText } from './read-yaml.js';
import { levelOfEach, selectFields } from './select-fields.js';
import { CONSENT_STATES, type ConsentOfField, type Situation } from './situation.js';

/** A situation as far as somebody has written it. */
export interface Given {
  readonly purpose?: Purpose;
  readonly origins?: ReadonlySet<RegimeName>;
  readonly travelled: ReadonlyMap<FieldName, ReadonlySet<RegimeName>>;
  readonly facts: ReadonlyMap<FactName, FactValue>;
  readonly consent: ReadonlyMap<FieldName, ConsentOfField>;
}

export const NOTHING_GIVEN: Given = { travelled: new Map(), facts: new Map(), consent: new Map() };

/** The words a situation may be written in. */
export interface Words {
  readonly vocabulary: Vocabulary;
  readonly regimes: ReadonlySet<RegimeName>;
  readonly people: ReadonlyMap<string, Given>;
}

/** The keys of a `given`, facts apart. */
const GIVEN_KEYS = wordsOf('`given`');

/** `{like: housing_worker, age: 14, consent: {location: agreed}}`: what it says itself goes before what `like` brings. */
export function parseGiven(source: Source, node: YamlNode, words: Words, base: Given = NOTHING_GIVEN): Given {
  const map = expectMap(source, node, '`given`');
  if (map === undefined) return base;
  const like = map.entries.find(({ key }) => key.text === 'like');
  let given = base;
  if (like !== undefined) {
    const name = expectText(source, like.value, '`like`');
    const person = name && words.people.get(name.text);
    if (name !== undefined && person === undefined)
      complain(source, name, notOneOf(name.text, 'one of the people above', words.people.keys()));
    if (person !== undefined) given = onTopOf(given, person);
  }
  for (const { key, value } of map.entries)
    if (key.text !== 'like') given = onTopOf(given, parseOne(source, key, value, words));
  return given;
}

/** One `key: value` of a `given`, or one cell of a table under the head `key`. */
export function parseOne(source: Source, key: YamlText, value: YamlNode, words: Words): Given {
  const { vocabulary } = words;
  switch (key.text) {
    case 'purpose': {
      const text = expectText(source, value, '`purpose`');
      const purpose = text?.text as Purpose | undefined;
      if (purpose === undefined) return NOTHING_GIVEN;
      if (vocabulary.purposes.has(purpose)) return { ...NOTHING_GIVEN, purpose };
      complain(source, value, notOneOf(purpose, 'a purpose', vocabulary.purposes.keys()));
      return NOTHING_GIVEN;
    }
    case 'origins':
      return { ...NOTHING_GIVEN, origins: parseRegimes(source, value, words) };
    case 'travelled':
      return { ...NOTHING_GIVEN, travelled: parseTravelled(source, value, words) };
    case 'consent':
      return { ...NOTHING_GIVEN, consent: parseConsentGiven(source, value, vocabulary) };
    default: {
      const fact = vocabulary.facts.get(key.text as FactName);
      if (fact !== undefined) {
        const stated = parseFactValue(source, value, fact);
        return stated === undefined ? NOTHING_GIVEN : { ...NOTHING_GIVEN, facts: new Map([[fact.name, stated]]) };
      }
      const meant = meantPerhaps(key.text, [...GIVEN_KEYS, ...vocabulary.facts.keys()]);
      complain(source, key, `\`${shortened(key.text)}\` is not a fact of the vocabulary${meant}`);
      return NOTHING_GIVEN;
    }
  }
}

export function onTopOf(base: Given, top: Given): Given {
  const purpose = top.purpose ?? base.purpose;
  const origins = top.origins ?? base.origins;
  return {
    ...(purpose !== undefined && { purpose }),
    ...(origins !== undefined && { origins }),
    travelled: allOf(base.travelled, top.travelled),
    facts: allOf(base.facts, top.facts),
    consent: allOf(base.consent, top.consent),
  };
}

/** Most lines of a `given` say something of one of them only: nothing is copied for the others. */
function allOf<Key, Value>(base: ReadonlyMap<Key, Value>, top: ReadonlyMap<Key, Value>): ReadonlyMap<Key, Value> {
  if (base.size === 0) return top;
  return top.size === 0 ? base : new Map([...base, ...top]);
}

/** The situation, or a complaint about what nobody can decide without. */
export function situationGiven(
  source: Source,
  node: YamlNode,
  given: Given,
  usual: ReadonlySet<RegimeName>,
): Situation | undefined {
  const origins = given.origins ?? usual;
  if (given.purpose === undefined) return complain(source, node, 'says no `purpose`');
  if (origins.size === 0)
    return complain(source, node, 'says no `origins`: the regimes that the agency which holds the data is enrolled in');
  return { origins, purpose: given.purpose, travelled: given.travelled, facts: given.facts, consent: given.consent };
}

function parseRegimes(source: Source, node: YamlNode, { regimes }: Words): ReadonlySet<RegimeName> {
  const named = new Set<RegimeName>();
  for (const word of expectWords(source, node, 'a regime')) {
    if (regimes.has(word.text as RegimeName)) named.add(word.text as RegimeName);
    else complain(source, word, notOneOf(word.text, 'a regime', regimes));
  }
  return named;
}

function parseTravelled(source: Source, node: YamlNode, words: Words): Given['travelled'] {
  const travelled = new Map<FieldName, ReadonlySet<RegimeName>>();
  for (const { key, value } of expectMap(source, node, '`travelled`')?.entries ?? []) {
    const regimes = parseRegimes(source, value, words);
    for (const field of selectFields(source, key, words.vocabulary, 'as a limit')?.fields ?? [])
      travelled.set(field.name, regimes);
  }
  return travelled;
}

/**
 * `agreed`, or `{location: agreed, person.birth_date: agreed to year, contact.shelter: refused}`. A field's own line goes
 * before a group's. Words for many never speak of the sender or of enrolment: consent to a value is not consent to those.
 */
function parseConsentGiven(source: Source, node: YamlNode, vocabulary: Vocabulary): Given['consent'] {
  const groups = new Map<FieldName, ConsentOfField>();
  const fields = new Map<FieldName, ConsentOfField>();
  const everything: YamlText = { kind: 'text', at: node.at, text: 'everything' };
  const entries =
    node.kind === 'text' ? [{ key: everything, value: node }] : (expectMap(source, node, '`consent`')?.entries ?? []);
  for (const { key, value } of entries) {
    const selection = selectFields(source, key, vocabulary, 'as a share');
    const word = expectText(source, value, 'a value of consent');
    if (selection === undefined || word === undefined) continue;
    const to = /^agreed to (.+)$/.exec(word.text)?.[1];
    const state = to === undefined ? CONSENT_STATES.find((candidate) => candidate === word.text) : 'agreed';
    if (state === undefined) {
      complain(source, word, notOneOf(word.text, 'a value of consent', CONSENT_STATES));
      continue;
    }
    const levels = to === undefined ? undefined : levelOfEach(source, word, to, selection.fields);
    if (to !== undefined && levels === undefined) continue;
    // One object for each level: thousands of cases say the same of every field.
    const said = new Map<Level, ConsentOfField>();
    for (const field of selection.fields) {
      const { name } = field;
      const level = levels?.get(name) ?? (state === 'agreed' && to === undefined ? FULL(field) : NOTHING);
      if (state === 'agreed' && level === NOTHING)
        complain(source, word, 'to agree to `nothing` is `not_asked` or `refused`');
      const one = said.get(level) ?? { state, level };
      said.set(level, one);
      if (selection.kind === 'field') fields.set(name, one);
      else if (groups.has(name) && groups.get(name)?.state !== state)
        complain(source, key, `says of ${name} what an earlier line says otherwise; name the field itself`);
      else groups.set(name, one);
    }
  }
  return fields.size === 0 ? groups : new Map([...groups, ...fields]);
}

function parseFactValue(source: Source, node: YamlNode, fact: Fact): FactValue | undefined {
  if (fact.kind === 'any of') {
    const words = expectWords(source, node, `a value of ${fact.name}`);
    if (words.length === 1 && words[0]?.text === NONE) return [];
    if (words.length === 1 && words[0]?.text === UNKNOWN) return UNKNOWN;
    const values: string[] = [];
    for (const word of words) {
      if (fact.values.includes(word.text)) values.push(word.text);
      else complain(source, word, notOneOf(word.text, `a value of ${fact.name}`, [...fact.values, NONE]));
    }
    return values;
  }
  const word = expectText(source, node, `a value of ${fact.name}`);
  if (word === undefined) return undefined;
  if (word.text === UNKNOWN || fact.values.includes(word.text)) return word.text;
  if (fact.thresholds !== undefined && /^\d{1,6}$/.test(word.text)) return bandOf(fact, Number(word.text));
  const valid = fact.thresholds === undefined ? fact.values : ['a number', ...fact.values];
  return complain(source, word, notOneOf(word.text, `a value of ${fact.name}`, [...valid, UNKNOWN]));
}
