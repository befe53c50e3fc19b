/** What one window gave. */
export interface Result {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Of server and PostgreSQL. */
  readonly cpuMs: number;
  /** Of PostgreSQL alone. */
  readonly databaseMs: number;
  /** Requests that got no answer because it could not leave in time. */
  readonly tooLate: number;
}

export type Results = ReadonlyMap<number, { readonly ours: readonly Result[]; readonly floor: readonly Result[] }>;
