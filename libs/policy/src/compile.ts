import type { Fact, FactName, FieldName, RegimeName } from '#terms';
import {
  type Bundle,
  type Conjunction,
  CORE,
  type FactTest,
  type Governs,
  type Rule,
  type TreatedRole,
} from './bundle.js';
import { NONE } from './parse-conditions.js';
import { CONSENT_STATES } from './situation.js';

/** A set of rows, 32 to a number; signed, since numbers beyond 31 bits are worked on more slowly. */
export type Bitmap = Int32Array;

/** What a condition asks about, and for each value of it the rows that it lets live. */
export interface Attribute {
  /** The purpose where absent. */
  readonly fact?: Fact | { readonly name: FactName; readonly kind: 'not in the vocabulary' };
  readonly treated?: TreatedRole;
  /** Rows that ask nothing of it, and rows that this value meets. Of a list, those that some word of it meets. */
  readonly byValue: ReadonlyMap<string, Bitmap>;
  readonly unknown: Bitmap;
}

/** A rule, by numbers. */
export interface CompiledRule {
  readonly rule: Rule;
  readonly index: number;
  readonly regime: number;
  readonly isShare: boolean;
  readonly lastResort: boolean;
  /** Of the vocabulary's fields, those it names, by their places, each with its level. */
  readonly fields: Uint16Array;
  readonly levels: Uint8Array;
  readonly namesSender: boolean;
  /** Rows of its exceptions: one that holds without asking her clears the rule. */
  readonly exceptions: readonly [from: number, to: number];
}

/** One conjunction of a rule's conditions. */
export interface Row {
  readonly rule: number;
  /** States of consent that it needs, a bit each; 0: it asks for none. */
  readonly consent: number;
}

export interface CompiledGoverns {
  readonly regime: number;
  readonly enrolledOnly: boolean;
  /** By the field's place: whether it governs it. */
  readonly fields: Uint8Array;
  readonly row: number;
}

/**
 * A bundle as bitmaps of rows. A row is one conjunction: a rule's `when` with one branch of its `when any`, one exception
 * of its `unless`, or the facts under which a regime governs. Exceptions come first, then the ways to govern, then core's
 * limits, then each regime's rules, as the bundle orders them.
 */
export interface Compiled {
  readonly attributes: readonly Attribute[];
  readonly words: number;
  /** All rows, and no bit beyond them. */
  readonly every: Bitmap;
  readonly rules: readonly CompiledRule[];
  readonly rows: readonly Row[];
  readonly firstRule: number;
  readonly governs: readonly CompiledGoverns[];
  readonly regimes: readonly RegimeName[];
}

/** The place of core among the regimes of rules. */
export const CORE_PLACE = -1;

export function compile(bundle: Bundle): Compiled {
  const { vocabulary } = bundle;
  const places = new Map([...vocabulary.fields.keys()].map((name, place) => [name, place]));
  const regimes = [...bundle.regimes.keys()].filter((name) => name !== CORE);
  const placeOf = (regime: RegimeName): number => (regime === CORE ? CORE_PLACE : regimes.indexOf(regime));
  // A rule of a regime that the bundle does not have is never asked: who has no rules at all lets nothing go.
  const ordered = [...bundle.rules]
    .filter(({ regime }) => regime === CORE || bundle.regimes.has(regime))
    .toSorted((a, b) => placeOf(a.regime) - placeOf(b.regime));
  let exceptions = 0;
  const rules = ordered.map((rule, index): CompiledRule => {
    const from = exceptions;
    exceptions += rule.conditions.unless.length;
    const fields = [...rule.fields].filter(([name]) => places.has(name));
    return {
      rule,
      index,
      regime: placeOf(rule.regime),
      isShare: rule.kind === 'share',
      lastResort: rule.kind === 'share' && rule.lastResort,
      fields: Uint16Array.from(fields, ([name]) => places.get(name) ?? 0),
      levels: Uint8Array.from(fields, ([, level]) => level),
      namesSender: rule.kind === 'share' && rule.namesSender,
      exceptions: [from, exceptions],
    };
  });

  const conjunctions: Conjunction[] = [];
  const rows: Row[] = [];
  const add = (rule: number, parts: readonly Conjunction[]): void => {
    conjunctions.push(joined(parts));
    rows.push({ rule, consent: consentMask(parts) });
  };
  for (const { rule, index } of rules) for (const exception of rule.conditions.unless) add(index, [exception]);
  const governs: CompiledGoverns[] = [];
  for (const [regime, name] of regimes.entries())
    for (const one of bundle.regimes.get(name)?.governs ?? []) {
      governs.push({ ...compileGoverns(one, places), regime, row: rows.length });
      add(-1, [{ facts: one.under }]);
    }
  const firstRule = rows.length;
  for (const { rule, index } of rules) {
    const { when, any } = rule.conditions;
    if (any.length === 0) add(index, [when]);
    for (const branch of any) add(index, [when, branch]);
  }
  return {
    attributes: attributesOf(conjunctions, bundle),
    words: Math.ceil(rows.length / 32),
    every: Int32Array.from({ length: Math.ceil(rows.length / 32) }, (_, at) =>
      rows.length - at * 32 >= 32 ? -1 : (1 << (rows.length & 31)) - 1,
    ),
    rules,
    rows,
    firstRule,
    governs,
    regimes,
  };
}

