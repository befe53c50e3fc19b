import type { ClientConfig } from 'pg';
import type { Point } from './plan.js';
import type { VariantName } from './variants.js';

/** What one process of the load is told when it starts. */
export interface Orders {
  readonly name: string;
  /** How often it has been started before. */
  readonly incarnation: number;
  readonly seed: number;
  readonly database: Required<Pick<ClientConfig, 'host' | 'port' | 'user' | 'password' | 'database'>>;
  /** Where the others write, in a variant in which each writes a log of its own. */
  readonly others: readonly string[];
  readonly origin: string;
  /** PKCS #8, PEM. */
  readonly key: string;
  /** Where it writes what it saw. */
  readonly records: string;
  /** How many ask at once; none in an admin. */
  readonly producers: number;
  /** How long each waits between two questions, at most; milliseconds. */
  readonly think: number;
  /** The consents that it grants and withdraws. */
  readonly owns: readonly number[];
  readonly variant: VariantName;
}

export type ToWorker =
  | { readonly orders: Orders }
  | { readonly arm: { readonly point: Point; readonly nth: number; readonly signal: 'SIGKILL' | 'SIGSTOP' } }
  | { readonly disarm: true }
  | { readonly end: true };

/** Counts since its start, and from time to time. */
export interface Progress {
  readonly done: number;
  readonly released: number;
  readonly refused: number;
  readonly changes: number;
  readonly late: number;
  readonly repeated: number;
  readonly unavailable: number;
}

export type FromWorker =
  | { readonly ready: true }
  | { readonly progress: Progress }
  /** The ledger said that it went back or forked: this process appends no more. */
  | { readonly halted: string }
  | { readonly ended: Progress };
