import { type Fact, type FactName, type FactValue, type FieldName, FULL, type Level, NOTHING, UNKNOWN } from '#terms';
import type { Purpose, RegimeName } from '#terms';
import type { Bundle, Conjunction } from '../bundle.js';
import { PolicyError } from '../error.js';
import { CONSENT_STATES, type ConsentOfField, type ConsentState, type Situation } from '../situation.js';
import { Diagram, FALSE, type Node, tooIntricate, TRUE } from './diagram.js';

/** A fact that nobody has said anything of, where two bundles take that for different values. */
export const UNSAID = 'nobody has said';
const KNOWN = 'known';
const MOST_BITS = 1_500;
const SENDER = 'envelope.sender' as FieldName;

/** What a choice is about. */
export type Subject =
  /** Whether some origin, or the value's own, is a regime that no bundle has: it governs everything and grants nothing. */
  | { readonly kind: 'elsewhere' }
  /** Whether the regime is among the origins, or among those that the value has kept. */
  | { readonly kind: 'regime'; readonly regime: RegimeName }
  | { readonly kind: 'purpose' }
  | { readonly kind: 'fact'; readonly fact: Fact }
  /** Of a fact with several words, whether it is known at all. Where it is not, none of its words is asked. */
  | { readonly kind: 'known'; readonly fact: Fact }
  | { readonly kind: 'word'; readonly fact: Fact; readonly word: string }
  /** What she said: of the field in question, or of another. */
  | { readonly kind: 'consent'; readonly of: FieldName | 'the field' };

/** One of the things that a situation settles, and the values that it may take. */
export interface Choice {
  readonly subject: Subject;
  readonly place: number;
  readonly values: readonly string[];
  readonly firstBit: number;
  readonly bits: number;
}

/** For each choice, by its place, one of its values. */
export type Point = Int32Array;

export type WordOfConsent = ConsentState | `agreed ${number}`;

/**
 * Every situation that policies can tell apart, as the choices that make one, each written in a few bits. A code beyond
 * the last value means the last value: every assignment of bits is a situation, and two functions that agree on all
 * situations are one node.
 */
export class Space {
  readonly diagram: Diagram;
  readonly choices: readonly Choice[];
  readonly bundles: readonly Bundle[];
  private readonly ofBit: readonly Choice[];
  private readonly regimes = new Map<RegimeName, Choice>();
  private readonly facts = new Map<FactName, Choice>();
  private readonly words = new Map<string, Choice>();
  private readonly said = new Map<FieldName, Choice>();
  private readonly subsets = new Map<string, Node>();
  private readonly counted = new Map<Node, bigint>();
  readonly elsewhere: Choice;
  readonly purpose: Choice;
  /** What she said of the field in question. */
  readonly consent: Choice;

  /** What any rule, promise or regime of these bundles asks about; the rest can make no difference. */
  constructor(bundles: readonly Bundle[], diagram: Diagram = new Diagram()) {
    this.bundles = bundles;
    this.diagram = diagram;
    const choices: Choice[] = [];
    let bit = 0;
    const add = (subject: Subject, values: readonly string[]): Choice => {
      const bits = Math.max(1, Math.ceil(Math.log2(values.length)));
      const choice: Choice = { subject, place: choices.length, values, firstBit: bit, bits };
      choices.push(choice);
      bit += bits;
      return choice;
    };
    this.elsewhere = add({ kind: 'elsewhere' }, ['no', 'yes']);
    for (const regime of new Set(bundles.flatMap((bundle) => [...bundle.regimes.keys()])))
      this.regimes.set(regime, add({ kind: 'regime', regime }, ['no', 'yes']));
    const purposes = new Set<string>(bundles.flatMap(({ vocabulary }) => [...vocabulary.purposes.keys()]));
    this.purpose = add({ kind: 'purpose' }, [...purposes, UNKNOWN]);
    for (const fact of factsAsked(bundles)) {
      const differently = defaultsDiffer(fact.name, bundles) ? [UNSAID] : [];
      if (fact.kind !== 'any of') {
        this.facts.set(fact.name, add({ kind: 'fact', fact }, [...differently, ...fact.values, UNKNOWN]));
        continue;
      }
      this.facts.set(fact.name, add({ kind: 'known', fact }, [KNOWN, ...differently, UNKNOWN]));
      for (const word of fact.values)
        this.words.set(`${fact.name} ${word}`, add({ kind: 'word', fact, word }, ['no', 'yes']));
    }
    const fullest = Math.max(...bundles.flatMap(({ vocabulary }) => [...vocabulary.fields.values()].map(FULL)));
    this.consent = add({ kind: 'consent', of: 'the field' }, wordsOfConsent(fullest));
    for (const of of fieldsThatNameTheSender(bundles))
      this.said.set(of, add({ kind: 'consent', of }, wordsOfConsent(fullest)));
    // Every operation goes down bit by bit, and a stack is only so deep.
    if (bit > MOST_BITS) throw tooIntricate(`${MOST_BITS} things to know`);
    this.choices = choices;
    this.ofBit = choices.flatMap((choice) => Array.from({ length: choice.bits }, () => choice));
  }

