import { type Fact, type FactName, type FactValue, UNKNOWN, type Vocabulary } from '#terms';
import type { Conditions, Conjunction, FactTest } from './bundle.js';
import { factHolds } from './hold.js';

/** The ways in which conditions may hold, each as one conjunction: `when` together with each branch of `when any`. */
export function waysToHold({ when, any }: Conditions): readonly Conjunction[] {
  return any.length === 0 ? [when] : any.map((branch) => both(when, branch));
}

/** Both at once. Words of one fact from both sides stay two tests; words of purpose and consent become those in both. */
export function both(a: Conjunction, b: Conjunction): Conjunction {
  const consent = a.consent && b.consent ? inBoth(a.consent, b.consent) : (a.consent ?? b.consent);
  const purposes =
    a.purposes && b.purposes
      ? {
          words: inBoth(a.purposes.words, b.purposes.words),
          unknownMeets: a.purposes.unknownMeets && b.purposes.unknownMeets,
        }
      : (a.purposes ?? b.purposes);
  return { facts: [...a.facts, ...b.facts], ...(purposes && { purposes }), ...(consent && { consent }) };
}

/** Whether there is a situation in which it holds. */
export function isSatisfiable(conjunction: Conjunction, vocabulary: Vocabulary): boolean {
  if (conjunction.consent?.size === 0 || conjunction.purposes?.words.size === 0) return false;
  return [...byFact(conjunction)].every(([name, tests]) => valuesMeeting(tests, vocabulary.facts.get(name)).length > 0);
}

/** Whether `b` holds wherever `a` does. */
export function implies(a: Conjunction, b: Conjunction, vocabulary: Vocabulary): boolean {
  if (b.consent && !(a.consent && within(a.consent, b.consent))) return false;
  if (b.purposes && !(a.purposes && within(a.purposes.words, b.purposes.words))) return false;
  const known = byFact(a);
  return b.facts.every((test) => {
    const fact = vocabulary.facts.get(test.fact);
    const values = valuesMeeting(known.get(test.fact) ?? [], fact);
    return fact?.kind !== 'any of'
      ? values.every((value) => meets(test, value))
      : (known.get(test.fact) ?? []).some((other) => within(other.words, test.words) && !isNarrowed(other, test));
  });
}

/** Held is enough to close; to open, the regime must treat them so. */
function isNarrowed(a: FactTest, b: FactTest): boolean {
  return a.treated?.to === 'close' && b.treated?.to === 'open';
}

function byFact({ facts }: Conjunction): ReadonlyMap<FactName, readonly FactTest[]> {
  return Map.groupBy(facts, ({ fact }) => fact);
}

function valuesMeeting(tests: readonly FactTest[], fact: Fact | undefined): readonly FactValue[] {
  return fact === undefined ? [] : possible(fact).filter((value) => tests.every((test) => meets(test, value)));
}

/** For an `any of` fact the fullest and the emptiest list stand for all: tests only ask whether a word is in it. */
function possible(fact: Fact): readonly FactValue[] {
  if (fact.kind === 'any of') return [fact.values, [], UNKNOWN];
  return fact.setBy.includes('enrolment') ? fact.values : [...fact.values, UNKNOWN];
}

function meets(test: FactTest, value: FactValue): boolean {
  // Who is treated as whom depends on the purpose: a warning says nothing of what it cannot be sure of.
  const { fact, words, unknownMeets } = test;
  return factHolds({ fact, words, unknownMeets }, { facts: new Map([[test.fact, value]]), purpose: UNKNOWN });
}

function inBoth<Word>(a: ReadonlySet<Word>, b: ReadonlySet<Word>): ReadonlySet<Word> {
  return new Set([...a].filter((word) => b.has(word)));
}

function within<Word>(a: ReadonlySet<Word>, b: ReadonlySet<Word>): boolean {
  return [...a].every((word) => b.has(word));
}
