import { type Outcome, type PersonKey, seal } from '#ledger';
import { giveBack, stateAt, use } from '#consent';
import type { ConsentId, EntryId, FieldName, Instant, PersonId, QuestionId, RegimeName } from '#terms';
import type { Agency } from './agency.js';
import type { Answered } from './answer.js';
import { type Change, ENTRY_TYPE, keyOf, touchedBy } from './change.js';
import type { DecisionRecord, DiscloserRecord, SituationRecord } from './decision-record.js';
import { type EntryBody, encodeBody } from './entry-body.js';
import type { Gate } from './gate.js';
import { keyOfAgency, keyOfPerson } from './keys.js';
import type { Linked } from './link.js';
import type { Question } from './question.js';
import { dutiesOf } from './release.js';
import type { ResolvedSituation } from './situation.js';
import { standingOf } from './standing.js';

export interface DecisionToRecord {
  readonly entry: Uint8Array;
  /** The sequencer's position before anything that the decision rests on was read. */
  readonly basis: number;
  readonly attempt: number;
  readonly asker: Agency;
  readonly question: Question;
  readonly linked: Linked;
  readonly answered: readonly Answered[];
  readonly at: Instant;
}

/**
 * One entry for one decision, refusals too, together with everything that the disclosure itself changes: what it used
 * up, where its values came from, whom it asks to confirm, who must review it. Durable when this resolves `appended`.
 */
export async function recordDecision(gate: Gate, decided: DecisionToRecord): Promise<Outcome> {
  const { question, linked, asker } = decided;
  const body: EntryBody = { decision: recordOf(decided), changes: changesOf(gate, decided) };
  const reads = new Set([
    keyOf.policy,
    ...standingOf(asker, question.asker),
    ...linked.disclosers.map(({ agency }) => keyOf.agency(agency.id)),
    keyOf.handle(question.subject),
    ...[...linked.joined].map(keyOf.person),
  ]);
  const attempt = decided.attempt === 0 ? [] : [String(decided.attempt)];
  return gate.sequencer.submit({
    entry: await sealed(gate, { ...decided, type: ENTRY_TYPE.decision, body }),
    idempotency: gate.keyring.keyedHash('decision', asker.id, question.decision, ...attempt).subarray(0, 16),
    basis: decided.basis,
    reads,
    writes: new Set(body.changes.flatMap(touchedBy)),
    changes: body.changes,
    apply: (seq) => gate.known.foldEntry(seq, body.changes),
  });
}

/**
 * That a recorded release did not leave, so that her history does not show what nobody ever saw, and a release for once
 * is not spent on it. Reviews and grown origins stay: that a danger was claimed is worth a second look though nothing
 * left, and an origin too many only narrows.
 *
 * A crash before this entry leaves more recorded than left, and her release spent. That is the safe direction.
 */
export async function recordNotReleased(gate: Gate, decided: DecisionToRecord): Promise<void> {
  const of = entryIdOf(decided.entry);
  for (let attempt = 0; attempt < NOT_RELEASED_ATTEMPTS; attempt += 1) {
    const basis = gate.sequencer.position;
    const changes = givenBack(gate, decided, of);
    const entry = { ...decided, entry: notReleasedId(gate, of), type: ENTRY_TYPE['not released'] };
    const outcome = await gate.sequencer.submit({
      entry: await sealed(gate, { ...entry, body: { notReleased: of, changes } }),
      basis,
      // Her persons too: once one is erased, nothing more may be sealed under that key.
      reads: new Set([...changes.flatMap(touchedBy), ...personsOf(decided.linked).map(keyOf.person)]),
      writes: new Set(changes.flatMap(touchedBy)),
      changes,
      apply: (seq) => gate.known.foldEntry(seq, changes),
    });
    if (outcome.kind !== 'stale') return;
  }
}

/** She may be changing her mind just then; each time it is looked at anew what is hers to have back. */
const NOT_RELEASED_ATTEMPTS = 8;

/** What an entry is called that says of another that nothing left by it: found from that one, and by us alone. */
export function notReleasedId(gate: Pick<Gate, 'keyring'>, entry: EntryId): Uint8Array {
  return gate.keyring.keyedHash('not released', entry).subarray(0, 16);
}

