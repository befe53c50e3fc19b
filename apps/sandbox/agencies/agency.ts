import type { Access } from '#connectors';
import type { AgencyId } from '#terms';

/**
 * How a stand-in can be told to fail, each as its protocol fails: `stall` never answers, `refuse` answers that it will
 * not, `garbage` and `truncate` answer with something that cannot be read, or only half of it. `somebody_else` and
 * `more_than_asked` are the dangerous ones: well-formed answers about another person, or about others too.
 */
export const MISBEHAVIOURS = ['stall', 'refuse', 'garbage', 'truncate', 'somebody_else', 'more_than_asked'] as const;
export type Misbehaviour = (typeof MISBEHAVIOURS)[number];

/** One agency's own system, with its own data and its own names for people. */
export interface StandIn {
  readonly agency: AgencyId;
  readonly title: string;
  /** Where to look at it. */
  readonly address: string;
  /** Its mapping, in the checkout. */
  readonly mappingFile: string;
  /** What a connector needs to reach it. */
  readonly access: Access;
  misbehave(how: Misbehaviour): Promise<void>;
  behave(): Promise<void>;
  /** As if its machine lost power: connections break, new ones find nobody. */
  kill(): Promise<void>;
  /** Comes back where it was, with its data. */
  restart(): Promise<void>;
}

/** A stand-in whose end is up to whoever started it. */
export interface Started {
  readonly standIn: StandIn;
  stop(): Promise<void>;
}
