import { type Bundle, type RuleId, type Situation, explain } from '#policy';
import { type StoredEntry, decodeHeader, unseal } from '#ledger';
import {
  type AgencyId,
  type EntryId,
  type FieldName,
  type Instant,
  type PersonId,
  type Purpose,
  type RegimeName,
  type UnitId,
  levelName,
  NOTHING,
} from '#terms';
import type { Agency, Caller } from './agency.js';
import { ENTRY_TYPE } from './change.js';
import type { DecisionRecord, DiscloserRecord, SituationRecord } from './decision-record.js';
import { decodeBody } from './entry-body.js';
import { DisclosureError } from './error.js';
import { factsOfField, factsOfRule } from './facts-of.js';
import { type WrappedKeys, anyKeyOf } from './fold-tail.js';
import type { Gate } from './gate.js';
import { withConfirmedGrounds } from './situation.js';
import { notReleasedId } from './record.js';
import { isTied } from './tied.js';

/** Reads single entries back from the log. */
export interface Entries {
  /** The entry of this name, durable or undefined. */
  find(id: Uint8Array): Promise<StoredEntry | undefined>;
}

/** The policies a past decision was taken under. */
export interface Bundles {
  find(digest: string): Promise<Bundle | undefined>;
}

/** One decision as an agency that disclosed in it, or could have, may read it. */
export interface Account {
  readonly entry: EntryId;
  readonly at: number;
  readonly asker: { readonly agency: AgencyId; readonly unit?: UnitId };
  readonly purpose: Purpose;
  readonly policy: string;
  /** Whether the agency's own system answered in time; false too where it was not asked. */
  readonly answered: boolean;
  readonly fields: readonly AccountedField[];
}

export interface AccountedField {
  readonly field: FieldName;
  readonly level: string;
  /** Whether a value left. */
  readonly released: boolean;
  readonly grantedBy: readonly AccountedRule[];
  readonly cutBy: readonly AccountedRule[];
  /** What would have had to be otherwise. Only where every fact in it is the agency's to know. */
  readonly nearMisses: readonly string[];
}

/** A rule by name, or, where it turned on what another agency stated, only that it was one. */
export type AccountedRule =
  | { readonly kind: 'rule'; readonly id: RuleId; readonly title: string; readonly source: string }
  | { readonly kind: 'a safety rule' };

/**
 * Decides a recorded question again from the situation that the ledger kept, and says why each field came out as it did.
 * For an agency that disclosed in it; for every other the entry does not exist.
 */
export async function accountFor(
  gate: Gate & { readonly entries: Entries; readonly bundles: Bundles; readonly wrappedKeys: WrappedKeys },
  viewer: Agency,
  reader: Caller,
  id: EntryId,
  now: Instant,
): Promise<Account> {
  const entry = await gate.entries.find(Buffer.from(id, 'hex'));
  if (entry === undefined || decodeHeader(entry.header).type !== ENTRY_TYPE.decision) throw unknown();
  const key = await anyKeyOf(gate, entry);
  if (key === undefined || entry.content === undefined) throw unknown();
  const digest = Buffer.from(decodeHeader(entry.header).policy).toString('hex');
  const { decision } = decodeBody(unseal(gate.logId, entry, key), gate.policy.vocabulary);
  const part = decision?.disclosers.find((discloser) => discloser.agency === viewer.id);
  const bundle = digest === gate.policy.digest ? gate.policy : await gate.bundles.find(digest);
  if (decision === undefined || part === undefined || bundle === undefined) throw unknown();
  // THREAT: an agency that may not even learn that it was asked about a shelter's client reads its own account instead.
  if (part.refusedAsking !== undefined) throw unknown();
  // Everyone the entry concerns: a link that his agency has ended since then takes no tie away from it.
  const concerned = entry.keys.map((held) => Buffer.from(held.key).toString('hex') as PersonId);
  if (isTied(gate, viewer, reader, concerned, now)) throw unknown();
  const hasLeft = (await gate.entries.find(notReleasedId(gate, id))) === undefined;
  return {
    entry: id,
    at: decision.at,
    asker: {
      agency: decision.asker.agency,
      ...(decision.asker.unit !== undefined && { unit: decision.asker.unit }),
    },
    purpose: decision.purpose,
    policy: digest,
    answered: part.present !== undefined,
    fields: decision.fields.map((field) => accountForField(bundle, decision, part, field, viewer, hasLeft)),
  };
}

function accountForField(
  bundle: Bundle,
  decision: DecisionRecord,
  part: DiscloserRecord,
  field: FieldName,
  viewer: Agency,
  hasLeft: boolean,
): AccountedField {
  const situation = situationFrom(decision, part, field);
  const explained = explain(bundle, situation, [field]).fields.get(field);
  const known = bundle.vocabulary.fields.get(field);
  const level = part.levels.get(field) ?? NOTHING;
  const tell = (rule: RuleId) => ruleFor(bundle, part, rule, viewer);
  return {
    field,
    level: known === undefined ? 'nothing' : levelName(known, level),
    released: hasLeft && (part.present?.has(field) ?? false),
    grantedBy: (explained?.decision.granted ?? []).map(tell),
    cutBy: (explained?.decision.cut ?? []).map(tell),
    nearMisses: mayKnowAll(bundle, part, field, viewer) ? (explained?.nearMisses ?? []).map(({ words }) => words) : [],
  };
}

/** The situation in which one field was decided; a confirmation counted only for the fields it was given for. */
export function situationFrom(decision: DecisionRecord, part: DiscloserRecord, field: FieldName): Situation {
  const situation = situationIn(part, decision.purpose);
  const grounds = part.confirmed.get(field);
  return grounds === undefined ? situation : withConfirmedGrounds(situation, grounds);
}

/** What was recorded, as policies decide it. */
export function situationIn(record: SituationRecord, purpose: Purpose): Situation {
  return {
    origins: new Set<RegimeName>(record.origins),
    travelled: new Map([...record.travelled].map(([name, regimes]) => [name, new Set(regimes)] as const)),
    purpose,
    facts: record.facts,
    consent: record.consent,
  };
}

/** A rule is named to whoever may know every fact it turned on; a fact that others stated hides it. */
function ruleFor(bundle: Bundle, part: DiscloserRecord, id: RuleId, viewer: Agency): AccountedRule {
  const rule = bundle.rules.find((each) => each.id === id);
  if (rule === undefined) return { kind: 'a safety rule' };
  const hidden = factsOfRule(rule).some((fact) => (part.assertedBy.get(fact) ?? []).some((by) => by !== viewer.id));
  return hidden ? { kind: 'a safety rule' } : { kind: 'rule', id, title: rule.title, source: rule.source };
}

/**
 * A near miss says more than its own words: that nothing else stands in the way. So it is told only where every fact that
 * any rule of the field turns on is the viewer's to know.
 */
function mayKnowAll(bundle: Bundle, part: DiscloserRecord, field: FieldName, viewer: Agency): boolean {
  return [...factsOfField(bundle, field)].every((fact) =>
    (part.assertedBy.get(fact) ?? []).every((by) => by === viewer.id),
  );
}

function unknown(): DisclosureError {
  return new DisclosureError('ENTRY_UNKNOWN', 'no such disclosure by your agency');
}
