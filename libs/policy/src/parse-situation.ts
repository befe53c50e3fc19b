import { inWords, type Problem } from '#terms';
import type { Bundle } from './bundle.js';
import { PolicyError } from './error.js';
import { type Given, NOTHING_GIVEN, parseGiven, situationGiven } from './parse-given.js';
import { readYaml, type Source, TooManyProblems } from './read-yaml.js';
import type { Situation } from './situation.js';

/**
 * A situation as an officer types it, in the words that cases use. What `base` says holds where the text is silent.
 *
 * @example parseSituation('{purpose: treatment, origins: us-health, sector: health, consent: agreed}', bundle)
 */
export function parseSituation(text: string, bundle: Bundle, base?: Situation): Situation {
  const problems: Problem[] = [];
  const source: Source = { path: 'given', problems };
  const situation = situationIn(source, text, bundle, base ?? NOTHING_GIVEN);
  if (situation === undefined || problems.length > 0)
    throw new PolicyError('SITUATION_INVALID', problems.map(inWords).join('\n'), problems);
  return situation;
}

function situationIn(source: Source, text: string, bundle: Bundle, base: Given): Situation | undefined {
  const regimes = new Set(bundle.regimes.keys());
  const words = { vocabulary: bundle.vocabulary, regimes, people: new Map() };
  try {
    const node = readYaml(source, text);
    const given = node && parseGiven(source, node, words, base);
    return node && given && situationGiven(source, node, given, new Set());
  } catch (error) {
    if (!(error instanceof TooManyProblems)) throw error;
    return undefined;
  }
}
