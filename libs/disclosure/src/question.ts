import { MatchingError, mayDeclare } from '#matching';
import type { DecisionId, FactName, FactValue, FieldName, HandleId, Purpose, Vocabulary } from '#terms';
import type { Agency, Caller } from './agency.js';
import { DisclosureError } from './error.js';

/** What the asker itself asserts, with its reason. Opens nothing unless a person at the discloser confirms it. */
export interface Declaration {
  readonly ground: string;
  readonly reason: string;
}

/** A fact that the asker states for this one question, such as `emergency_declared`. */
export interface StatedFact {
  readonly word: string;
  readonly reason: string;
}

/** One agency asking for fields about one person, for one purpose. Parsed and bounded: nothing in it is raw. */
export interface Question {
  readonly decision: DecisionId;
  readonly asker: Caller;
  readonly subject: HandleId;
  readonly fields: readonly FieldName[];
  readonly purpose: Purpose;
  readonly declares: readonly Declaration[];
  readonly states: ReadonlyMap<FactName, StatedFact>;
}

const ASKER_DECLARES = 'asker_declares' as FactName;

/** What the asker itself puts into the facts of its question: its grounds together, and each fact that it states. */
export function declaredIn(question: Pick<Question, 'declares' | 'states'>): ReadonlyMap<FactName, FactValue> {
  const { declares, states } = question;
  if (declares.length === 0 && states.size === 0) return NOTHING_DECLARED;
  const facts = new Map<FactName, FactValue>([...states].map(([fact, { word }]) => [fact, word]));
  if (declares.length > 0) facts.set(ASKER_DECLARES, declares.map(({ ground }) => ground).toSorted());
  return facts;
}

const NOTHING_DECLARED: ReadonlyMap<FactName, FactValue> = new Map();

/**
 * Refuses a question in words that nothing could be decided on.
 *
 * THREAT: found out only where there is somebody to decide about, a wrong word would be an error for her and the uniform
 * answer for nobody. So it is looked for before anything about a person is.
 */
export function checkQuestion(question: Question, asker: Agency, vocabulary: Vocabulary): void {
  const { fields, purpose } = question;
  if (question.asker.agency !== asker.id) throw invalid('it is asked in the name of another agency');
  if (!vocabulary.purposes.has(purpose)) throw invalid('its purpose is not known');
  if (fields.length === 0 || new Set(fields).size !== fields.length) throw invalid('it names each field once');
  for (const name of fields) {
    const field = vocabulary.fields.get(name);
    if (field === undefined || field.record === 'envelope') throw invalid('it asks for what is no field of a record');
  }
  for (const [name, value] of declaredIn(question)) {
    const fact = vocabulary.facts.get(name);
    try {
      if (fact === undefined) throw invalid('it states what is no fact');
      mayDeclare(fact, value);
    } catch (cause) {
      throw cause instanceof MatchingError ? invalid(cause.message) : cause;
    }
  }
}

function invalid(why: string): DisclosureError {
  return new DisclosureError('QUESTION_INVALID', `the question cannot be decided: ${why}`);
}