function givenBack(gate: Gate, decided: DecisionToRecord, by: EntryId): readonly Change[] {
  return [...restedOn(decided)].flatMap((id) => {
    const consent = gate.known.consent(id);
    const back = consent === undefined ? undefined : giveBack(consent, by);
    return back === undefined ? [] : { type: 'consent given back' as const, consent: back };
  });
}

async function sealed(gate: Gate, entry: DecisionToRecord & { readonly type: number; readonly body: EntryBody }) {
  return seal(
    gate.logId,
    {
      id: entry.entry,
      type: entry.type,
      at: entry.at,
      policy: Buffer.from(gate.policy.digest, 'hex'),
      body: encodeBody(entry.body, gate.policy.vocabulary),
      keys: await keysFor(gate, entry.asker, entry.linked),
    },
    gate.random,
  );
}

/** Under the key of each person it concerns; a question about nobody we know concerns the asker alone. */
function keysFor(gate: Gate, asker: Agency, linked: Linked): Promise<readonly PersonKey[]> {
  const living = personsOf(linked).filter((person) => gate.known.wrappedKey(person) !== undefined);
  if (living.length === 0) return keyOfAgency(gate, asker).then((key) => [key]);
  return Promise.all(living.map((person) => keyOfPerson(gate, person)));
}

/** Each as one agency knows her; nobody where the asker's handle is nobody's. */
function personsOf({ subject, disclosers }: Linked): readonly PersonId[] {
  if (subject === undefined) return [];
  return [...new Set([subject.person, ...disclosers.map(({ handle }) => handle.person)])];
}

function recordOf({ question, answered, at }: DecisionToRecord): DecisionRecord {
  return {
    decision: question.decision,
    at,
    asker: question.asker,
    subject: question.subject,
    purpose: question.purpose,
    fields: question.fields,
    declares: question.declares,
    states: question.states,
    disclosers: answered.map(discloserRecordOf),
  };
}

function discloserRecordOf(each: Answered): DiscloserRecord {
  const { ruling } = each;
  return {
    agency: ruling.discloser.agency.id,
    ...(ruling.refusedAsking !== undefined && { refusedAsking: situationRecordOf(ruling.refusedAsking) }),
    ...(ruling.grantedAsking !== undefined && { grantedAsking: situationRecordOf(ruling.grantedAsking) }),
    ...situationRecordOf(ruling.situation),
    confirmed: new Map([...ruling.confirmed].map(([field, { grounds }]) => [field, grounds] as const)),
    levels: ruling.granted,
    present: each.kind === 'answered' ? new Set(each.present.keys()) : undefined,
  };
}

function situationRecordOf(situation: ResolvedSituation): SituationRecord {
  return {
    origins: [...situation.origins],
    travelled: new Map([...situation.travelled].map(([field, regimes]) => [field, [...regimes]] as const)),
    facts: situation.facts,
    assertedBy: situation.assertedBy,
    consent: situation.consent,
  };
}

function changesOf(gate: Gate, decided: DecisionToRecord): readonly Change[] {
  return [
    ...decided.answered.flatMap((each) => inquiryOf(gate, decided, each)),
    ...usedUp(gate, decided),
    ...grownOrigins(gate, decided),
    ...decided.answered.flatMap((each) => brokenGlass(decided, each)),
    ...decided.answered.flatMap((each) => reviewsOf(gate, decided, each)),
  ];
}

function inquiryOf(gate: Gate, decided: DecisionToRecord, { ruling }: Answered): readonly Change[] {
  const { question, at } = decided;
  if (ruling.toConfirm === undefined) return [];
  const { fields, grounds } = ruling.toConfirm;
  return [
    {
      type: 'inquiry raised',
      inquiry: {
        id: Buffer.from(gate.random(16)).toString('hex') as QuestionId,
        raisedBy: entryIdOf(decided.entry),
        discloser: ruling.discloser.agency.id,
        person: ruling.discloser.handle.person,
        asker: {
          agency: question.asker.agency,
          ...(question.asker.unit !== undefined && { unit: question.asker.unit }),
        },
        purpose: question.purpose,
        fields,
        grounds,
        reason: question.declares.map((declared) => declared.reason).join('; '),
        raisedAt: at,
      },
    },
  ];
}

