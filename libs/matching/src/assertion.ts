import type { AgencyId, Fact, FactId, FactName, FactValue, Instant, OfficerId, PersonId, Role, UnitId } from '#terms';

/** Whom a tie speaks of. */
export interface Towards {
  readonly agency: AgencyId;
  readonly unit?: UnitId;
  readonly officer?: OfficerId;
}

/** What was said: a word or words, a date from which a band follows (a birth, an event), or a count. */
export type Stated = FactValue | { readonly date: string } | { readonly count: number };

/** One agency's statement about one person: appended, never edited; it lives until `until` or its withdrawal. */
export interface Assertion {
  readonly id: FactId;
  readonly person: PersonId;
  readonly fact: FactName;
  readonly value: Stated;
  /** For facts about the asker only. */
  readonly towards?: Towards;
  readonly by: { readonly agency: AgencyId; readonly role: Role };
  readonly basis: string;
  readonly reason?: string;
  readonly at: Instant;
  readonly until?: Instant;
}

export type Statement = Pick<Assertion, 'value' | 'towards' | 'reason' | 'until'> & { readonly at: Instant };

/** Whether this agency and role may state this: returns, or says why not. */
export function mayAssert(fact: Fact, statement: Statement, who: Assertion['by']): void {
  throw new Error(`not yet ${fact.name} ${statement.at} ${who.agency}`);
}
