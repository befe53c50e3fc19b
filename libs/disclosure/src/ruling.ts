import { type Decision, type FieldDecision, decide } from '#policy';
import { type FieldName, type Instant, type Level, NOTHING } from '#terms';
import { leaveToAsk } from './enrolment.js';
import type { Gate } from './gate.js';
import { type Confirmed, confirmedGrounds, notYetWaiting } from './inquiry.js';
import type { Discloser } from './link.js';
import type { Question } from './question.js';
import { ENVELOPE_RULE, ENVELOPE_SENDER, type Situated } from './situate.js';
import { type ResolvedSituation, withConfirmedGrounds } from './situation.js';

/** What one discloser may pass on, and why. */
export interface Ruling {
  readonly discloser: Discloser;
  readonly situation: ResolvedSituation;
  /** Grounds confirmed by a person there, per field that she confirmed. */
  readonly confirmed: ReadonlyMap<FieldName, Confirmed>;
  /**
   * Set where the discloser may not be asked at all: a regime protects that the *asker* knows her, and asking would tell.
   */
  readonly refusedAsking?: ResolvedSituation;
  /** Set where a regime that protects this let the asker ask all the same. */
  readonly grantedAsking?: ResolvedSituation;
  readonly fields: ReadonlyMap<FieldName, FieldDecision>;
  /** Fields decided above nothing, each with its level. Empty where the discloser may not be asked. */
  readonly granted: ReadonlyMap<FieldName, Level>;
  /** What a person at the discloser should be asked, because her yes would open it. */
  readonly toConfirm?: { readonly fields: readonly FieldName[]; readonly grounds: readonly string[] };
}

/** One ruling for each discloser: every regime that governs, and core. */
export function rule(gate: Gate, question: Question, situated: readonly Situated[], at: Instant): readonly Ruling[] {
  return situated.map((each) => ruleFor(gate, question, each, at));
}

function ruleFor(gate: Gate, question: Question, { discloser, situation, asking }: Situated, at: Instant): Ruling {
  const fields = [...question.fields, ENVELOPE_SENDER, ENVELOPE_RULE];
  const inquiries = gate.known.inquiriesOf(discloser.handle.person);
  const ask = {
    discloser: discloser.agency.id,
    asker: question.asker.agency,
    unit: question.asker.unit,
    purpose: question.purpose,
    at,
  };
  const confirmed = confirmedGrounds(inquiries, ask);
  const decided = decideConfirmed(gate, situation, fields, confirmed);
  const leave = leaveToAsk(gate.policy, asking);
  const mayBeAsked = leave !== 'refused';
  const raised = mayBeAsked ? wouldBeRaised(gate, question, situation, decided) : undefined;
  const unasked = raised === undefined ? [] : notYetWaiting(inquiries, ask, raised.fields, raised.grounds);
  return {
    discloser,
    situation,
    ...(leave === 'refused' && { refusedAsking: asking }),
    ...(leave === 'granted' && { grantedAsking: asking }),
    confirmed,
    fields: decided,
    granted: mayBeAsked ? above(question.fields, decided) : new Map(),
    ...(raised !== undefined && unasked.length > 0 && { toConfirm: { fields: unasked, grounds: raised.grounds } }),
  };
}

/** Confirmations are per field: a field nobody confirmed is decided as if nobody had confirmed anything. */
function decideConfirmed(
  gate: Gate,
  situation: ResolvedSituation,
  fields: readonly FieldName[],
  confirmed: ReadonlyMap<FieldName, Confirmed>,
): ReadonlyMap<FieldName, FieldDecision> {
  if (confirmed.size === 0) return decide(gate.policy, situation, fields).fields;
  const decisions = new Map<FieldName, FieldDecision>();
  const sets = new Map<string, FieldName[]>();
  for (const field of fields) {
    const key = (confirmed.get(field)?.grounds ?? []).toSorted().join(' ');
    sets.set(key, [...(sets.get(key) ?? []), field]);
  }
  for (const [key, those] of sets) {
    const grounds = key === '' ? [] : key.split(' ');
    const decided: Decision = decide(gate.policy, withConfirmedGrounds(situation, grounds), those);
    for (const [field, decision] of decided.fields) decisions.set(field, decision);
  }
  return decisions;
}

/** The fields that the declared grounds would raise, were a person at the discloser to confirm them. */
function wouldBeRaised(
  gate: Gate,
  question: Question,
  situation: ResolvedSituation,
  decided: ReadonlyMap<FieldName, FieldDecision>,
): Ruling['toConfirm'] {
  const grounds = question.declares.map((declaration) => declaration.ground);
  if (grounds.length === 0) return undefined;
  const supposed = decide(gate.policy, withConfirmedGrounds(situation, grounds), question.fields).fields;
  const fields = question.fields.filter(
    (field) => (supposed.get(field)?.level ?? NOTHING) > (decided.get(field)?.level ?? NOTHING),
  );
  return fields.length === 0 ? undefined : { fields, grounds };
}

function above(
  fields: readonly FieldName[],
  decided: ReadonlyMap<FieldName, FieldDecision>,
): ReadonlyMap<FieldName, Level> {
  const granted = new Map<FieldName, Level>();
  for (const field of fields) {
    const level = decided.get(field)?.level ?? NOTHING;
    if (level > NOTHING) granted.set(field, level);
  }
  return granted;
}
