import fs from 'node:fs';
import path from 'node:path';
import { type Bundle, compare, parseBundle, prove } from '#policy';
import { parseVocabulary } from '#terms';
import { rounded, spreadOf } from '../figures.js';
import { edited, workload } from './workload.js';

const ROUNDS = 7;
const RULES = 2_000;

/** What an officer waits for: every promise of the shipped policies, and what an edit of one rule among many changes. */
export function proofFigures(
  root: string,
  seed: number,
  say: (line: string) => void,
): Readonly<Record<'prove_shipped_ms' | 'diff_2000_ms', number>> {
  const shipped = shippedPolicies(root);
  // Nothing is kept from one proof to the next: each starts from the rules.
  const proving = rounds(() => {
    const broken = prove(shipped).filter(({ holds }) => !holds);
    if (broken.length > 0) throw new Error(`${broken.length} promises of the shipped policies can be broken`);
  });
  const before = workload(RULES, seed).bundle;
  const edits = Array.from({ length: ROUNDS }, (_, at) => edited(RULES, seed, at * 211 + 1));
  let differences = 0;
  const comparing = rounds((round) => {
    const { widenings, narrowings } = compare(before, edits[round] ?? before);
    differences += widenings.length + narrowings.length;
  });
  if (differences === 0) throw new Error('no edit changed anything');
  const [proved, compared] = [spreadOf(proving), spreadOf(comparing)];
  say(
    `${shipped.promises.length} promises of ${shipped.rules.length} shipped rules proved in ${proved.median.toFixed(0)} ms (${proved.least.toFixed(0)} to ${proved.most.toFixed(0)})`,
  );
  say(
    `an edit among ${RULES} rules compared, in words, in ${compared.median.toFixed(0)} ms (${compared.least.toFixed(0)} to ${compared.most.toFixed(0)})`,
  );
  return { prove_shipped_ms: rounded(proved.median), diff_2000_ms: rounded(compared.median) };
}

function rounds(work: (round: number) => void): readonly number[] {
  return Array.from({ length: ROUNDS }, (_, round) => {
    const before = performance.now();
    work(round);
    return performance.now() - before;
  });
}

function shippedPolicies(root: string): Bundle {
  const folder = path.join(root, 'policies');
  const files = fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml') && file.includes(path.sep))
    .map((file) => ({ path: file.split(path.sep).join('/'), text: fs.readFileSync(path.join(folder, file), 'utf8') }));
  return parseBundle(
    files,
    parseVocabulary(fs.readFileSync(path.join(folder, 'vocabulary.yaml'), 'utf8'), 'vocabulary.yaml'),
  );
}
