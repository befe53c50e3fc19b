import { type Fact, type FactName, type FactValue, type Field, FULL, type Level, type Purpose, UNKNOWN } from '#terms';
import { type Bundle, CORE, type Conjunction, type FactTest, type Rule, type Share } from './bundle.js';
import { judge } from './decide-naively.js';
import { Hearing } from './hearing.js';
import { consentTo, factHolds, purposeHolds, type Settled } from './hold.js';
import { plain } from './read-aloud.js';
import type { Situation } from './situation.js';

/** Something that, had it been otherwise, would have let more of a field leave. Tried, not guessed: `decide` says so. */
export interface NearMiss {
  readonly level: Level;
  /** All of them together. */
  readonly changes: readonly Change[];
  /** *would be shared if consent were agreed; it is not asked* */
  readonly words: string;
}

export type Change =
  | {
      readonly kind: 'fact';
      readonly fact: Fact;
      readonly from: FactValue;
      readonly to: FactValue;
      readonly word: string;
    }
  | { readonly kind: 'purpose'; readonly from: Purpose | typeof UNKNOWN; readonly to: Purpose }
  | { readonly kind: 'consent'; readonly from: string };

const MOST_CHANGES = 3;
/** Each is decided anew by every rule on the field: of thousands of shares, nobody reads what each of them lacks. */
const MOST_TRIED = 100;

/** The single changes that would raise the field; where there is none, the smallest sets of changes that some share asks for. */
export function nearMisses(bundle: Bundle, situation: Situation, field: Field): readonly NearMiss[] {
  const hearing = new Hearing(bundle, situation);
  const now = judge(hearing, field);
  if (now.level >= FULL(field)) return [];
  const regimes = hearing.governing(field.name);
  const rulesOfField = bundle.byField.get(field.name);
  const shares = regimes.flatMap((regime) => rulesOfField?.shares.get(regime) ?? []).map(({ rule }) => rule);
  const limits = [CORE, ...regimes].flatMap((regime) => rulesOfField?.limits.get(regime) ?? []).map(({ rule }) => rule);

  const raised = (changes: readonly Change[]): NearMiss | undefined => {
    const { level } = judge(new Hearing(bundle, changed(situation, field, changes)), field);
    return level > now.level ? { level, changes, words: inWords(field, level, now.level, changes) } : undefined;
  };
  const singles = grouped(
    field,
    now.level,
    singleChanges([...shares, ...limits], bundle, hearing.settled, field).flatMap((change) => raised([change]) ?? []),
  );
  if (singles.length > 0) return singles;

  const wanted = new Map<string, readonly Change[]>();
  for (const share of shares)
    for (const changes of changesForShare(share, bundle, hearing.settled, field))
      wanted.set(changes.map((change) => `${subject(change)} ${target(change)}`).join(), changes);
  for (let size = 2; size <= MOST_CHANGES; size += 1) {
    const sets = [...wanted.values()].filter(({ length }) => length === size).slice(0, MOST_TRIED);
    const together = new Map(sets.flatMap((set) => raised(set) ?? []).map((miss) => [miss.words, miss]));
    if (together.size > 0) return [...together.values()];
  }
  return [];
}

function changed(situation: Situation, field: Field, changes: readonly Change[]): Situation {
  let { purpose } = situation;
  const facts = new Map<FactName, FactValue>(situation.facts);
  const consent = new Map(situation.consent);
  for (const change of changes) {
    if (change.kind === 'fact') facts.set(change.fact.name, change.to);
    else if (change.kind === 'purpose') purpose = change.to;
    else consent.set(field.name, { state: 'agreed', level: FULL(field) });
  }
  return { ...situation, purpose, facts, consent };
}

/** Every change of one thing that some rule on the field asks about. */
function singleChanges(rules: readonly Rule[], bundle: Bundle, settled: Settled, field: Field): readonly Change[] {
  const facts = new Set<FactName>();
  const purposes = new Set<Purpose>();
  let aboutConsent = false;
  for (const { conditions } of rules)
    for (const conjunction of [conditions.when, ...conditions.any, ...conditions.unless]) {
      for (const test of conjunction.facts) facts.add(test.fact);
      for (const purpose of conjunction.purposes?.words ?? []) purposes.add(purpose);
      if (conjunction.consent !== undefined) aboutConsent = true;
    }
  const changes: Change[] = [];
  for (const name of facts) {
    const fact = bundle.vocabulary.facts.get(name);
    if (fact !== undefined) changes.push(...factChanges(fact, fact.values, settled));
  }
  for (const to of purposes) if (to !== settled.purpose) changes.push({ kind: 'purpose', from: settled.purpose, to });
  if (aboutConsent) changes.push(...consentChange(settled, field));
  return changes;
}

