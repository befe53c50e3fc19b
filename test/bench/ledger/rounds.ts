import { ratiosOf, type Spread } from '../figures.js';
import type { Result } from './site.js';

/** Windows of several names, each in every round. */
export class Rounds {
  readonly #results = new Map<string, Result[]>();

  /**
   * Runs every window once a round. Whoever goes later finds the machine warmer and the disk fuller: every second round
   * goes the other way.
   */
  static async run(
    rounds: number,
    windows: ReadonlyMap<string, () => Promise<Result>>,
    say: (line: string) => void,
  ): Promise<Rounds> {
    const all = new Rounds();
    for (let round = 0; round < rounds; round += 1)
      for (const [name, window] of round % 2 === 0 ? windows : [...windows].toReversed()) {
        const result = await window();
        all.#results.set(name, [...all.of(name), result]);
        const [perSecond, p99] = [result.perSecond.toFixed(0).padStart(8), result.p99.toFixed(1).padStart(8)];
        say(`  round ${round + 1}  ${name.padEnd(44)}${perSecond} entries/s   p99 ${p99} ms`);
      }
    return all;
  }

  of(name: string): readonly Result[] {
    return this.#results.get(name) ?? [];
  }

  /** Taken within each round, and then compared. */
  ratio(name: string, other: string, of: (result: Result) => number = ({ perSecond }) => perSecond): Spread {
    return ratiosOf(this.of(name).map(of), this.of(other).map(of));
  }
}
