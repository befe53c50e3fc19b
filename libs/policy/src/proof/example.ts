import { type FactName, type Field, type FieldName, FULL, type Level, NOTHING, UNKNOWN } from '#terms';
import type { Bundle } from '../bundle.js';
import { decideNaively } from '../decide-naively.js';
import type { FieldDecision } from '../decision.js';
import type { ConsentOfField, ConsentState, Situation } from '../situation.js';
import { FALSE, type Node } from './diagram.js';
import { isEnvelope, type Outcomes } from './outcomes.js';
import { agreedTo, type Choice, listOf, type Space, UNSAID } from './space.js';
import { writeSituation } from './write-situation.js';

/** One situation out of many, and how far the field goes there. */
export interface Example {
  readonly field: FieldName;
  readonly level: Level;
  readonly situation: Situation;
  /** As an officer would type it. */
  readonly given: string;
}

/**
 * The plainest situation in which a function holds: where a choice does not matter, nobody has said anything; where it
 * does, what holds if nobody has is tried first. `others` must decide the same of it as of the function.
 */
export function exampleOf(
  outcomes: Outcomes,
  node: Node,
  field: Field,
  others: readonly Bundle[] = [],
): Example | undefined {
  const { space, bundle } = outcomes;
  const point = space.pointIn(space.diagram.and(node, space.situationsOf(FULL(field))), (choice, matters) =>
    plainest(choice, matters, bundle),
  );
  if (point === undefined) return undefined;
  // The definition goes through the rules, once or a few times.
  space.diagram.spend(2 * bundle.rules.length);
  let situation = space.situationAt(point, field.name, bundle);
  if (isEnvelope(field)) situation = besideAValue(outcomes, situation, field);
  situation = fromSomewhere([bundle, ...others], situation, field);
  return {
    field: field.name,
    level: levelIn(bundle, situation, field),
    situation,
    given: writeSituation(situation, bundle),
  };
}

/** By the definition, every field being asked for. */
function decidedIn(bundle: Bundle, situation: Situation, field: Field): FieldDecision | undefined {
  const all = isEnvelope(field) ? [...bundle.vocabulary.fields.keys()] : [field.name];
  return decideNaively(bundle, situation, all).fields.get(field.name);
}

function levelIn(bundle: Bundle, situation: Situation, field: Field): Level {
  return decidedIn(bundle, situation, field)?.level ?? NOTHING;
}

function plainest({ subject, values }: Choice, matters: boolean, bundle: Bundle): readonly number[] {
  const order = (...words: readonly string[]): readonly number[] =>
    words.map((word) => values.indexOf(word)).filter((index) => index >= 0);
  switch (subject.kind) {
    case 'elsewhere':
    case 'regime':
    case 'word':
    case 'consent':
    case 'purpose':
      return subject.kind === 'word' && !matters
        ? [isDefaultWord(subject.fact.name, subject.word, bundle) ? 1 : 0]
        : [0];
    case 'known':
      return defaultList(subject.fact.name, bundle) === undefined ? order(UNSAID, UNKNOWN) : order(UNSAID, 'known');
    case 'fact': {
      const fact = bundle.vocabulary.facts.get(subject.fact.name);
      const usual = fact?.ifNobodyHasSaid;
      const word = typeof usual === 'string' ? usual : UNKNOWN;
      // Everybody who asks is enrolled as something.
      const isEnrolled = fact?.setBy.includes('enrolment') === true;
      return isEnrolled && matters ? order(...values.filter((value) => value !== UNKNOWN)) : order(UNSAID, word);
    }
    default:
      return subject satisfies never;
  }
}

function isDefaultWord(name: FactName, word: string, bundle: Bundle): boolean {
  return defaultList(name, bundle)?.includes(word) === true;
}

function defaultList(name: FactName, bundle: Bundle): readonly string[] | undefined {
  const fact = bundle.vocabulary.facts.get(name);
  return fact === undefined ? undefined : listOf(fact.ifNobodyHasSaid, fact);
}

/** Who sent it goes with a value: she says of some other field what lets it go. */
function besideAValue({ bundle, space }: Outcomes, situation: Situation, envelope: Field): Situation {
  const values = [...bundle.vocabulary.fields.values()].filter((field) => !isEnvelope(field));
  for (const field of [envelope, ...values])
    for (const word of space.consent.values) {
      const consent = new Map<FieldName, ConsentOfField>(situation.consent);
      space.diagram.spend(bundle.rules.length);
      if (field !== envelope && !consent.has(field.name)) consent.set(field.name, consentOf(word, field));
      const tried = { ...situation, consent };
      if (levelIn(bundle, tried, envelope) > NOTHING) return tried;
    }
  return situation;
}

function consentOf(word: string, field: Field): ConsentOfField {
  const agreed = agreedTo(word);
  return agreed > NOTHING
    ? { state: 'agreed', level: Math.min(agreed, FULL(field)) as Level }
    : { state: word as ConsentState, level: NOTHING };
}

/** Whoever holds the data is enrolled somewhere, be it only in a regime that governs every agency anyway. */
function fromSomewhere(bundles: readonly Bundle[], situation: Situation, field: Field): Situation {
  if (situation.origins.size > 0) return situation;
  const all = (one: Situation): string =>
    JSON.stringify(
      bundles.map((bundle) => {
        const decided = decidedIn(bundle, one, field);
        return decided && [decided.level, decided.duties, decided.say, decided.lastResort, decided.alerts];
      }),
    );
  const before = all(situation);
  for (const [name, { governs }] of bundles.flatMap(({ regimes }) => [...regimes])) {
    const tried = { ...situation, origins: new Set([name]) };
    if (governs.some(({ origins }) => origins === 'every agency') && all(tried) === before) return tried;
  }
  return situation;
}

/** Where some value may go, so that the envelope may go with it: field by field, what she said of each being her own. */
export function lettersOf(outcomes: Outcomes): readonly Node[] {
  const { space, bundle } = outcomes;
  const { diagram, consent } = space;
  const letters = [...bundle.vocabulary.fields.values()]
    .filter((field) => !isEnvelope(field))
    .map((field) => {
      const leaves = outcomes.leaves(field, 1 as Level);
      const own = space.saidOf(field.name);
      return own === undefined
        ? diagram.possibly(leaves, consent.firstBit)
        : diagram.shifted(leaves, consent.firstBit, own.firstBit - consent.firstBit);
    });
  return [...new Set(letters)].filter((letter) => letter !== FALSE);
}

/** A function of the envelope, where a value goes too; what she said of other fields forgotten. */
export function besideALetter(node: Node, letters: readonly Node[], { diagram, otherConsents }: Space): Node {
  return diagram.any(letters.map((letter) => diagram.possibly(diagram.and(node, letter), otherConsents)));
}
