import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parseVocabulary, type Vocabulary } from '#terms';
import type { PolicyFile } from '../src/bundle.js';

export const POLICIES = join(process.cwd(), 'policies');

/** The vocabulary that is shipped: rules in the tests are written in its words. */
export function shippedVocabulary(): Vocabulary {
  return parseVocabulary(shippedVocabularyText(), 'vocabulary.yaml');
}

export function shippedVocabularyText(): string {
  return readFileSync(join(POLICIES, 'vocabulary.yaml'), 'utf8');
}

export function shippedFiles(): readonly PolicyFile[] {
  return readdirSync(POLICIES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml') && path.includes(sep))
    .map((path) => join(POLICIES, path))
    .map((path) => ({ path: relative(POLICIES, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }));
}
