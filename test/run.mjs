// `npm test`, from a fresh clone on: prepares as `npm start` does, runs Jest, and ends with the count for machines.
import fs from 'node:fs';
import path from 'node:path';
import { endWith } from '../apps/sandbox/bootstrap/cannot-start.mjs';
import { prepare, run } from '../apps/sandbox/bootstrap/run.mjs';

const root = path.resolve(import.meta.dirname, '..');
const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const results = path.join(root, '.postern', `test-results-${process.pid}.json`);

/** Where gateways run whose sources and leases have deadlines. Other tests beside them would make them late. */
const ALONE = ['apps/gateway/src', 'apps/sandbox/agencies', 'test/journeys', 'test/chaos'];
const PASSES = [ALONE.map((folder) => `--testPathIgnorePatterns=/${folder}/`), ['--runInBand', ...ALONE]];

/** A file that cannot even be loaded has no failed test in it; it still failed. */
function count() {
  if (!fs.existsSync(results)) return { passed: 0, failed: 0 };
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(fs.readFileSync(results, 'utf8'));
  fs.rmSync(results);
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
}

async function runJest(node, args) {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const code = await run(node, [...flags, jest, '--json', `--outputFile=${results}`, ...args]);
  const { passed, failed } = count();
  const unseen = failed === 0 && (code !== 0 || passed === 0) ? 1 : 0;
  if (unseen) console.error(`Jest ended with ${code} though no test failed.`);
  return { passed, failed: failed + unseen };
}

await endWith(async () => {
  const given = process.argv.slice(2);
  const node = await prepare(root);
  fs.mkdirSync(path.dirname(results), { recursive: true });
  let stopped = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => (stopped = true));
  const sum = { passed: 0, failed: 0 };
  for (const args of given.length > 0 ? [given] : PASSES) {
    if (stopped) break;
    const { passed, failed } = await runJest(node, args);
    sum.passed += passed;
    sum.failed += failed;
  }
  console.log(`${sum.passed} passed, ${sum.failed} failed`);
  return sum.failed === 0 ? 0 : 1;
});
