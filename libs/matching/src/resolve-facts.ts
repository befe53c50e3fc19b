import {
  type AgencyId,
  bandOf,
  type EntityClass,
  type Fact,
  type FactName,
  type FactValue,
  type Instant,
  type OfficerId,
  type Role,
  type Sector,
  type UnitId,
  type Vocabulary,
} from '#terms';
import { type Assertion, mayDeclare, type Towards } from './assertion.js';
import { MatchingError } from './error.js';
import { narrows, rankOf } from './protective.js';

export interface Asker {
  readonly agency: AgencyId;
  readonly unit?: UnitId;
  readonly officer: OfficerId;
  readonly role: Role;
  readonly sector: Sector;
  readonly entityClasses: ReadonlySet<EntityClass>;
}

export interface FactsAsk {
  /** About all her joined persons. */
  readonly assertions: readonly Assertion[];
  readonly asker: Asker;
  /** Facts set by the question itself, each with its reason already demanded. */
  readonly declared: ReadonlyMap<FactName, FactValue>;
  readonly at: Instant;
  readonly vocabulary: Vocabulary;
}

export interface ResolvedFact {
  readonly value: FactValue;
  /** The agencies whose statements decided it, sorted; empty where enrolment did. */
  readonly by: readonly AgencyId[];
  /** When it ceases to hold by itself: some statement that decided it was made until then only. */
  readonly until?: Instant;
}

const SECTOR = 'sector' as FactName;
const ROLE = 'role' as FactName;
const ENTITY_CLASS = 'entity_class' as FactName;
const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

/**
 * What holds for this asker now. A fact of which nothing counts is absent: the vocabulary says what holds then.
 *
 * - The most protective living statement wins.
 * - The asker's own counts only where it protects more than silence; of what the question declares, only what the
 *   vocabulary lets a question set.
 * - A tie meets whoever it may concern, and everyone who states no unit; clearing covers only the unit it names.
 * - Time is believed only where it narrows: a statement that opens counts from its instant, one that narrows always.
 *
 * @example
 * resolveFacts({ assertions, asker: { agency: police, unit: detectives, … }, declared: new Map(), at, vocabulary })
 *   .get(perpetratorAtRequester); // { value: 'yes', by: ['harbour-house'] }
 */
export function resolveFacts(ask: FactsAsk): ReadonlyMap<FactName, ResolvedFact> {
  const { asker, vocabulary } = ask;
  const resolved = new Map<FactName, ResolvedFact>();
  if (vocabulary.facts.has(SECTOR)) resolved.set(SECTOR, { value: asker.sector, by: [] });
  if (vocabulary.facts.has(ROLE)) resolved.set(ROLE, { value: asker.role, by: [] });
  if (vocabulary.facts.has(ENTITY_CLASS))
    resolved.set(ENTITY_CLASS, { value: [...asker.entityClasses].toSorted(), by: [] });
  for (const [name, assertions] of byFact(ask.assertions)) {
    const fact = factNamed(vocabulary, name);
    const value = fact.kind === 'any of' ? anyOf(fact, assertions, ask) : mostProtective(fact, assertions, ask);
    if (value !== undefined) resolved.set(name, value);
  }
  for (const [name, value] of ask.declared) {
    mayDeclare(factNamed(vocabulary, name), value);
    resolved.set(name, { value, by: [asker.agency] });
  }
  return resolved;
}

/** One word that somebody's statement comes down to now. */
interface Said {
  readonly word: string;
  readonly by: AgencyId;
  readonly until?: Instant;
}

function mostProtective(fact: Fact, assertions: readonly Assertion[], ask: FactsAsk): ResolvedFact | undefined {
  const counting = wordsOf(fact, assertions, ask).filter(
    (said) => said.by !== ask.asker.agency || narrows(fact, said.word),
  );
  if (counting.length === 0) return undefined;
  const best = Math.min(...counting.map((said) => rankOf(fact, said.word)));
  const winning = counting.filter((said) => rankOf(fact, said.word) === best);
  return winning[0] && { value: winning[0].word, by: agenciesOf(winning), ...ending([winning]) };
}

/** Every word that another agency said: a word is there or not, and nobody can take away what somebody else said. */
function anyOf(fact: Fact, assertions: readonly Assertion[], ask: FactsAsk): ResolvedFact | undefined {
  const said = wordsOf(fact, assertions, ask).filter((one) => one.by !== ask.asker.agency);
  if (said.length === 0) return undefined;
  const words = Map.groupBy(said, (one) => one.word);
  return {
    value: fact.values.filter((word) => words.has(word)),
    by: agenciesOf(said),
    ...ending([...words.values()]),
  };
}