  regime(name: RegimeName): Choice | undefined {
    return this.regimes.get(name);
  }

  get regimeNames(): readonly RegimeName[] {
    return [...this.regimes.keys()];
  }

  fact(name: FactName): Choice | undefined {
    return this.facts.get(name);
  }

  word(name: FactName, word: string): Choice | undefined {
    return this.words.get(`${name} ${word}`);
  }

  /** What she said of a field, where that matters to another: to the sender, who goes with what she agreed to. */
  saidOf(field: FieldName): Choice | undefined {
    return this.said.get(field);
  }

  /** Behind the choices that every field shares: those about what she said of other fields. */
  get otherConsents(): number {
    return this.consent.firstBit + this.consent.bits;
  }

  choiceOf(node: Node): Choice | undefined {
    return this.ofBit[this.diagram.bit(node)];
  }

  /** Holds where the choice falls on one of these values. */
  isOneOf(choice: Choice, accepted: (value: string, index: number) => boolean): Node {
    this.diagram.spend(1 + (choice.values.length >>> 3));
    const mask = choice.values.map((value, index) => (accepted(value, index) ? '1' : '0')).join('');
    const key = `${choice.place} ${mask}`;
    const before = this.subsets.get(key);
    if (before !== undefined) return before;
    const last = mask.length - 1;
    const build = (depth: number, code: number): Node => {
      if (depth === choice.bits) return mask[Math.min(code, last)] === '1' ? TRUE : FALSE;
      const [low, high] = [build(depth + 1, code * 2), build(depth + 1, code * 2 + 1)];
      return this.diagram.node(choice.firstBit + depth, low, high);
    };
    const made = build(0, 0);
    this.subsets.set(key, made);
    return made;
  }

  is(choice: Choice, value: string): Node {
    return this.isOneOf(choice, (candidate) => candidate === value);
  }

  /** What is left of a function once the choice has fallen on a value. The node asks nothing before the choice. */
  after(node: Node, choice: Choice, value: number): Node {
    const { diagram } = this;
    diagram.spend(1);
    let at = node;
    for (let depth = 0; depth < choice.bits; depth += 1)
      if (diagram.bit(at) === choice.firstBit + depth)
        at = ((value >>> (choice.bits - 1 - depth)) & 1) === 1 ? diagram.high(at) : diagram.low(at);
    return at;
  }

  /** Situations of one field: every combination of regimes that the bundles have, and what she said of the field. */
  situationsOf(full: Level): Node {
    const { diagram } = this;
    return diagram.and(
      this.is(this.elsewhere, 'no'),
      this.isOneOf(this.consent, (word) => !(agreedTo(word) > full)),
    );
  }

