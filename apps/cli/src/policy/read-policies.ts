import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bundle, parseBundle, PolicyError, type PolicyFile } from '#policy';
import { parseVocabulary } from '#terms';
import { UsageError } from '../answer.js';

const VOCABULARY = 'vocabulary.yaml';
const MOST_BYTES_OF_A_FILE = 1024 * 1024;

/** A folder of policies: `vocabulary.yaml`, `core`, and one folder a regime. */
export async function readPolicies(folder: string): Promise<Bundle> {
  const paths = await yamlFilesIn(folder);
  if (!paths.includes(VOCABULARY))
    throw new UsageError(`${folder} has no ${VOCABULARY}: it is not a folder of policies`);
  const files: PolicyFile[] = [];
  for (const path of paths) files.push({ path, text: await readText(folder, path) });
  const vocabulary = files.find(({ path }) => path === VOCABULARY);
  return parseBundle(
    files.filter((file) => file !== vocabulary),
    parseVocabulary(vocabulary?.text ?? '', VOCABULARY),
  );
}

async function yamlFilesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    for (const { name } of entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')))
      for (const inside of await readdir(join(folder, name))) paths.push(`${name}/${inside}`);
    // A `.yml` is read too, so that it is refused where it stands rather than left out in silence.
    return paths.filter((path) => /\.ya?ml$/i.test(path));
  } catch (error) {
    throw new UsageError(`cannot read ${folder}: ${reasonOf(error)}`, { cause: error });
  }
}

async function readText(folder: string, path: string): Promise<string> {
  try {
    const { size } = await stat(join(folder, path));
    if (size > MOST_BYTES_OF_A_FILE) {
      const problem = { path, line: 1, column: 1, message: 'the file is longer than 1 MiB' };
      throw new PolicyError('POLICY_INVALID', `${path}:1:1: ${problem.message}`, [problem]);
    }
    return await readFile(join(folder, path), 'utf8');
  } catch (error) {
    if (error instanceof PolicyError) throw error;
    throw new UsageError(`cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  switch (code) {
    case 'ENOENT':
      return 'there is nothing of that name';
    case 'ENOTDIR':
      return 'it is not a folder';
    case 'EACCES':
    case 'EPERM':
      return 'you may not read it';
    default:
      return `it cannot be read (${String(code)})`;
  }
}
