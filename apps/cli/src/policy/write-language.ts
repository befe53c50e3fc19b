import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { languagePage, policySchema } from '#policy';
import { parseVocabulary } from '#terms';

// npm run policy-schema: writes what is made from the parser's own words beside the policies.
const folder = path.resolve(import.meta.dirname, '..', '..', '..', '..', '..', 'policies');
const vocabulary = parseVocabulary(await readFile(path.join(folder, 'vocabulary.yaml'), 'utf8'), 'vocabulary.yaml');
await writeFile(path.join(folder, 'LANGUAGE.md'), languagePage(vocabulary));
const schema = JSON.stringify(policySchema(vocabulary), undefined, 1);
await writeFile(path.join(folder, 'policy.schema.json'), `${schema}\n`);
