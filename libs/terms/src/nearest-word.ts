import { asItLooks } from './alike.js';

/** No word of ours is nearly as long; comparing takes the product of two lengths. */
const LONGEST = 80;

/**
 * The word somebody probably meant, or nothing where none is near. A longer word may differ in more letters; a word of
 * three letters only in one. Letters of other scripts count as those that they look like.
 *
 * @example nearestWord('agred', ['agreed', 'refused']) // 'agreed'
 */
export function nearestWord(seen: string, valid: Iterable<string>): string | undefined {
  if (seen.length > LONGEST) return undefined;
  const written = asItLooks(seen);
  const most = Math.max(1, Math.floor(written.length / 3));
  let nearest: string | undefined;
  let least = most + 1;
  for (const word of valid) {
    if (Math.abs(word.length - written.length) >= least) continue;
    const away = distance(written, word);
    if (away < least) [nearest, least] = [word, away];
  }
  return nearest;
}

/** Letters to add, drop, change or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + changed);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1);
      row.push(least);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
