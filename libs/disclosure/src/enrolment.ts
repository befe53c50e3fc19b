import { type Situation, decide, governing } from '#policy';
import { type FactName, type FieldName, type Instant, NOTHING, type Purpose } from '#terms';
import type { Agency } from './agency.js';
import type { Gate } from './gate.js';
import type { Discloser, Linked } from './link.js';
import type { Question } from './question.js';
import { situationOf } from './situation.js';

export const SERVICE_ENROLMENT = 'service.enrolment' as FieldName;
const SECTOR = 'sector' as FactName;
const PROTECTION_ORDER = 'protection_order' as Purpose;

/**
 * Asking a hospital about a shelter's client tells the hospital that the shelter knows her. So where a regime governs the
 * asker's own `service.enrolment`, that field must be open towards the discloser before it hears anything.
 */
export function mayTellThatSheIsKnown(
  gate: Gate,
  asker: Agency,
  question: Question,
  linked: Linked,
  discloser: Discloser,
  at: Instant,
): boolean {
  if (linked.subject === undefined) return false;
  const turned = {
    discloser: asker,
    held: linked.subject,
    recipient: discloser.agency,
    receiving: discloser.handle,
    purpose: question.purpose,
    declares: [],
    states: new Map(),
  };
  return isOpen(gate, situationOf(gate, linked.joined, turned, [SERVICE_ENROLMENT], at));
}

/**
 * Whether two agencies that hold the same docket and role may learn from it that both know her, without her release. An
 * agency that no regime binds has no law that would let it, and links nothing.
 */
export function mayLearnOfEachOther(gate: Gate, one: Agency, other: Agency): boolean {
  return mayLearnByDocket(gate, one, other) && mayLearnByDocket(gate, other, one);
}

function mayLearnByDocket(gate: Gate, teller: Agency, told: Agency): boolean {
  if (teller.regimes.size === 0) return false;
  return isOpen(gate, {
    origins: teller.regimes,
    travelled: new Map(),
    purpose: PROTECTION_ORDER,
    facts: new Map([[SECTOR, told.sector]]),
    consent: new Map(),
  });
}

function isOpen(gate: Gate, situation: Situation): boolean {
  const decision = decide(gate.policy, situation, [SERVICE_ENROLMENT]).fields.get(SERVICE_ENROLMENT);
  if (decision !== undefined && decision.level > NOTHING) return true;
  return governing(gate.policy, situation, SERVICE_ENROLMENT).length === 0;
}
