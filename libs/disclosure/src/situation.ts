import { type Consent, type Coverage, coverage } from '#consent';
import { type Assertion, type Handle, type ResolvedFact, resolveFacts } from '#matching';
import type { Situation } from '#policy';
import type {
  AgencyId,
  FactName,
  FactValue,
  FieldName,
  Instant,
  OfficerId,
  PersonId,
  Purpose,
  RegimeName,
  Role,
} from '#terms';
import type { Agency, Caller } from './agency.js';
import type { FoldedLog } from './folded-log.js';
import type { Gate } from './gate.js';
import { type Declaration, declaredIn, type Question } from './question.js';

/** A situation as `policy` decides it, and who asserted what in it: enough to explain and to decide it again, years later. */
export interface ResolvedSituation extends Situation {
  readonly assertedBy: ReadonlyMap<FactName, readonly AgencyId[]>;
  /** When facts cease to hold that were stated for a time only. */
  readonly factsUntil: ReadonlyMap<FactName, Instant>;
  readonly coverage: Coverage;
}

/** One agency asking another about one person. For an enrolment check the roles are turned round. */
export interface Approach {
  readonly discloser: Agency;
  readonly held: Handle;
  readonly recipient: Agency;
  readonly receiving: Handle;
  /** The person who asks. Absent where an agency's system is merely told of something, and nobody there asks. */
  readonly caller?: Caller;
  readonly purpose: Purpose;
  readonly declares: readonly Declaration[];
  readonly states: Question['states'];
}

/**
 * Everything a decision about this approach rests on, at one instant and one version of the map. Facts and refusals are
 * gathered over everyone she is joined with; permits count only where they are hers at one of the two ends.
 */
export function situationOf(
  gate: Gate,
  joined: ReadonlySet<PersonId>,
  approach: Approach,
  fields: readonly FieldName[],
  at: Instant,
): ResolvedSituation {
  const { discloser, held, recipient, receiving, purpose } = approach;
  const covered = coverage(directives(gate.known, joined), {
    discloser: discloser.id,
    recipient: recipient.id,
    purpose,
    at,
    fields,
    permitsOf: new Set([held.person, receiving.person]),
  });
  const resolved = resolveFacts({
    assertions: [...joined].flatMap((person) => assertionsFor(gate.known, person, approach)),
    asker: {
      ...(approach.caller ?? NOBODY_IN_PARTICULAR),
      agency: recipient.id,
      sector: recipient.sector,
      entityClasses: recipient.entityClasses,
    },
    declared: declaredIn(approach),
    at,
    vocabulary: gate.policy.vocabulary,
  });
  return {
    origins: discloser.regimes,
    travelled: travelledTo(gate.known, joined, discloser.id),
    purpose,
    facts: valuesOf(resolved),
    consent: covered.fields,
    assertedBy: new Map([...resolved].filter(([, fact]) => fact.by.length > 0).map(([name, fact]) => [name, fact.by])),
    factsUntil: new Map([...resolved].flatMap(([name, { until }]) => (until === undefined ? [] : [[name, until]]))),
    coverage: covered,
  };
}

/**
 * What counts of the statements about one person. Whoever asks without stating a unit meets every tie of every unit; but
 * where only a system is told, no unit is: there a tie of the whole agency counts, and one of a unit keeps that unit from
 * reading of it afterwards (`accountFor`).
 */
function assertionsFor(known: FoldedLog, person: PersonId, approach: Approach): readonly Assertion[] {
  const all = known.assertionsOf(person);
  return approach.caller === undefined ? all.filter(({ towards }) => towards?.unit === undefined) : all;
}

/** An agency's system, which is told of something without anyone there asking. */
const NOBODY_IN_PARTICULAR = { officer: 'nobody' as OfficerId, role: 'system' as Role };
const DISCLOSER_CONFIRMS = 'discloser_confirms' as FactName;

/** The same situation, had a person at the discloser confirmed these grounds. */
export function withConfirmedGrounds<S extends Situation>(situation: S, grounds: readonly string[]): S {
  const facts = new Map<FactName, FactValue>(situation.facts);
  facts.set(DISCLOSER_CONFIRMS, grounds.toSorted());
  return { ...situation, facts };
}

/**
 * The regimes that values keep which this agency received about her, under whichever of its handles: a second handle for
 * her would otherwise shed the law under which the first received them.
 */
function travelledTo(
  known: FoldedLog,
  joined: ReadonlySet<PersonId>,
  agency: AgencyId,
): ReadonlyMap<FieldName, ReadonlySet<RegimeName>> {
  const received = [...joined]
    .filter((person) => known.handleOf(person)?.agency === agency)
    .map((person) => known.originsOf(person));
  const [only] = received;
  if (only !== undefined && received.length === 1) return only;
  const travelled = new Map<FieldName, ReadonlySet<RegimeName>>();
  for (const [field, regimes] of received.flatMap((origins) => [...origins]))
    travelled.set(field, new Set([...(travelled.get(field) ?? []), ...regimes]));
  return travelled;
}

function directives(known: FoldedLog, joined: ReadonlySet<PersonId>): readonly Consent[] {
  if (joined.size === 1) for (const person of joined) return known.consentsOf(person);
  return [...joined].flatMap((person) => known.consentsOf(person));
}

function valuesOf(resolved: ReadonlyMap<FactName, ResolvedFact>): ReadonlyMap<FactName, FactValue> {
  return new Map([...resolved].map(([name, fact]) => [name, fact.value] as const));
}