/** A word holds as long as the last of those who said it lets it; a list of words as long as each of them. */
function ending(words: readonly (readonly Said[])[]): { readonly until?: Instant } {
  let earliest: Instant | undefined;
  for (const said of words) {
    const ends = said.flatMap(({ until }) => until ?? []);
    if (ends.length < said.length) continue;
    const last = Math.max(...ends) as Instant;
    if (earliest === undefined || last < earliest) earliest = last;
  }
  return earliest === undefined ? {} : { until: earliest };
}

function wordsOf(fact: Fact, assertions: readonly Assertion[], ask: FactsAsk): readonly Said[] {
  const said = assertions
    .filter((assertion) => assertion.until === undefined || ask.at < assertion.until)
    .flatMap((assertion) => wordsIn(fact, assertion, ask.at).map((word) => ({ word, assertion })))
    .filter(({ word, assertion }) => narrows(fact, word) || assertion.at <= ask.at)
    .filter(({ word, assertion }) => !fact.ofAsker || concerns(assertion.towards, ask.asker, canOpen(fact, word)))
    .map(({ word, assertion: { by, until } }): Said => ({
      word,
      by: by.agency,
      ...(until !== undefined && { until }),
    }));
  return fact.unit === 'count' ? [...said, ...countOfEvents(fact, assertions, ask)] : said;
}

/** Whether a word might open something to the asker it is said of. Words of `any of` ties may do either. */
function canOpen(fact: Fact, word: string): boolean {
  return fact.kind !== 'any of' && !narrows(fact, word);
}

/**
 * Whether a tie speaks of this asker. Where it narrows, whoever may be meant is meant: everyone of the unit or the officer
 * named, and everyone who keeps the unit back. Where it opens, only who is named, by the unit's name.
 */
function concerns(towards: Towards | undefined, asker: Asker, isOpening: boolean): boolean {
  if (towards === undefined) return !isOpening;
  if (towards.agency !== asker.agency) return false;
  const isOfficer = towards.officer === asker.officer;
  const isUnit = towards.unit !== undefined && towards.unit === asker.unit;
  if (isOpening) return isUnit && (towards.officer === undefined || isOfficer);
  if (asker.unit === undefined || isOfficer || isUnit) return true;
  return towards.unit === undefined && towards.officer === undefined;
}

function wordsIn(fact: Fact, { value }: Assertion, at: Instant): readonly string[] {
  if (typeof value === 'string') return [value];
  if (isList(value)) return value;
  if ('count' in value) return [bandOf(fact, value.count)];
  switch (fact.unit) {
    case 'years':
      return [bandOf(fact, yearsSince(value.date, at))];
    case 'days':
      return [bandOf(fact, Math.floor((Date.parse(latestPlaceToday(at)) - Date.parse(value.date)) / DAY))];
    case 'count':
    case undefined:
      return [];
  }
}

/** Days on which something happened within 12 months, told by one agency or by several: the same day is one event. */
function countOfEvents(fact: Fact, assertions: readonly Assertion[], ask: FactsAsk): readonly Said[] {
  const events = assertions.flatMap(({ value, by, until, at }) =>
    typeof value === 'object' &&
    'date' in value &&
    yearsSince(value.date, ask.at) <= 0 &&
    at <= ask.at &&
    !(until !== undefined && ask.at >= until)
      ? [{ date: value.date, by: by.agency }]
      : [],
  );
  const agencies = [...new Set(events.map((event) => event.by))];
  const others = events.filter((event) => event.by !== ask.asker.agency);
  const band = (counted: typeof events): string => bandOf(fact, new Set(counted.map((event) => event.date)).size);
  return agencies.map((by) => ({ word: band(by === ask.asker.agency ? events : others), by }));
}

/** Full years, by the calendar of the place that reaches a birthday last: nobody is older here than anywhere. */
function yearsSince(date: string, at: Instant): number {
  const today = latestPlaceToday(at);
  const years = Number(today.slice(0, 4)) - Number(date.slice(0, 4));
  return today.slice(5) < date.slice(5) ? years - 1 : years;
}

function latestPlaceToday(at: Instant): string {
  return new Date(at - 12 * HOUR).toISOString().slice(0, 10);
}

function byFact(assertions: readonly Assertion[]): ReadonlyMap<FactName, Assertion[]> {
  const groups = new Map<FactName, Assertion[]>();
  for (const assertion of assertions) groups.set(assertion.fact, [...(groups.get(assertion.fact) ?? []), assertion]);
  return groups;
}

function factNamed(vocabulary: Vocabulary, name: FactName): Fact {
  const fact = vocabulary.facts.get(name);
  // Left out, a protective statement in a word that was since renamed would vanish, and something open.
  if (fact === undefined) throw new MatchingError('MATCHING_FACT_UNKNOWN', 'a fact is not in the vocabulary');
  return fact;
}

function agenciesOf(said: readonly Said[]): readonly AgencyId[] {
  return [...new Set(said.map((one) => one.by))].toSorted();
}

function isList(value: Assertion['value']): value is readonly string[] {
  return Array.isArray(value);
}
