import type { FieldName, Instant } from '#terms';
import type { Agency } from './agency.js';
import { askingOf } from './enrolment.js';
import type { Gate } from './gate.js';
import type { Discloser, Linked } from './link.js';
import type { Question } from './question.js';
import { type ResolvedSituation, situationOf } from './situation.js';

export const ENVELOPE_SENDER = 'envelope.sender' as FieldName;
export const ENVELOPE_RULE = 'envelope.rule' as FieldName;

/** What holds between an asker and one discloser, both ways, before anything is decided. */
export interface Situated {
  readonly discloser: Discloser;
  /** Facts and her consent, for what the discloser would tell the asker. */
  readonly situation: ResolvedSituation;
  /** The same for what asking alone tells the discloser: that the asker knows her. */
  readonly asking: ResolvedSituation;
}

/**
 * The facts and her consent at one instant, for each discloser that a link leads to. Reads the map once, without waiting
 * for anything.
 */
export function situate(
  gate: Gate,
  asker: Agency,
  question: Question,
  linked: Linked,
  at: Instant,
): readonly Situated[] {
  const { subject, joined, disclosers } = linked;
  if (subject === undefined) return [];
  const fields = [...question.fields, ENVELOPE_SENDER, ENVELOPE_RULE];
  return disclosers.map((discloser) => {
    const approach = {
      discloser: discloser.agency,
      held: discloser.handle,
      recipient: asker,
      receiving: subject,
      caller: question.asker,
      purpose: question.purpose,
      declares: question.declares,
      states: question.states,
    };
    return {
      discloser,
      situation: situationOf(gate, joined, approach, fields, at),
      asking: askingOf(gate, asker, question, linked, subject, discloser, at),
    };
  });
}
