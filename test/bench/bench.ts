/** What every benchmark is given. */
export interface BenchContext {
  /** How long each window is measured. */
  readonly seconds: number;
  readonly root: string;
  /** How large the logs get: the one that is verified, and the one that has grown. */
  readonly sizes: { readonly entries: number; readonly grown: number };
  /** The parts to run, for a quick try; all of them where it is empty. */
  readonly only: readonly string[];
  /** Called, the newest first, when the benchmark ends, fails or is interrupted. */
  readonly cleanUp: (end: () => Promise<unknown>) => void;
  readonly say: (line: string) => void;
}

/** Prints a readable table, and returns its figures for machines. */
export type Bench = (context: BenchContext) => Promise<Readonly<Record<string, number>>>;
