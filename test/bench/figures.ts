/** The value below which this share of the sorted values lies, by nearest rank: always one that was measured. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) throw new RangeError('nothing was measured');
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[Math.min(rank, sorted.length) - 1] as number;
}

/** The middle one of several rounds, and how far they lay apart. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) throw new RangeError('nothing was measured');
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] as number;
  return { median: Number.isInteger(middle) ? ((sorted[middle - 1] as number) + upper) / 2 : upper, least, most };
}

/** Ratios are taken within a round, where both ran under the same neighbours, and only then compared across rounds. */
export function ratiosOf(ours: readonly number[], floor: readonly number[]): Spread {
  if (ours.length !== floor.length) throw new RangeError('a round has both, or it is none');
  return spreadOf(ours.map((value, round) => value / (floor[round] as number)));
}

/** As printed: three significant digits, never more than a figure of this kind can mean. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
