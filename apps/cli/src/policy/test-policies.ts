import { type CaseResult, coverage, coverageBesides, testCases } from '#policy';
import type { Answer } from '../answer.js';
import { counted } from './counted.js';
import { besidesInWords, coverageInWords } from './coverage-in-words.js';
import { readPolicies } from './read-policies.js';

/**
 * `postern policy test`: fails where a case or a promise in its situation does not hold. Where all hold, says what could be
 * struck out without one of them failing.
 */
export async function testPolicies(folder: string): Promise<Answer> {
  const bundle = await readPolicies(folder);
  const results = testCases(bundle);
  const failed = results.filter(({ passed }) => !passed);
  const lines: string[] = [];
  for (const [regime, own] of Map.groupBy(results, (result) => result.regime))
    lines.push(`${regime}: ${own.filter(({ passed }) => passed).length} of ${counted(own.length, 'case')} hold`);
  for (const result of failed) lines.push('', ...inLines(result));
  lines.push(
    '',
    failed.length === 0
      ? `all ${counted(results.length, 'case')} hold`
      : `${counted(failed.length, 'case')} of ${results.length} do not hold`,
  );
  if (results.length === 0) lines.splice(0, lines.length, 'there are no cases: nothing was tested');
  const covered = failed.length === 0 && results.length > 0 ? coverage(bundle) : undefined;
  const besides = covered === undefined ? undefined : coverageBesides(bundle);
  if (covered !== undefined && besides !== undefined)
    lines.push(...coverageInWords(covered), ...besidesInWords(besides));
  return {
    exitCode: failed.length > 0 || results.length === 0 ? 1 : 0,
    lines,
    json: { digest: bundle.digest, cases: results.length, failed, coverage: covered, besides },
  };
}

function inLines({ place, name, differences, broken }: CaseResult): readonly string[] {
  return [
    `${place.path}:${place.line}:${place.column}: ${name}`,
    ...differences.flatMap(({ field, expected, got, why }) => [
      `    ${field}: expected ${expected}, got ${got}`,
      `        ${why}`,
    ]),
    ...broken.map(({ promise, field, got }) => `    breaks the promise “${promise}”: ${field} leaves at ${got}`),
  ];
}