function factChanges(fact: Fact, words: Iterable<string>, settled: Settled): readonly Change[] {
  const from = settled.facts.get(fact.name) ?? UNKNOWN;
  const changes: Change[] = [];
  for (const word of words) {
    if (from === word || word === UNKNOWN) continue;
    if (fact.kind !== 'any of') changes.push({ kind: 'fact', fact, from, to: word, word });
    else if (word === 'none' || typeof from === 'string')
      changes.push({ kind: 'fact', fact, from, to: word === 'none' ? [] : [word], word });
    else if (!from.includes(word)) changes.push({ kind: 'fact', fact, from, to: [...from, word], word });
  }
  if (
    fact.kind === 'any of' &&
    from.length > 0 &&
    !changes.some(({ kind, to }: Change & { to?: unknown }) => kind === 'fact' && to === 'none')
  )
    changes.push({ kind: 'fact', fact, from, to: [], word: 'none' });
  return changes;
}

function consentChange(settled: Settled, field: Field): readonly Change[] {
  const { state, level } = consentTo(field.name, settled);
  if (state !== 'agreed') return [{ kind: 'consent', from: state }];
  return level < FULL(field) ? [{ kind: 'consent', from: `agreed to ${field.scale[level] ?? ''}` }] : [];
}

/** What a share lacks, one way for each of its alternatives: the first word that would do, for each condition unmet. */
function changesForShare(share: Share, bundle: Bundle, settled: Settled, field: Field): readonly (readonly Change[])[] {
  const { when, any } = share.conditions;
  const unmet = (conjunction: Conjunction): Change[] => [
    ...conjunction.facts.filter((test) => !factHolds(test, settled)).flatMap((test) => meet(test, bundle, settled)),
    ...(purposeHolds(conjunction, settled)
      ? []
      : [...(conjunction.purposes?.words ?? [])]
          .slice(0, 1)
          .map<Change>((to) => ({ kind: 'purpose', from: settled.purpose, to }))),
    ...(conjunction.consent?.has('agreed') === true ? consentChange(settled, field) : []),
  ];
  const first = unmet(when);
  return any.length === 0 ? [first] : any.map((branch) => [...first, ...unmet(branch)]);
}

function meet(test: FactTest, bundle: Bundle, settled: Settled): readonly Change[] {
  const fact = bundle.vocabulary.facts.get(test.fact);
  return fact === undefined ? [] : factChanges(fact, test.words, settled).slice(0, 1);
}

/** Several words of one fact that would do alike are one near miss: *if purpose were emergency or treatment*. */
function grouped(field: Field, now: Level, misses: readonly NearMiss[]): readonly NearMiss[] {
  const groups = new Map<string, NearMiss[]>();
  for (const miss of misses) {
    const [change] = miss.changes;
    const key = `${change === undefined ? '' : subject(change)} ${miss.level}`;
    groups.set(key, [...(groups.get(key) ?? []), miss]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const changes = group.flatMap((miss) => miss.changes);
    const targets = changes.map(target).join(' or ');
    const [change] = changes;
    if (change === undefined) return [];
    return [
      {
        ...first,
        words: `${lead(field, first.level, now)} if ${subject(change)} ${verb(change)} ${targets}; it is ${current(change)}`,
      },
    ];
  });
}

function inWords(field: Field, level: Level, now: Level, changes: readonly Change[]): string {
  const conditions = changes.map(
    (change) => `${subject(change)} ${verb(change)} ${target(change)} (it is ${current(change)})`,
  );
  return `${lead(field, level, now)} if ${conditions.join(' and ')}`;
}

function lead(field: Field, level: Level, now: Level): string {
  const name = plain(field.scale[level] ?? '');
  if (level < FULL(field)) return `would be shared to *${name}*`;
  return now > 0 ? 'would be shared in full' : 'would be shared';
}

function subject(change: Change): string {
  return change.kind === 'fact' ? plain(change.fact.name) : change.kind;
}

function verb(change: Change): string {
  return change.kind === 'fact' && change.fact.kind === 'any of' && change.word !== 'none' ? 'included' : 'were';
}

function target(change: Change): string {
  const to = change.kind === 'fact' ? change.word : change.kind === 'purpose' ? change.to : 'agreed';
  return `*${plain(to)}*`;
}

function current(change: Change): string {
  const from = typeof change.from === 'string' ? change.from : change.from.join(' and ');
  return `*${plain(from === '' ? 'none' : from)}*`;
}
