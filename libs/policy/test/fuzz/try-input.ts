import { type FactName, type FieldName, FULL, levelName, type Problem, TermsError } from '#terms';
import { parseVocabulary, UNKNOWN, type Vocabulary } from '#terms';
import { type Bundle, CORE } from '../../src/bundle.js';
import { check } from '../../src/check.js';
import { decide } from '../../src/decide.js';
import { decideNaively } from '../../src/decide-naively.js';
import type { Decision } from '../../src/decision.js';
import { PolicyError } from '../../src/error.js';
import { explain } from '../../src/explain.js';
import { parseBundle } from '../../src/parse-bundle.js';
import { parseSituation } from '../../src/parse-situation.js';
import { compare } from '../../src/proof/compare.js';
import { coverage } from '../../src/proof/coverage.js';
import { type Bounds, Diagram } from '../../src/proof/diagram.js';
import { matrix } from '../../src/proof/matrix.js';
import { Outcomes } from '../../src/proof/outcomes.js';
import { Prover } from '../../src/proof/prove.js';
import { Space } from '../../src/proof/space.js';
import { writeSituation } from '../../src/proof/write-situation.js';
import { readAloud, readPromiseAloud, readTreatmentAloud } from '../../src/read-aloud.js';
import type { Situation } from '../../src/situation.js';
import { testCases } from '../../src/test-cases.js';
import { byDiagrams, levelsDisagree } from '../evaluators.js';
import { shippedVocabulary } from '../shipped-policies.js';
import type { Draw } from './draw.js';
import { type Input, shipped } from './draw-input.js';

/** What became of an input that met no fault. */
export interface Outcome {
  /** How many of its parts (vocabulary, bundle, situations) were read whole, and how many were refused. */
  readonly read: number;
  readonly refused: number;
}

/** Something that no input may bring about. Two of the same `name` are one fault as far as shrinking goes. */
export class Fault extends Error {
  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** What is tried. A fault planted in one of them must be found. */
export interface Doors {
  readonly parseVocabulary: typeof parseVocabulary;
  readonly parseBundle: typeof parseBundle;
  readonly parseSituation: typeof parseSituation;
  readonly decide: typeof decide;
}
const DOORS: Doors = { parseVocabulary, parseBundle, parseSituation, decide };

const MOST_PROBLEMS = 201;
/** The longest message lists every word of the vocabulary that would have done. */
const MOST_CHARACTERS_OF_A_MESSAGE = 1_000;
const FEW: Bounds = { nodes: 20_000, steps: 100_000 };
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/u;

const shippedWords = shippedVocabulary();
const shippedBundle = parseBundle(shipped, shippedWords);

/**
 * Puts an input through every door that takes people's text, and what comes out through everything that uses it.
 *
 * @throws Fault, or whatever the doors throw that they should not
 */
export function tryInput(input: Input, draw: Draw, doors: Doors = DOORS): Outcome {
  let [read, refused] = [0, 0];
  const door = <Made>(texts: readonly string[], make: () => Made): Made | undefined => {
    const made = readOrRefused(texts, make);
    if (made === undefined) refused += 1;
    else read += 1;
    return made;
  };
  const { vocabulary: words, files, given } = input;
  const vocabulary =
    words === undefined ? shippedWords : door([words], () => doors.parseVocabulary(words, 'vocabulary.yaml'));
  if (vocabulary === undefined) return { read, refused };
  const isShipped = files === shipped && words === undefined;
  const bundle = isShipped
    ? shippedBundle
    : door(
        files.map(({ text }) => text),
        () => doors.parseBundle(files, vocabulary),
      );
  if (bundle === undefined) return { read, refused };
  if (!isShipped && draw.chance(0.2))
    expectSame('digest', doors.parseBundle(files.toReversed(), vocabulary).digest, bundle.digest);
  const typed = given.flatMap((text) => door([text], () => doors.parseSituation(text, bundle)) ?? []);
  const drawn = isShipped ? [] : [drawSituation(draw, bundle), drawSituation(draw, bundle)];
  for (const situation of [...typed, ...drawn, ...bundle.cases.slice(0, isShipped ? 0 : 3).map((one) => one.situation)])
    decided(bundle, situation, draw, doors);
  if (!isShipped) used(bundle, draw);
  if (input.thorough) proved(bundle, [...typed, ...drawn]);
  return { read, refused };
}

/** Made whole; or refused, at places that are there, in words that nobody has to scroll through. */
function readOrRefused<Made>(texts: readonly string[], make: () => Made): Made | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof PolicyError || error instanceof TermsError)) throw error;
    const lines = Math.max(...texts.map((text) => text.split('\n').length), 1);
    if (error.problems.length === 0) throw new Fault('no place', error.message, { cause: error });
    if (error.problems.length > MOST_PROBLEMS) throw new Fault('a list without end', String(error.problems.length));
    if (error.message.length > 2 * MOST_PROBLEMS * MOST_CHARACTERS_OF_A_MESSAGE)
      throw new Fault('a page as message', String(error.message.length));
    for (const problem of error.problems) expectReadable(problem, lines);
    return undefined;
  }
}

function expectReadable(problem: Problem, lines: number): void {
  const { path, line, column, message } = problem;
  if (!(line >= 1 && column >= 1 && line <= lines + 1)) throw new Fault('a place that is not there', told(problem));
  if (message.trim() === '' || message.length > MOST_CHARACTERS_OF_A_MESSAGE || path.length > 300)
    throw new Fault('a message too long', `${message.length} characters: ${message.slice(0, 200)}`);
  if (UNSEEN.test(message) || UNSEEN.test(path)) throw new Fault('a message with unseen characters', told(problem));
}

