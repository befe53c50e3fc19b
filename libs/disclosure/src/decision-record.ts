import type {
  AgencyId,
  DecisionId,
  FactName,
  FactValue,
  FieldName,
  HandleId,
  Instant,
  Level,
  OfficerId,
  Purpose,
  RegimeName,
  Role,
  UnitId,
  Vocabulary,
} from '#terms';
import { NOTHING } from '#terms';
import type { ConsentOfField, ConsentState } from '#policy';
import type { Caller } from './agency.js';
import { DisclosureError } from './error.js';
import type { Declaration, Question } from './question.js';

/**
 * What the ledger keeps of a decision: the situation as it was resolved, so that it can be explained and decided again,
 * and which fields were present, never a value.
 */
export interface DecisionRecord {
  readonly decision: DecisionId;
  readonly at: Instant;
  readonly asker: Caller;
  readonly subject: HandleId;
  readonly purpose: Purpose;
  readonly fields: readonly FieldName[];
  readonly declares: readonly Declaration[];
  readonly states: Question['states'];
  readonly disclosers: readonly DiscloserRecord[];
}

/** A situation as it was resolved, and who had stated what of it. */
export interface SituationRecord {
  readonly origins: readonly RegimeName[];
  readonly travelled: ReadonlyMap<FieldName, readonly RegimeName[]>;
  readonly facts: ReadonlyMap<FactName, FactValue>;
  readonly assertedBy: ReadonlyMap<FactName, readonly AgencyId[]>;
  readonly consent: ReadonlyMap<FieldName, ConsentOfField>;
}

export interface DiscloserRecord extends SituationRecord {
  readonly agency: AgencyId;
  /** The situation turned round, where it did not let the asker tell that it knows her, and so nobody was asked. */
  readonly refusedAsking?: SituationRecord;
  /** The same where a regime that protects this let the asker ask: under other policies it might not. */
  readonly grantedAsking?: SituationRecord;
  readonly confirmed: ReadonlyMap<FieldName, readonly string[]>;
  readonly levels: ReadonlyMap<FieldName, Level>;
  /** Which fields its system held a value for; undefined where it did not answer or was not asked. */
  readonly present: ReadonlySet<FieldName> | undefined;
}

const CONSENT_STATE: readonly ConsentState[] = ['agreed', 'not_asked', 'refused', 'withdrawn', 'expired', 'inert'];

/**
 * The record as nested lists of numbers, bytes and short words, ready for CBOR. Fields, facts and purposes go by the
 * numbers the vocabulary gave them for ever; sets of fields are bitsets over those numbers.
 */
export function packDecision(record: DecisionRecord, vocabulary: Vocabulary): unknown {
  const { asker } = record;
  return [
    record.decision,
    record.at,
    [asker.agency, asker.unit ?? null, asker.officer, asker.role, asker.caseReference ?? null],
    record.subject,
    vocabulary.purposes.get(record.purpose)?.number ?? 0,
    packFields(record.fields, vocabulary),
    record.declares.map((declared) => [declared.ground, declared.reason]),
    [...record.states].map(([fact, { word, reason }]) => [numberOfFact(fact, vocabulary), word, reason]),
    record.disclosers.map((discloser) => packDiscloser(discloser, vocabulary)),
  ];
}

function packDiscloser(record: DiscloserRecord, vocabulary: Vocabulary): unknown {
  return [
    record.agency,
    packAsking(record, vocabulary),
    packSituation(record, vocabulary),
    [...record.confirmed].map(([field, grounds]) => [numberOfField(field, vocabulary), grounds]),
    packLevels(record.levels, vocabulary),
    record.present === undefined ? null : packFields(record.present, vocabulary),
  ];
}

/** Null where nothing protects it; the situation alone where it was refused; in a list of its own where it was granted. */
function packAsking({ refusedAsking, grantedAsking }: DiscloserRecord, vocabulary: Vocabulary): unknown {
  if (refusedAsking !== undefined) return packSituation(refusedAsking, vocabulary);
  return grantedAsking === undefined ? null : [packSituation(grantedAsking, vocabulary)];
}

