import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Bundle, parseBundle, type PolicyFile } from '#policy';
import { inWords, parseVocabulary, type Problem } from '#terms';
import { codeOf, GatewayError } from './error.js';

/** The policies of a folder, and the very texts they were read from. */
export interface Policies {
  readonly bundle: Bundle;
  readonly files: readonly PolicyFile[];
  readonly vocabulary: string;
}

/**
 * Reads the rules of a policies folder, and not their cases, which decide nothing. Throws `POLICIES_INVALID` with the first
 * mistake at its place.
 */
export async function readPolicies(folder: string): Promise<Policies> {
  try {
    const vocabulary = await readFile(path.join(folder, 'vocabulary.yaml'), 'utf8');
    const files = await filesIn(folder);
    const words = parseVocabulary(vocabulary, 'vocabulary.yaml');
    return { bundle: parseBundle(files, words), files, vocabulary };
  } catch (cause) {
    throw new GatewayError('POLICIES_INVALID', `The policies in ${folder} ${sayWhy(cause)}.`, { cause });
  }
}

async function filesIn(folder: string): Promise<readonly PolicyFile[]> {
  const names = await readdir(folder, { recursive: true });
  const paths = names
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => /^[^/]+\/[^/]+\.yaml$/.test(name) && !name.endsWith('.cases.yaml'));
  return Promise.all(
    paths.toSorted().map(async (name) => ({ path: name, text: await readFile(path.join(folder, name), 'utf8') })),
  );
}

function sayWhy(cause: unknown): string {
  const [first, ...more] = problemsOf(cause);
  if (first !== undefined) {
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
    return `cannot be used: ${inWords(first).replace(/\.$/, '')}${others}`;
  }
  return `cannot be read (${codeOf(cause) ?? 'unknown'})`;
}

function problemsOf(cause: unknown): readonly Problem[] {
  return cause instanceof Error && 'problems' in cause ? (cause.problems as readonly Problem[]) : [];
}
