import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CORE, withRules } from '#policy';
import { readPolicies } from './read-policies.js';

// npm run policy-pages: says each regime's rules anew on its page for officers.
const folder = path.resolve(import.meta.dirname, '..', '..', '..', '..', '..', 'policies');
const bundle = await readPolicies(folder);
for (const regime of [CORE, ...bundle.regimes.keys()]) {
  const page = path.join(folder, regime, 'README.md');
  const written = withRules(await readFile(page, 'utf8'), bundle, regime);
  if (written === undefined) throw new Error(`${page} has no block that begins <!-- generated: rules -->`);
  await writeFile(page, written);
}
