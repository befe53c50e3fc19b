import type { Violation } from './check.js';

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

export type ActName = 'load' | 'county' | 'failover' | 'full-disk' | 'clocks' | 'partitions';

/** What a command said that failed, in one line. */
export function sentenceOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1) ?? '';
}