function packSituation(record: SituationRecord, vocabulary: Vocabulary): unknown {
  return [
    record.origins,
    [...record.travelled].map(([field, regimes]) => [numberOfField(field, vocabulary), regimes]),
    [...record.facts]
      .filter(([name, value]) => !isDefault(name, value, vocabulary))
      .map(([name, value]) => [numberOfFact(name, vocabulary), value, record.assertedBy.get(name) ?? []]),
    packConsent(record.consent, vocabulary),
  ];
}

function isDefault(name: FactName, value: FactValue, vocabulary: Vocabulary): boolean {
  const fact = vocabulary.facts.get(name);
  const unsaid = fact?.ifNobodyHasSaid;
  if (typeof value === 'string') return value === unsaid;
  return typeof unsaid !== 'string' && unsaid !== undefined && value.length === 0 && unsaid.length === 0;
}

/** Most fields share one answer of hers, so consent is kept as its few distinct answers, each with its set of fields. */
function packConsent(consent: ReadonlyMap<FieldName, ConsentOfField>, vocabulary: Vocabulary): unknown {
  const groups = new Map<number, FieldName[]>();
  for (const [field, { state, level }] of consent) {
    if (state === 'not_asked') continue;
    const key = CONSENT_STATE.indexOf(state) * 16 + (state === 'agreed' ? level : 0);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [field]);
    else group.push(field);
  }
  return [...groups].map(([key, fields]) => [key, packFields(fields, vocabulary)]);
}

function packLevels(levels: ReadonlyMap<FieldName, Level>, vocabulary: Vocabulary): unknown {
  const groups = new Map<number, FieldName[]>();
  for (const [field, level] of levels) {
    if (level === NOTHING) continue;
    const group = groups.get(level);
    if (group === undefined) groups.set(level, [field]);
    else group.push(field);
  }
  return [...groups].map(([level, fields]) => [level, packFields(fields, vocabulary)]);
}

function packFields(fields: Iterable<FieldName>, vocabulary: Vocabulary): Uint8Array {
  let bits = new Uint8Array(SOME_FIELDS);
  let length = 0;
  for (const field of fields) {
    const number = numberOfField(field, vocabulary);
    const at = number >> 3;
    if (at >= bits.length) {
      const more = new Uint8Array(2 * at);
      more.set(bits);
      bits = more;
    }
    bits[at]! |= 1 << (number & 7);
    if (at >= length) length = at + 1;
  }
  return bits.subarray(0, length);
}

/** In bytes of eight fields each: room for most vocabularies. */
const SOME_FIELDS = 32;

function numberOfField(field: FieldName, vocabulary: Vocabulary): number {
  const known = vocabulary.fields.get(field);
  if (known === undefined) throw new DisclosureError('LEDGER_DAMAGED', 'a field without a number cannot be recorded');
  return known.number;
}

function numberOfFact(fact: FactName, vocabulary: Vocabulary): number {
  const known = vocabulary.facts.get(fact);
  if (known === undefined) throw new DisclosureError('LEDGER_DAMAGED', 'a fact without a number cannot be recorded');
  return known.number;
}

/** The inverse of {@link packDecision}. Throws `LEDGER_DAMAGED` for anything that it would not have written. */
export function unpackDecision(packed: unknown, vocabulary: Vocabulary): DecisionRecord {
  const names = namesOf(vocabulary);
  const [decision, at, asker, subject, purpose, fields, declares, states, disclosers] = list(packed, 9);
  const [agency, unit, officer, role, caseReference] = list(asker, 5);
  return {
    decision: text(decision) as DecisionId,
    at: count(at) as Instant,
    asker: {
      agency: text(agency) as AgencyId,
      ...(unit !== null && { unit: text(unit) as UnitId }),
      officer: text(officer) as OfficerId,
      role: text(role) as Role,
      ...(caseReference !== null && { caseReference: text(caseReference) }),
    },
    subject: text(subject) as HandleId,
    purpose: found(names.purposes.get(count(purpose))),
    fields: unpackFields(fields, names),
    declares: list(declares).map((each) => {
      const [ground, reason] = list(each, 2);
      return { ground: text(ground), reason: text(reason) };
    }),
    states: new Map(
      list(states).map((each) => {
        const [fact, word, reason] = list(each, 3);
        return [found(names.facts.get(count(fact))), { word: text(word), reason: text(reason) }] as const;
      }),
    ),
    disclosers: list(disclosers).map((each) => unpackDiscloser(each, names)),
  };
}

