/** What every benchmark is given. */
export interface BenchContext {
  /** How long each window is measured. */
  readonly seconds: number;
  readonly root: string;
  /** Called, the newest first, when the benchmark ends, fails or is interrupted. */
  readonly cleanUp: (end: () => Promise<unknown>) => void;
  readonly say: (line: string) => void;
}

/** Prints a readable table, and returns its figures for machines. */
export type Bench = (context: BenchContext) => Promise<Readonly<Record<string, number>>>;