  /** Where one of the bundles' regimes binds the value, and no other. */
  get underOneRegime(): Node {
    const { diagram } = this;
    const all = [...this.regimes.values()];
    const bound = (one: Choice): Node =>
      diagram.all(all.map((choice) => this.is(choice, choice === one ? 'yes' : 'no')));
    return diagram.any(all.map(bound));
  }

  /** In how many situations it holds, what she said of other fields left apart. */
  count(node: Node): bigint {
    const above = this.diagram.possibly(node, this.otherConsents);
    return this.countFrom(above, 0);
  }

  private countFrom(node: Node, place: number): bigint {
    if (node === FALSE) return 0n;
    const own = this.choiceOf(node)?.place ?? this.consent.place + 1;
    return this.combinations(place, own) * (node === TRUE ? 1n : this.countOf(node));
  }

  private countOf(node: Node): bigint {
    const before = this.counted.get(node);
    if (before !== undefined) return before;
    const choice = this.choiceOf(node)!;
    let sum = 0n;
    for (let value = 0; value < choice.values.length; value += 1) {
      const below = this.countFrom(this.after(node, choice, value), choice.place + 1);
      sum += choice.subject.kind === 'known' && value > 0 ? below >> BigInt(choice.subject.fact.values.length) : below;
    }
    this.counted.set(node, sum);
    return sum;
  }

  /** How many ways there are to settle the choices from one place up to another. */
  private combinations(from: number, to: number): bigint {
    let ways = 1n;
    for (let place = from; place < to; place += 1) {
      const { subject, values } = this.choices[place]!;
      if (subject.kind === 'known' && place + subject.fact.values.length < to) {
        ways *= (1n << BigInt(subject.fact.values.length)) + BigInt(values.length - 1);
        place += subject.fact.values.length;
      } else ways *= BigInt(values.length);
    }
    return ways;
  }

  /** One point at which it holds. Of the values that would do, `prefer` names the ones to try first. */
  pointIn(node: Node, prefer: (choice: Choice, matters: boolean) => readonly number[]): Point | undefined {
    if (node === FALSE) return undefined;
    const point: Point = new Int32Array(this.choices.length);
    let at = node;
    for (const choice of this.choices) {
      const matters = this.choiceOf(at) === choice;
      const wanted = prefer(choice, matters);
      const value = matters
        ? (wanted.find((one) => this.after(at, choice, one) !== FALSE) ??
          choice.values.findIndex((_, one) => this.after(at, choice, one) !== FALSE))
        : (wanted[0] ?? 0);
      point[choice.place] = value;
      at = this.after(at, choice, value);
    }
    return point;
  }

  holdsAt(node: Node, point: Point): boolean {
    let at = node;
    for (let choice = this.choiceOf(at); choice !== undefined; choice = this.choiceOf(at))
      at = this.after(at, choice, point[choice.place]!);
    return at === TRUE;
  }

  /** A point bit by bit, for a diagram. */
  bitsOf(point: Point): Uint8Array {
    return Uint8Array.from(this.ofBit, ({ place, firstBit, bits }, bit) => {
      const value = point[place] ?? 0;
      return (value >>> (bits - 1 - (bit - firstBit))) & 1;
    });
  }

  /** The point at which one field meets a situation, in the words of one of the bundles. */
  pointOf(situation: Situation, field: FieldName, bundle: Bundle = this.bundles[0]!): Point {
    const point: Point = new Int32Array(this.choices.length);
    const isEnvelope = bundle.vocabulary.fields.get(field)?.record === 'envelope';
    const kept = isEnvelope ? [...situation.travelled.values()] : [situation.travelled.get(field) ?? []];
    const regimes = new Set([situation.origins, ...kept].flatMap((names) => [...names]));
    for (const choice of this.choices) {
      const { subject, values, place } = choice;
      switch (subject.kind) {
        case 'elsewhere':
          point[place] = [...regimes].some((name) => !this.regimes.has(name)) ? 1 : 0;
          break;
        case 'regime':
          point[place] = regimes.has(subject.regime) ? 1 : 0;
          break;
        case 'purpose':
          point[place] = indexOr(values, situation.purpose, values.length - 1);
          break;
        case 'fact':
          point[place] = this.valueOfFact(choice, subject.fact, situation, bundle);
          break;
        case 'known':
          point[place] = this.isKnown(choice, subject.fact, situation, bundle);
          break;
        case 'word': {
          const said = situation.facts.get(subject.fact.name) ?? defaultOf(subject.fact.name, bundle);
          point[place] = listOf(said, subject.fact)?.includes(subject.word) === true ? 1 : 0;
          break;
        }
        case 'consent':
          point[place] = indexOr(
            values,
            wordOf(situation.consent.get(subject.of === 'the field' ? field : subject.of), values),
            0,
          );
          break;
        default:
          subject satisfies never;
      }
    }
    return point;
  }