function told(problem: Problem): string {
  return JSON.stringify(problem).slice(0, 500);
}

/** The definition, the engine and the explanation of one situation. */
function decided(bundle: Bundle, situation: Situation, draw: Draw, doors: Doors): void {
  const all = [...bundle.vocabulary.fields.keys()];
  const decision = doors.decide(bundle, situation, all);
  expectSame('decision', whole(decision), whole(decideNaively(bundle, situation, all)));
  if (all.length === 0 || draw.chance(0.5)) return;
  const some = draw.some(all, 2);
  const explanation = explain(bundle, situation, some);
  expectSame('explained decision', whole(explanation.decision), whole(decide(bundle, situation, some)));
  for (const [name, { levelName: called, decision: one, nearMisses, words }] of explanation.fields) {
    const field = bundle.vocabulary.fields.get(name);
    if (field === undefined) throw new Fault('an explanation of no field', name);
    expectSame('level', called, levelName(field, one.level));
    if (words === '' || nearMisses.some((miss) => miss.words === ''))
      throw new Fault('an explanation of no words', name);
  }
}

function whole({ fields, duties, alerts }: Decision): string {
  return JSON.stringify([[...fields], duties, alerts]);
}

/** Everything that an officer is shown of a bundle. */
function used(bundle: Bundle, draw: Draw): void {
  for (const rule of bundle.rules) expectWords(readAloud(bundle, rule));
  for (const promise of bundle.promises) expectWords(readPromiseAloud(bundle, promise));
  for (const { treatments } of bundle.regimes.values())
    for (const treatment of treatments) expectWords(readTreatmentAloud(treatment));
  orTooIntricate(() => expectSame('cases', String(testCases(bundle).length), String(bundle.cases.length)));
  if (draw.chance(0.1)) orTooIntricate(() => check(bundle));
}

function expectWords(aloud: string): void {
  if (aloud.trim() === '' || UNSEEN.test(aloud)) throw new Fault('nothing to read aloud', aloud.slice(0, 200));
}

/** What can be known of every situation, or that it is too intricate for so few nodes. */
function proved(bundle: Bundle, situations: readonly Situation[]): void {
  orTooIntricate(() => {
    const outcomes = new Outcomes(bundle, new Space([bundle], new Diagram(FEW)));
    const all = [...bundle.vocabulary.fields.keys()];
    const byDiagram = byDiagrams(outcomes);
    for (const situation of situations) {
      const found = levelsDisagree(bundle, decideNaively(bundle, situation, all), byDiagram(situation, all));
      if (found !== undefined) throw new Fault('diagrams disagree', found);
    }
    for (const { broken } of new Prover(outcomes).proofs(bundle.promises))
      for (const { example, field } of broken) replayed(bundle, example.given, example.situation, field);
  });
  orTooIntricate(() => coverage(bundle));
  orTooIntricate(() => {
    const { widenings, narrowings } = compare(bundle, bundle);
    if (widenings.length + narrowings.length > 0) throw new Fault('a bundle that differs from itself', bundle.digest);
    const fewer = parseBundle([{ path: 'core/regime.yaml', text: 'regime: core\ntitle: Safety\n' }], bundle.vocabulary);
    compare(fewer, bundle);
    compare(bundle, fewer);
  });
  const [purpose] = bundle.vocabulary.purposes.keys();
  if (purpose !== undefined) orTooIntricate(() => matrix(bundle, purpose));
}

/** What `prove` prints for `explain` says the same there. */
function replayed(bundle: Bundle, given: string, situation: Situation, field: FieldName): void {
  if (situation.origins.size === 0 || !bundle.vocabulary.purposes.has(situation.purpose)) return;
  const again = parseSituation(given, bundle);
  expectSame('situation', writeSituation(again, bundle), writeSituation(situation, bundle));
  expectSame('decision', whole(decide(bundle, again, [field])), whole(decide(bundle, situation, [field])));
}

function orTooIntricate(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof PolicyError && error.code === 'POLICY_TOO_INTRICATE')) throw error;
  }
}

function expectSame(what: string, one: string, other: string): void {
  if (one !== other) throw new Fault(`${what} disagrees`, `${one.slice(0, 2_000)}\n${other.slice(0, 2_000)}`);
}

/** Any situation in the words of the bundle, and now and then in words that it does not have. */
function drawSituation(draw: Draw, { vocabulary, regimes }: Bundle): Situation {
  const word = <Word extends string>(words: Iterable<Word>): Word => {
    const known = [...words];
    return known.length === 0 || draw.chance(0.05) ? ('no_such_word' as Word) : draw.one(known);
  };
  const facts = new Map<FactName, string | readonly string[]>();
  for (const { name, kind, values } of vocabulary.facts.values())
    if (draw.chance(0.6)) {
      const value = draw.chance(0.15) ? UNKNOWN : word(values);
      facts.set(name, kind === 'any of' && value !== UNKNOWN ? (draw.chance(0.3) ? [] : [value]) : value);
    }
  const consent: Situation['consent'] = new Map(
    [...vocabulary.fields.values()]
      .filter(() => draw.chance(0.6))
      .map((field) => {
        const state = draw.one(['agreed', 'agreed', 'refused', 'inert', 'withdrawn'] as const);
        return [field.name, { state, level: draw.below(FULL(field) + 1) as never }];
      }),
  );
  const folders = [...regimes.keys(), ...(draw.chance(0.05) ? [CORE] : [])];
  const origins = new Set([word(folders), word(folders)]);
  return {
    origins,
    travelled: new Map(),
    purpose: word((vocabulary satisfies Vocabulary).purposes.keys()),
    facts,
    consent,
  };
}
