// `npm test`, from a fresh clone on: prepares as `npm start` does, runs Jest, and ends with the count for machines.
import fs from 'node:fs';
import path from 'node:path';
import { endWith } from '../apps/sandbox/bootstrap/cannot-start.mjs';
import { prepare, run } from '../apps/sandbox/bootstrap/run.mjs';

const root = path.resolve(import.meta.dirname, '..');
const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const results = path.join(root, '.postern', `test-results-${process.pid}.json`);

/** A file that cannot even be loaded has no failed test in it; it still failed. */
function count() {
  if (!fs.existsSync(results)) return { passed: 0, failed: 0 };
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(fs.readFileSync(results, 'utf8'));
  fs.rmSync(results);
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
}

await endWith(async () => {
  const node = await prepare(root);
  fs.mkdirSync(path.dirname(results), { recursive: true });
  const code = await run(node, [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    jest,
    '--json',
    `--outputFile=${results}`,
    ...process.argv.slice(2),
  ]);
  const { passed, failed } = count();
  const unseen = failed === 0 && (code !== 0 || passed === 0) ? 1 : 0;
  if (unseen) console.error(`Jest ended with ${code} though no test failed.`);
  console.log(`${passed} passed, ${failed + unseen} failed`);
  return failed + unseen === 0 ? 0 : 1;
});