/** A `once` release is spent by the entry that rests on it, in the same append: no second disclosure can find it whole. */
function usedUp(gate: Gate, decided: DecisionToRecord): readonly Change[] {
  const { entry, at } = decided;
  return [...restedOn(decided)].flatMap((id) => {
    const consent = gate.known.consent(id);
    if (consent?.directive.kind !== 'permit' || consent.directive.scope.end.kind !== 'once') return [];
    // Withdrawn or used up since it was read: the sequencer will find this entry stale, for it reads all her persons.
    if (stateAt(consent, at) !== 'active') return [];
    return { type: 'consent used' as const, consent: use(consent, entryIdOf(entry), at) };
  });
}

function restedOn({ answered }: DecisionToRecord): ReadonlySet<ConsentId> {
  const resting = new Set<ConsentId>();
  for (const each of answered) {
    if (each.kind !== 'answered') continue;
    for (const field of each.present.keys()) {
      const covered = each.ruling.situation.coverage.fields.get(field);
      if (covered?.state === 'agreed') for (const id of covered.resting) resting.add(id);
    }
  }
  return resting;
}

function entryIdOf(bytes: Uint8Array): EntryId {
  return Buffer.from(bytes).toString('hex') as EntryId;
}

/** A value keeps the regimes of whoever first disclosed it; written only when that set grows for this recipient. */
function grownOrigins(gate: Gate, { linked, answered }: DecisionToRecord): readonly Change[] {
  if (linked.subject === undefined) return [];
  const before = gate.known.originsOf(linked.subject.person);
  const grown = new Map<FieldName, Set<RegimeName>>();
  for (const each of answered) {
    if (each.kind !== 'answered') continue;
    const { origins, travelled } = each.ruling.situation;
    for (const field of each.present.keys())
      for (const regimes of [origins, travelled.get(field) ?? NO_REGIMES])
        for (const regime of regimes) {
          if (before.get(field)?.has(regime) === true) continue;
          const kept = grown.get(field) ?? new Set(before.get(field));
          grown.set(field, kept.add(regime));
        }
  }
  if (grown.size === 0) return [];
  const origins = new Map<FieldName, readonly RegimeName[]>();
  for (const [field, regimes] of [...before, ...grown]) origins.set(field, [...regimes].toSorted());
  return [{ type: 'origin grew', person: linked.subject.person, origins }];
}

const NO_REGIMES: ReadonlySet<RegimeName> = new Set();

const HOUR = 60 * 60 * 1000;
/** Duties that put work on a second person's desk, with the hours she has. */
const REVIEW_WITHIN = new Map([['second_person_review_24h', 24 * HOUR]]);

/** Of what left, that which no rule but one for the last resort let out. */
function brokenGlass({ entry, question, at }: DecisionToRecord, each: Answered): readonly Change[] {
  if (each.kind !== 'answered') return [];
  const { discloser, fields: decided } = each.ruling;
  const fields = [...each.present.keys()].filter((field) => decided.get(field)?.lastResort === true);
  if (fields.length === 0) return [];
  const { agency, unit, officer } = question.asker;
  const said = [...question.declares, ...question.states.values()].map(({ reason }) => reason);
  const glass = {
    decision: entryIdOf(entry),
    discloser: discloser.agency.id,
    person: discloser.handle.person,
    asker: { agency, officer, ...(unit !== undefined && { unit }) },
    purpose: question.purpose,
    fields,
    reason: [...new Set(said)].join('; '),
    at,
  };
  return [{ type: 'glass broken', glass }];
}

function reviewsOf(gate: Gate, { entry, question, at }: DecisionToRecord, each: Answered): readonly Change[] {
  const confirmed = [...each.ruling.confirmed.values()].flatMap(({ by }) => by);
  const involved = [
    { agency: question.asker.agency, officer: question.asker.officer },
    ...[...new Set(confirmed)].map((officer) => ({ agency: each.ruling.discloser.agency.id, officer })),
  ];
  return [...dutiesOf(each)].flatMap((duty) => {
    const within = REVIEW_WITHIN.get(duty);
    if (within === undefined) return [];
    return {
      type: 'review opened' as const,
      review: {
        id: Buffer.from(gate.random(16)).toString('hex') as QuestionId,
        agency: each.ruling.discloser.agency.id,
        person: each.ruling.discloser.handle.person,
        duty,
        due: (at + within) as Instant,
        decision: entryIdOf(entry),
        involved,
      },
    };
  });
}