function unpackDiscloser(packed: unknown, names: Names): DiscloserRecord {
  const [agency, asking, situation, confirmed, levels, present] = list(packed, 6);
  return {
    agency: text(agency) as AgencyId,
    ...unpackAsking(asking, names),
    ...unpackSituation(situation, names),
    confirmed: fieldLists(confirmed, names),
    levels: unpackLevels(levels, names),
    present: present === null ? undefined : new Set(unpackFields(present, names)),
  };
}

function unpackAsking(packed: unknown, names: Names): Pick<DiscloserRecord, 'refusedAsking' | 'grantedAsking'> {
  if (packed === null) return {};
  const [first, ...more] = list(packed);
  return more.length === 0
    ? { grantedAsking: unpackSituation(first, names) }
    : { refusedAsking: unpackSituation(packed, names) };
}

function unpackSituation(packed: unknown, names: Names): SituationRecord {
  const [origins, travelled, facts, consent] = list(packed, 4);
  const values = new Map<FactName, FactValue>();
  const assertedBy = new Map<FactName, readonly AgencyId[]>();
  for (const each of list(facts)) {
    const [number, value, by] = list(each, 3);
    const name = found(names.facts.get(count(number)));
    values.set(name, typeof value === 'string' ? value : list(value).map(text));
    const agencies = list(by).map((one) => text(one) as AgencyId);
    if (agencies.length > 0) assertedBy.set(name, agencies);
  }
  return {
    origins: list(origins).map((each) => text(each) as RegimeName),
    travelled: fieldLists(travelled, names) as ReadonlyMap<FieldName, readonly RegimeName[]>,
    facts: values,
    assertedBy,
    consent: unpackConsent(consent, names),
  };
}

function fieldLists(packed: unknown, names: Names): ReadonlyMap<FieldName, readonly string[]> {
  return new Map(
    list(packed).map((each) => {
      const [field, words] = list(each, 2);
      return [found(names.fields.get(count(field))), list(words).map(text)] as const;
    }),
  );
}

function unpackConsent(packed: unknown, names: Names): ReadonlyMap<FieldName, ConsentOfField> {
  const consent = new Map<FieldName, ConsentOfField>();
  for (const each of list(packed)) {
    const [key, fields] = list(each, 2);
    const state = found(CONSENT_STATE[count(key) >> 4]);
    for (const field of unpackFields(fields, names)) consent.set(field, { state, level: (count(key) & 15) as Level });
  }
  return consent;
}

function unpackLevels(packed: unknown, names: Names): ReadonlyMap<FieldName, Level> {
  const levels = new Map<FieldName, Level>();
  for (const each of list(packed)) {
    const [level, fields] = list(each, 2);
    for (const field of unpackFields(fields, names)) levels.set(field, count(level) as Level);
  }
  return levels;
}

function unpackFields(packed: unknown, names: Names): readonly FieldName[] {
  if (!(packed instanceof Uint8Array)) throw damaged();
  const fields: FieldName[] = [];
  packed.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit++) {
      if ((byte & (1 << bit)) !== 0) fields.push(found(names.fields.get(index * 8 + bit)));
    }
  });
  return fields;
}

interface Names {
  readonly fields: ReadonlyMap<number, FieldName>;
  readonly facts: ReadonlyMap<number, FactName>;
  readonly purposes: ReadonlyMap<number, Purpose>;
}

function namesOf(vocabulary: Vocabulary): Names {
  return {
    fields: new Map([...vocabulary.fields].map(([name, { number }]) => [number, name])),
    facts: new Map([...vocabulary.facts].map(([name, { number }]) => [number, name])),
    purposes: new Map([...vocabulary.purposes].map(([name, { number }]) => [number, name])),
  };
}

function list(value: unknown, length?: number): readonly unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) throw damaged();
  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw damaged();
  return value;
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw damaged();
  return value;
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw damaged();
  return value;
}

function damaged(): DisclosureError {
  return new DisclosureError('LEDGER_DAMAGED', 'a ledger entry does not read as a decision');
}
