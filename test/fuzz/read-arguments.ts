import { parseArgs } from 'node:util';

/** The runs of a seed that are wanted: from the first up to, not including, the last. */
export interface Wanted {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

export const OPTIONS = `
--runs N   so many inputs; 100000 where nothing is said
--seed S   the inputs of this seed; otherwise of one that is printed
--run R    only the input of this number

Exit codes: 0 no fault, 1 a fault (its input is left in .postern/fuzz), 2 the command is wrong.
`;

/** `ROOM [--runs N] [--seed S] [--run R]`, in whole numbers. */
export function readArguments(args: readonly string[]): Wanted | 'help' | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        runs: { type: 'string', default: '100000' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        run: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return 'help';
    const numbers = [values.runs, values.seed, values.run ?? '0'];
    const [runs = 0, seed = 0, run = 0] = numbers.map(Number);
    if (positionals.length !== 1 || !numbers.every((text) => /^\d{1,9}$/.test(text)) || runs === 0) return undefined;
    return values.run === undefined ? { seed, from: 0, to: runs } : { seed, from: run, to: run + 1 };
  } catch {
    return undefined;
  }
}
