import type { Handle } from '#matching';
import { type Bundle, type Situation, decide, governing } from '#policy';
import { type FactName, type FactValue, type FieldName, type Instant, NOTHING, type Purpose } from '#terms';
import type { Agency } from './agency.js';
import type { Gate } from './gate.js';
import type { Discloser, Linked } from './link.js';
import type { Question } from './question.js';
import { type ResolvedSituation, situationOf, withConfirmedGrounds } from './situation.js';

export const SERVICE_ENROLMENT = 'service.enrolment' as FieldName;
const SECTOR = 'sector' as FactName;
const ENTITY_CLASS = 'entity_class' as FactName;
const PROTECTION_ORDER = 'protection_order' as Purpose;

/**
 * The situation turned round: the asker as the one who would tell the discloser that it knows her. What its officer
 * declares in the question is there what a person at the discloser confirms, for whoever asks is the discloser of that.
 */
export function askingOf(
  gate: Gate,
  asker: Agency,
  question: Question,
  linked: Linked,
  subject: Handle,
  discloser: Discloser,
  at: Instant,
): ResolvedSituation {
  const turned = {
    discloser: asker,
    held: subject,
    recipient: discloser.agency,
    receiving: discloser.handle,
    purpose: question.purpose,
    declares: [],
    states: new Map(),
  };
  const situation = situationOf(gate, linked.joined, turned, [SERVICE_ENROLMENT], at);
  const grounds = question.declares.map(({ ground }) => ground);
  return grounds.length === 0 ? situation : withConfirmedGrounds(situation, grounds);
}

/**
 * Asking a hospital about a shelter's client tells the hospital that the shelter knows her. So where a regime governs the
 * asker's own `service.enrolment`, that field must be open towards the discloser before it hears anything.
 */
export function mayTellThatSheIsKnown(policy: Bundle, asking: Situation): boolean {
  return leaveToAsk(policy, asking) !== 'refused';
}

/** Whether the asker may ask, and whether any regime had a say in it. A field leaves only where one governs it. */
export function leaveToAsk(policy: Bundle, asking: Situation): 'granted' | 'refused' | 'not governed' {
  const decision = decide(policy, asking, [SERVICE_ENROLMENT]).fields.get(SERVICE_ENROLMENT);
  if (decision !== undefined && decision.level > NOTHING) return 'granted';
  return governing(policy, asking, SERVICE_ENROLMENT).length === 0 ? 'not governed' : 'refused';
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
  return mayTellThatSheIsKnown(gate.policy, {
    origins: teller.regimes,
    travelled: new Map(),
    purpose: PROTECTION_ORDER,
    facts: new Map<FactName, FactValue>([
      [SECTOR, told.sector],
      [ENTITY_CLASS, [...told.entityClasses].toSorted()],
    ]),
    consent: new Map(),
  });
}
