import type {
  AgencyId, FactName, FactValue, Instant, OfficerId, Role, Sector, UnitId, Vocabulary,
} from '#terms';
import type { Assertion } from './assertion.js';

export interface Asker {
  readonly agency: AgencyId;
  readonly unit?: UnitId;
  readonly officer: OfficerId;
  readonly role: Role;
  readonly sector: Sector;
  readonly caseReference?: string;
}

export interface FactsAsk {
  /** About all her joined persons. */
  readonly assertions: readonly Assertion[];
  readonly asker: Asker;
  /** Facts set by the question itself, each with its reason already demanded. */
  readonly declared: ReadonlyMap<FactName, FactValue>;
  /** What a person at the discloser confirmed for these fields, and still holds; whose agency she is. */
  readonly confirmed?: { readonly by: AgencyId; readonly grounds: readonly string[] };
  readonly at: Instant;
  readonly vocabulary: Vocabulary;
}

export interface ResolvedFact {
  readonly value: FactValue;
  /** The agencies whose statements decided it, sorted; empty where enrolment did. */
  readonly by: readonly AgencyId[];
}

/** What holds for this asker now. A fact of which nothing counts is absent: the vocabulary says what holds then. */
export function resolveFacts(ask: FactsAsk): ReadonlyMap<FactName, ResolvedFact> {
  throw new Error(`not yet ${ask.asker.agency}`);
}
