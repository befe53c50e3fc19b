import {
  type Fact,
  type FactName,
  type FactValue,
  type FieldName,
  higherOf,
  type Level,
  lowerOf,
  NOTHING,
  type Purpose,
  UNKNOWN,
  type Vocabulary,
} from '#terms';
import type { Conditions, Conjunction, FactTest, TreatedRole } from './bundle.js';
import type { ConsentOfField, ConsentState, Situation } from './situation.js';

/** A situation with every fact of the vocabulary settled, so that no condition can fail to have an answer. */
export interface Settled {
  readonly facts: ReadonlyMap<FactName, FactValue>;
  readonly purpose: Purpose | typeof UNKNOWN;
  readonly consent: ReadonlyMap<FieldName, ConsentOfField>;
}

/** A fact nobody stated takes `if nobody has said`; a word the vocabulary does not have is as good as unknown. */
export function settle(situation: Situation, vocabulary: Vocabulary): Settled {
  const facts = new Map<FactName, FactValue>();
  for (const [name, fact] of vocabulary.facts)
    facts.set(name, settled(situation.facts.get(name) ?? fact.ifNobodyHasSaid, fact));
  const purpose = vocabulary.purposes.has(situation.purpose) ? situation.purpose : UNKNOWN;
  return { facts, purpose, consent: situation.consent };
}

function settled(value: FactValue, fact: Fact): FactValue {
  if (fact.kind === 'any of') {
    const words = typeof value === 'string' ? [value] : value;
    if (words.every((word) => fact.values.includes(word))) return words;
    return words.every((word) => word === 'none') ? [] : UNKNOWN;
  }
  return typeof value === 'string' && fact.values.includes(value) ? value : UNKNOWN;
}

/** Nothing was said that reaches this field. */
const NOT_ASKED: ConsentOfField = { state: 'not_asked', level: NOTHING };

/** To agree to nothing is not to agree. */
export function consentTo(field: FieldName, { consent }: Settled): ConsentOfField {
  const said = consent.get(field);
  return said === undefined || (said.state === 'agreed' && !(said.level > NOTHING)) ? NOT_ASKED : said;
}

export function factHolds(test: FactTest, { facts, purpose }: Pick<Settled, 'facts' | 'purpose'>): boolean {
  const stated = facts.get(test.fact) ?? UNKNOWN;
  const value = test.treated === undefined ? stated : treatedRole(stated, test.treated, purpose);
  if (value === UNKNOWN) return test.unknownMeets;
  if (typeof value === 'string') return test.words.has(value);
  return value.length === 0 ? test.words.has('none') : value.some((word) => test.words.has(word));
}

/**
 * The roles of the person asked about, as a regime treats them for this purpose. What is to open needs a role that they
 * are treated as; what is to close counts also for every role that they hold. For a purpose nobody knows, a role that is
 * treated at all opens nothing and closes as whatever it could be treated as.
 */
export function treatedRole(held: FactValue, { to, treatments }: TreatedRole, purpose: Settled['purpose']): FactValue {
  if (typeof held === 'string') return held;
  const roles = new Set<string>(to === 'close' ? held : []);
  for (const role of held) {
    const own = treatments.filter((treatment) => treatment.role === role);
    if (purpose === UNKNOWN) {
      if (to === 'close') for (const { as } of own) roles.add(as);
      else if (own.length === 0) roles.add(role);
      continue;
    }
    const named = own.find(({ purposes }) => purposes !== 'everything else' && purposes.has(purpose));
    roles.add((named ?? own.find(({ purposes }) => purposes === 'everything else'))?.as ?? role);
  }
  return held.length > 0 && roles.size === 0 ? UNKNOWN : [...roles];
}

export function purposeHolds({ purposes }: Conjunction, { purpose }: Pick<Settled, 'purpose'>): boolean {
  if (purposes === undefined) return true;
  return purpose === UNKNOWN ? purposes.unknownMeets : purposes.words.has(purpose);
}

/** What is left of a conjunction once the facts hold: what she must have said, or nothing more. */
type Wanted = ReadonlySet<ConsentState> | 'nothing more';

/**
 * A rule's conditions in one situation, facts and purpose already answered: what remains differs from field to field
 * only by what she said about each.
 */
export interface Remaining {
  readonly when: Wanted;
  readonly any: readonly Wanted[];
  readonly unless: readonly Wanted[];
}

/** `undefined` where the rule matches nowhere in this situation, whatever she said. */
export function remaining(conditions: Conditions, settled_: Settled): Remaining | undefined {
  const left = (conjunction: Conjunction): Wanted | undefined =>
    purposeHolds(conjunction, settled_) && conjunction.facts.every((test) => factHolds(test, settled_))
      ? (conjunction.consent ?? 'nothing more')
      : undefined;
  const when = left(conditions.when);
  if (when === undefined) return undefined;
  const any = conditions.any.flatMap((branch) => left(branch) ?? []);
  if (conditions.any.length > 0 && any.length === 0) return undefined;
  return { when, any, unless: conditions.unless.flatMap((branch) => left(branch) ?? []) };
}

/** Holds without bound. Larger than any level. */
export const BOUNDLESS = Number.MAX_SAFE_INTEGER as Level;

/**
 * How far a rule's conditions carry for one field: not at all, to the level she agreed to where they rest on her
 * agreement, or without bound. Alternatives carry as far as the one that carries furthest.
 */
export function whenCarries({ when, any }: Remaining, consent: ConsentOfField): Level {
  const first = carries(when, consent);
  return any.length === 0 ? first : lowerOf(first, furthest(any, consent));
}

/** How far the exceptions carry. */
export function unlessCarries({ unless }: Remaining, consent: ConsentOfField): Level {
  return furthest(unless, consent);
}

function furthest(alternatives: readonly Wanted[], consent: ConsentOfField): Level {
  let most = NOTHING;
  for (const wanted of alternatives) most = higherOf(most, carries(wanted, consent));
  return most;
}

function carries(wanted: Wanted, { state, level }: ConsentOfField): Level {
  if (wanted === 'nothing more') return BOUNDLESS;
  if (!wanted.has(state)) return NOTHING;
  return state === 'agreed' ? level : BOUNDLESS;
}
