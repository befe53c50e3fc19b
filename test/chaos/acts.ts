import type { Violation } from './check.js';
import { failover } from './failover.js';
import { underLoad } from './under-load.js';

/** Why an act could not take place on this machine. */
export const COULD_NOT = Symbol('could not');

export interface ActResult {
  readonly violations: readonly Violation[];
  readonly residual: number;
  readonly operations: number;
  readonly releases: number;
  readonly kills: number;
  readonly pauses: number;
  readonly seconds: number;
  /** What else is worth a line. */
  readonly notes?: readonly string[];
}

export interface ActOptions {
  readonly kills: number;
  readonly seed: number;
  /** Goes on under load until so much has been done. */
  readonly operations: number;
  /** How many ask at each gateway at once. */
  readonly producers: number;
  readonly say: (line: string) => void;
}

export interface Act {
  readonly what: string;
  /** How many of the kills that were asked for fall to this act, among these. */
  killsOf(kills: number, acts: readonly ActName[]): number;
  run(options: ActOptions): Promise<ActResult | { readonly [COULD_NOT]: string }>;
}

export type ActName = 'load' | 'failover';

export const ACTS: Readonly<Record<ActName, Act>> = {
  load: {
    what: 'two gateways with 64 askers each and two admins on one database, killed and stopped at random',
    killsOf: (kills) => kills,
    run: underLoad,
  },
  failover: {
    what: 'the primary is killed and its synchronous standby promoted, commits cut off while they wait for it',
    killsOf: (kills, acts) => (acts.length === 1 ? kills : Math.min(2, kills)),
    run: failover,
  },
};
