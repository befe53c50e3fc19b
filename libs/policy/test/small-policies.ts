import type { Bundle, PolicyFile } from '../src/bundle.js';
import { parseBundle } from '../src/parse-bundle.js';
import { shippedVocabulary } from './shipped-policies.js';

export const vocabulary = shippedVocabulary();

/** A regime that governs everything and a core, unless a test writes them itself. */
const AROUND: { readonly [path: string]: string } = {
  'core/regime.yaml': 'regime: core\ntitle: Safety\n',
  'us-health/regime.yaml':
    'regime: us-health\ntitle: Health\ngoverns:\n- {origins: enrolled here, fields: everything}\n',
};

export function smallFiles(files: { readonly [path: string]: string }): readonly PolicyFile[] {
  return Object.entries({ ...AROUND, ...files }).map(([path, text]) => ({ path, text }));
}

/**
 * @example smallBundle({ 'us-health/a.yaml': 'rules:\n- {rule: a, share: [identity]}' })
 */
export function smallBundle(files: { readonly [path: string]: string }): Bundle {
  return parseBundle(smallFiles(files), vocabulary);
}
