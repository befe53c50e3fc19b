import {
  type AgencyId,
  type Fact,
  type FactId,
  type FactName,
  type FactValue,
  type Instant,
  isDate,
  type OfficerId,
  type PersonId,
  type Role,
  type UnitId,
} from '#terms';
import { MatchingError } from './error.js';
import { narrows } from './protective.js';

/** Whom a tie speaks of. */
export interface Towards {
  readonly agency: AgencyId;
  readonly unit?: UnitId;
  readonly officer?: OfficerId;
}

/** What was said: a word or words, a date from which a band follows (a birth, an event), or a count. */
export type Stated = FactValue | { readonly date: string } | { readonly count: number };

/** One agency's statement about one person: appended, never edited; it lives until `until` or its withdrawal. */
export interface Assertion {
  readonly id: FactId;
  readonly person: PersonId;
  readonly fact: FactName;
  readonly value: Stated;
  /** For facts about the asker only. */
  readonly towards?: Towards;
  readonly by: { readonly agency: AgencyId; readonly role: Role };
  readonly basis: string;
  readonly reason?: string;
  readonly at: Instant;
  readonly until?: Instant;
}

export type Statement = Pick<Assertion, 'value' | 'towards' | 'reason' | 'until' | 'at'>;

/** Nobody states these: enrolment, her consent, the question or a person asked at the discloser does. */
const SET_OTHERWISE: readonly string[] = ['enrolment', 'consent', 'question', 'a person at the discloser'];
const DAY = 24 * 60 * 60 * 1000;

/**
 * Whether this agency and role may state this: returns, or throws why not.
 *
 * @example mayAssert(age, { value: { date: '1991-04-30' }, at }, { agency: hospital, role: recordsOfficer });
 */
export function mayAssert(fact: Fact, statement: Statement, who: Assertion['by']): void {
  checkSetter(fact, statement.towards, who);
  checkStated(fact, statement);
  checkTowards(fact, statement, who);
  if (fact.needs.includes('reason') && (statement.reason ?? '').trim() === '')
    throw new MatchingError('MATCHING_REASON_MISSING', `${fact.name} is stated with a reason`);
  if (statement.until !== undefined && statement.until <= statement.at)
    throw invalid('it would end before it was said');
}

/** Whether a question may carry this as its own: only what the vocabulary lets a question set. */
export function mayDeclare(fact: Fact, value: FactValue): void {
  if (!fact.setBy.includes('question'))
    throw new MatchingError('MATCHING_FACT_NOT_YOURS', `${fact.name} is not for a question to say`);
  checkWords(fact, value);
}

function checkSetter(fact: Fact, towards: Towards | undefined, who: Assertion['by']): void {
  const isOther = towards !== undefined && towards.agency !== who.agency;
  const may = fact.setBy.some(
    (setter) =>
      !SET_OTHERWISE.includes(setter) &&
      (setter === who.role || setter === 'case' || (setter === `${who.role} of another agency` && isOther)),
  );
  if (!may) throw new MatchingError('MATCHING_FACT_NOT_YOURS', `${fact.name} is not for this role to state`);
}

function checkStated(fact: Fact, { value, at }: Statement): void {
  if (typeof value === 'string' || isList(value)) return checkWords(fact, value);
  if ('count' in value) {
    if (fact.unit !== 'count' || !Number.isSafeInteger(value.count) || value.count < 0)
      throw invalid(`${fact.name} takes no such count`);
    return;
  }
  if (fact.unit === undefined || !isDate(value.date)) throw invalid(`${fact.name} takes no such date`);
  // Somewhere it may be tomorrow already; nobody is born, and nothing happened, later than that.
  if (Date.parse(value.date) > at + DAY) throw invalid('that day has not come yet');
}

function checkWords(fact: Fact, value: FactValue): void {
  const words = typeof value === 'string' ? [value] : value;
  if (fact.kind === 'any of' ? typeof value === 'string' || value.length === 0 : typeof value !== 'string')
    throw invalid(`${fact.name} takes ${fact.kind === 'any of' ? 'a list of words' : 'one word'}`);
  // `unknown` is what holds when nobody has said anything; nobody needs to say it.
  const known: readonly string[] = fact.kind === 'yes/no' ? ['yes', 'no'] : fact.values;
  if (!words.every((word) => known.includes(word)) || new Set(words).size !== words.length)
    throw invalid(`${fact.name} takes ${known.join(', ')}`);
}

function checkTowards(fact: Fact, { value, towards }: Statement, who: Assertion['by']): void {
  if (!fact.ofAsker) {
    if (towards !== undefined) throw tie(`${fact.name} is about her, not about an agency`);
    return;
  }
  if (towards === undefined) throw tie(`${fact.name} names the agency it is about`);
  const isOwn = towards.agency === who.agency;
  if (fact.kind === 'any of') {
    if (isOwn) throw tie('how an agency stands to a case is for another agency to say');
    // Named for one unit, the word would be met by an officer who leaves his unit out, and words of ties also open.
    if (towards.unit !== undefined || towards.officer !== undefined)
      throw tie(`${fact.name} is said of a whole agency`);
    return;
  }
  if (typeof value === 'string' && narrows(fact, value)) return;
  if (isOwn) throw tie('an agency cannot clear itself');
  if (towards.unit === undefined) throw tie('a unit is cleared by its name; a whole agency is not');
}

function isList(value: Stated): value is readonly string[] {
  return Array.isArray(value);
}

function tie(message: string): MatchingError {
  return new MatchingError('MATCHING_TIE_INVALID', message);
}

function invalid(message: string): MatchingError {
  return new MatchingError('MATCHING_VALUE_INVALID', message);
}