  private valueOfFact({ values }: Choice, { name }: Fact, { facts }: Situation, bundle: Bundle): number {
    const said = facts.get(name);
    if (said === undefined && values[0] === UNSAID) return 0;
    const value = said ?? defaultOf(name, bundle);
    return typeof value === 'string' && value !== UNSAID
      ? indexOr(values, value, values.length - 1)
      : values.length - 1;
  }

  private isKnown({ values }: Choice, fact: Fact, { facts }: Situation, bundle: Bundle): number {
    const said = facts.get(fact.name);
    if (said === undefined && values.includes(UNSAID)) return values.indexOf(UNSAID);
    return listOf(said ?? defaultOf(fact.name, bundle), fact) === undefined ? values.length - 1 : 0;
  }

  /** A situation of one field, as it would be typed: what is as nobody having said anything is left out. */
  situationAt(point: Point, field: FieldName, bundle: Bundle = this.bundles[0]!): Situation {
    const origins = new Set<RegimeName>();
    const facts = new Map<FactName, FactValue>();
    const consent = new Map<FieldName, ConsentOfField>();
    let purpose: string = UNKNOWN;
    for (const { subject, values, place } of this.choices) {
      const value = values[point[place]!]!;
      switch (subject.kind) {
        case 'elsewhere':
          if (value === 'yes') origins.add('a-regime-from-elsewhere' as RegimeName);
          break;
        case 'regime':
          if (value === 'yes') origins.add(subject.regime);
          break;
        case 'purpose':
          purpose = value;
          break;
        case 'fact':
          if (value !== UNSAID && (values.includes(UNSAID) || value !== defaultOf(subject.fact.name, bundle)))
            facts.set(subject.fact.name, value);
          break;
        case 'known':
          if (value === UNSAID) break;
          if (value === UNKNOWN) facts.set(subject.fact.name, UNKNOWN);
          else facts.set(subject.fact.name, this.wordsAt(point, subject.fact));
          if (
            !values.includes(UNSAID) &&
            isSame(facts.get(subject.fact.name), defaultOf(subject.fact.name, bundle), subject.fact)
          )
            facts.delete(subject.fact.name);
          break;
        case 'word':
          break;
        case 'consent': {
          const of = subject.of === 'the field' ? field : subject.of;
          const known = bundle.vocabulary.fields.get(of);
          if (value === 'not_asked' || known === undefined) break;
          const agreed = agreedTo(value);
          if (agreed > NOTHING) consent.set(of, { state: 'agreed', level: Math.min(agreed, FULL(known)) as Level });
          else consent.set(of, { state: value as ConsentState, level: NOTHING });
          break;
        }
        default:
          subject satisfies never;
      }
    }
    return { origins, travelled: new Map(), purpose: purpose as Purpose, facts, consent };
  }

  private wordsAt(point: Point, { name, values }: Fact): readonly string[] {
    return values.filter((word) => point[this.word(name, word)!.place] === 1);
  }
}

/** Where a word of consent is an agreement, how far it goes. */
export function agreedTo(word: string): Level {
  return (word.startsWith('agreed ') ? Number(word.slice('agreed '.length)) : NOTHING) as Level;
}