function compileGoverns(
  { origins, fields }: Governs,
  places: ReadonlyMap<FieldName, number>,
): Pick<CompiledGoverns, 'enrolledOnly' | 'fields'> {
  return {
    enrolledOnly: origins === 'enrolled here',
    fields: Uint8Array.from(places.keys(), (name) => (fields.has(name) ? 1 : 0)),
  };
}

function joined(parts: readonly Conjunction[]): Conjunction {
  const purposes = parts.flatMap((part) => part.purposes ?? []);
  const [first, ...others] = purposes;
  return {
    facts: parts.flatMap(({ facts }) => facts),
    ...(first && {
      purposes: {
        words: new Set([...first.words].filter((word) => others.every(({ words }) => words.has(word)))),
        unknownMeets: purposes.every(({ unknownMeets }) => unknownMeets),
      },
    }),
  };
}

/** Both parts must hold of what she said, so that only states in both will do. */
function consentMask(parts: readonly Conjunction[]): number {
  const asked = parts.flatMap(({ consent }) => (consent === undefined ? [] : [consent]));
  if (asked.length === 0) return 0;
  let mask = 0;
  for (const [place, state] of CONSENT_STATES.entries())
    if (asked.every((states) => states.has(state))) mask |= 1 << place;
  // A state that nobody can be in: asked for, and never met.
  return mask === 0 ? NEVER_MET : mask;
}

const NEVER_MET = 1 << CONSENT_STATES.length;

/**
 * One attribute for the purpose and one for each fact; of a list as many as a row has tests of it, since two tests may be
 * met by two of its words. The role of the person asked about is apart for each way in which it is treated.
 */
function attributesOf(conjunctions: readonly Conjunction[], { vocabulary }: Bundle): readonly Attribute[] {
  const words = Math.ceil(conjunctions.length / 32);
  interface Asked {
    readonly test: FactTest;
    readonly row: number;
  }
  const asked = new Map<string, Asked[]>();
  const treatments = new Map<unknown, number>();
  for (const [row, { facts }] of conjunctions.entries()) {
    const times = new Map<string, number>();
    for (const test of facts) {
      const { treated } = test;
      if (treated && !treatments.has(treated.treatments)) treatments.set(treated.treatments, treatments.size);
      const of = `${test.fact} ${treated ? `${treated.to} ${treatments.get(treated.treatments)}` : ''}`;
      const time = vocabulary.facts.get(test.fact)?.kind === 'any of' ? (times.get(of) ?? 0) + 1 : 1;
      times.set(of, time);
      const key = `${of} ${time}`;
      const tests = asked.get(key);
      if (tests === undefined) asked.set(key, [{ test, row }]);
      else tests.push({ test, row });
    }
  }
  const attributes: Attribute[] = [];
  const withPurpose = conjunctions.flatMap(({ purposes }, row) => (purposes ? [{ purposes, row }] : []));
  if (withPurpose.length > 0) {
    const byValue = new Map<string, Bitmap>();
    for (const purpose of vocabulary.purposes.keys())
      byValue.set(
        purpose,
        allBut(
          withPurpose.filter(({ purposes }) => !purposes.words.has(purpose)),
          words,
        ),
      );
    const unknown = allBut(
      withPurpose.filter(({ purposes }) => !purposes.unknownMeets),
      words,
    );
    attributes.push({ byValue, unknown });
  }
  // Those that most rows ask about first: they leave the fewest rows to the others.
  for (const tests of [...asked.values()].toSorted((a, b) => b.length - a.length)) {
    const [first] = tests;
    if (first === undefined) continue;
    const fact = vocabulary.facts.get(first.test.fact) ?? {
      name: first.test.fact,
      kind: 'not in the vocabulary' as const,
    };
    const byValue = new Map<string, Bitmap>();
    const values = 'values' in fact ? [...fact.values, ...(fact.kind === 'any of' ? [NONE] : [])] : [];
    for (const value of values)
      byValue.set(
        value,
        allBut(
          tests.filter(({ test }) => !test.words.has(value)),
          words,
        ),
      );
    const unknown = allBut(
      tests.filter(({ test }) => !test.unknownMeets),
      words,
    );
    const { treated } = first.test;
    attributes.push({ fact, ...(treated && { treated }), byValue, unknown });
  }
  return attributes;
}

/** A row that is not met is out, and so is one that asks the same fact twice and is met once. */
function allBut(unmet: readonly { readonly row: number }[], words: number): Bitmap {
  const bitmap = new Int32Array(words).fill(-1);
  for (const { row } of unmet) bitmap[row >>> 5]! &= ~(1 << (row & 31));
  return bitmap;
}
