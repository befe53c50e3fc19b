import * as fc from 'fast-check';
import type { FieldName, Vocabulary } from '#terms';
import { parseBundle } from '../src/parse-bundle.js';
import type { Bundle } from '../src/bundle.js';
import type { Situation } from '../src/situation.js';
import { type PlainBundle, written } from './plain-policy.js';
import { FIELDS, randomBundle, randomSituation } from './random-policy.js';

export const FIELDS_OF_A_SITUATION = FIELDS as readonly string[] as readonly FieldName[];
export const SITUATIONS_OF_A_BUNDLE = 50;

export interface RandomCases {
  readonly plain: PlainBundle;
  readonly bundle: Bundle;
  readonly situations: readonly Situation[];
}

/** The bundle of this number under this seed, and situations for it: the same ones whenever they are drawn. */
export function randomCases(vocabulary: Vocabulary, seed: number, number: number): RandomCases {
  const own = (seed * 1_000_003 + number) | 0;
  // Every eighth is large, so that its rows do not fit one word of a bitmap.
  const [plain] = fc.sample(randomBundle(vocabulary, number % 8 === 0 ? 60 : 7), { seed: own, numRuns: 1 });
  if (plain === undefined) throw new Error('nothing was drawn');
  const situations = fc.sample(randomSituation(vocabulary), { seed: own, numRuns: SITUATIONS_OF_A_BUNDLE });
  return { plain, bundle: parseBundle(written(plain), vocabulary), situations };
}
