import { FULL, levelName } from '#terms';
import type { Bundle } from '../bundle.js';
import { NONE } from '../parse-conditions.js';
import type { ConsentOfField, Situation } from '../situation.js';
import type { FieldName } from '#terms';

/**
 * A situation in the words of a case, as `parseSituation` reads it. What nobody has said anything of is left out.
 *
 * @example writeSituation(situation, bundle) // '{origins: us-health, purpose: emergency, sector: police, risk: high}'
 */
export function writeSituation({ origins, purpose, facts, consent, travelled }: Situation, bundle: Bundle): string {
  const parts = [`origins: ${listed([...origins])}`, `purpose: ${purpose}`];
  for (const [fact, value] of facts) parts.push(`${fact}: ${typeof value === 'string' ? value : listed(value)}`);
  const kept = [...travelled].map(([field, regimes]) => `${field}: ${listed([...regimes])}`);
  if (kept.length > 0) parts.push(`travelled: {${kept.join(', ')}}`);
  const said = [...consent].map(([field, one]) => `${field}: ${consentInWords(field, one, bundle)}`);
  if (said.length > 0) parts.push(`consent: {${said.join(', ')}}`);
  return `{${parts.join(', ')}}`;
}

function listed(words: readonly string[]): string {
  if (words.length === 0) return NONE;
  return words.length === 1 ? (words[0] ?? '') : `[${words.join(', ')}]`;
}

function consentInWords(name: FieldName, { state, level }: ConsentOfField, { vocabulary }: Bundle): string {
  const field = vocabulary.fields.get(name);
  return state !== 'agreed' || field === undefined || level >= FULL(field)
    ? state
    : `agreed to ${levelName(field, level)}`;
}