function wordsOfConsent(fullest: number): readonly WordOfConsent[] {
  const others = CONSENT_STATES.filter((state) => state !== 'agreed' && state !== 'not_asked');
  return ['not_asked', ...others, ...Array.from({ length: fullest }, (_, at): WordOfConsent => `agreed ${at + 1}`)];
}

function wordOf(said: ConsentOfField | undefined, values: readonly string[]): string {
  if (said === undefined) return 'not_asked';
  if (said.state !== 'agreed') return said.state;
  const most = agreedTo(values.at(-1)!);
  return said.level > NOTHING ? `agreed ${Math.min(said.level, most)}` : 'not_asked';
}

function indexOr(values: readonly string[], value: string, otherwise: number): number {
  const index = values.indexOf(value);
  return index < 0 ? otherwise : index;
}

function defaultOf(name: FactName, { vocabulary }: Bundle): FactValue {
  const fact = vocabulary.facts.get(name);
  if (fact === undefined) return UNKNOWN;
  const { ifNobodyHasSaid: value } = fact;
  return fact.kind === 'any of' ? (listOf(value, fact) ?? UNKNOWN) : value;
}

/** The words of a fact that may have several; nothing where that is as good as unknown. */
export function listOf(value: FactValue, { values }: Pick<Fact, 'values'>): readonly string[] | undefined {
  const words = typeof value === 'string' ? [value] : value;
  if (words.every((word) => values.includes(word))) return words;
  return words.every((word) => word === 'none') ? [] : undefined;
}

function isSame(a: FactValue | undefined, b: FactValue, fact: Fact): boolean {
  const [one, other] = [listOf(a ?? UNKNOWN, fact), listOf(b, fact)];
  return one === undefined || other === undefined
    ? one === other
    : [...one].toSorted().join() === [...other].toSorted().join();
}

function defaultsDiffer(name: FactName, bundles: readonly Bundle[]): boolean {
  return new Set(bundles.map((bundle) => JSON.stringify(defaultOf(name, bundle)))).size > 1;
}

/** The facts that something asks about, those that most ask about first, each with every bundle's words. */
function factsAsked(bundles: readonly Bundle[]): readonly Fact[] {
  const asked = new Map<FactName, number>();
  for (const conjunction of bundles.flatMap(conjunctionsOf))
    for (const { fact } of conjunction.facts) asked.set(fact, (asked.get(fact) ?? 0) + 1);
  return [...asked.keys()]
    .toSorted((a, b) => asked.get(b)! - asked.get(a)! || (a < b ? -1 : 1))
    .flatMap((name) => {
      const known = bundles.flatMap(({ vocabulary }) => vocabulary.facts.get(name) ?? []);
      const [first] = known;
      if (first === undefined) return [];
      if (known.some(({ kind }) => (kind === 'any of') !== (first.kind === 'any of')))
        throw new PolicyError('NOT_COMPARABLE', `\`${name}\` is one word in one of the two and a list in the other`);
      return [{ ...first, values: [...new Set(known.flatMap(({ values }) => values))] }];
    });
}

function conjunctionsOf({ rules, promises, regimes }: Bundle): readonly Conjunction[] {
  return [
    ...[...rules, ...promises].flatMap(({ conditions: { when, any, unless } }) => [when, ...any, ...unless]),
    ...[...regimes.values()].flatMap(({ governs }) => governs.map(({ under }) => ({ facts: under }))),
  ];
}

/** What she said of these settles whether the sender goes with them. */
function fieldsThatNameTheSender(bundles: readonly Bundle[]): ReadonlySet<FieldName> {
  return new Set(
    bundles.flatMap(({ rules }) =>
      rules.flatMap((rule) => {
        const { when, any, unless } = rule.conditions;
        const asksHer = [when, ...any, ...unless].some(({ consent }) => consent !== undefined);
        return rule.kind === 'share' && rule.namesSender && asksHer
          ? [...rule.fields.keys()].filter((name) => name !== SENDER)
          : [];
      }),
    ),
  );
}
