import type { FieldName } from '#terms';
import type { Bundle } from './bundle.js';
import type { Decision } from './decision.js';
import { Engine } from './engine.js';
import type { Situation } from './situation.js';

/**
 * How much of each field may leave. For every field: in each regime that governs it the most that a matching share
 * grants, of these the least, and of that no more than every matching limit of those regimes and of core allows.
 *
 * There is no decision without a bundle, and none that fails: a field, fact, purpose or regime that the bundle does not
 * know opens nothing.
 *
 * @example
 * const { fields } = decide(bundle, situation, [birthDate, address]);
 * fields.get(birthDate)?.level; // 2: the year, granted by us-health/written-authorisation
 */
export function decide(bundle: Bundle, situation: Situation, fields: readonly FieldName[]): Decision {
  let engine = engines.get(bundle);
  if (engine === undefined) {
    engine = new Engine(bundle);
    engines.set(bundle, engine);
  }
  return engine.decide(situation, fields);
}

/** A bundle is compiled when it first decides, and forgotten with it. */
const engines = new WeakMap<Bundle, Engine>();
