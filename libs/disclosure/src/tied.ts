import { resolveFacts } from '#matching';
import type { FactName, FactValue, Instant, PersonId } from '#terms';
import type { Agency, Caller } from './agency.js';
import type { Gate } from './gate.js';

/**
 * Whether whoever reads here is, or sits beside, the person using violence, as anybody joined with these persons stated.
 *
 * THREAT: his brother asks for nothing. He opens the desk of his agency and reads who asks about her, what for and from
 * where, or answers for it. So a desk shows whoever is tied nothing of her, in the words for what does not exist.
 */
export function isTied(
  gate: Pick<Gate, 'known' | 'policy'>,
  agency: Agency,
  reader: Caller,
  persons: Iterable<PersonId>,
  at: Instant,
): boolean {
  const facts = resolveFacts({
    assertions: [...joinedWith(gate, persons)].flatMap((person) => gate.known.assertionsOf(person)),
    asker: { ...reader, agency: agency.id, sector: agency.sector, entityClasses: agency.entityClasses },
    declared: new Map(),
    at,
    vocabulary: gate.policy.vocabulary,
  });
  return facts.get(AT_REQUESTER)?.value === 'yes' || says(facts.get(TIE)?.value, 'his_employer');
}

/** Everyone joined with any of them. */
export function joinedWith(gate: Pick<Gate, 'known'>, persons: Iterable<PersonId>): ReadonlySet<PersonId> {
  return new Set([...persons].flatMap((person) => [...gate.known.joined(person)]));
}

const AT_REQUESTER = 'perpetrator_at_requester' as FactName;
const TIE = 'tie' as FactName;

function says(value: FactValue | undefined, word: string): boolean {
  return value !== undefined && value.includes(word);
}
