import type { AgencyId, DutyCode, FieldName, Instant, Level, Value } from '#terms';
import type { Answered } from './answer.js';
import { ENVELOPE_RULE, ENVELOPE_SENDER, type Ruling } from './ruling.js';

/** One value on its way to the asker, with no more of its envelope than policy opens. */
export interface ReleasedField {
  readonly field: FieldName;
  readonly level: Level;
  readonly value:
    { readonly kind: 'open'; readonly value: Value } | { readonly kind: 'sealed'; readonly bytes: Uint8Array };
  readonly from?: AgencyId;
  readonly rules?: readonly string[];
}

export interface Release {
  readonly fields: readonly ReleasedField[];
  readonly duties: readonly DutyCode[];
  /** What policies say to the asker about fields that it did not get. Only ever beside a field that it did. */
  readonly say: readonly string[];
  /** The earliest end among everything that the release rests on. */
  readonly validUntil?: Instant;
  /** Disclosers that did not answer and that the asker may know of. */
  readonly silent: readonly AgencyId[];
}

/**
 * What may leave: the values that are present at fields that were granted. Undefined where there is none, for whatever
 * reason: denied, silent and empty are one answer.
 */
export function compose(answered: readonly Answered[]): Release | undefined {
  const fields = answered.flatMap(releasedBy);
  if (fields.length === 0) return undefined;
  const rulings = answered.filter((each) => presentIn(each).length > 0);
  const said = answered.flatMap(({ ruling }) => [...ruling.fields.values()].flatMap((decision) => decision.say));
  const silent = answered.filter((each) => each.kind === 'silent' && mayBeNamed(each.ruling));
  const validUntil = earliestEnd(rulings);
  return {
    fields,
    duties: [...new Set(rulings.flatMap(dutiesOf))].toSorted(),
    say: [...new Set(said)].toSorted(),
    silent: silent.map(({ ruling }) => ruling.discloser.agency.id).toSorted(),
    ...(validUntil !== undefined && { validUntil }),
  };
}

/** The fields of one discloser that will leave: granted, answered, and present. */
export function presentIn(each: Answered): readonly FieldName[] {
  if (each.kind !== 'answered') return [];
  return [...each.ruling.granted.keys()].filter((field) => each.fields.get(field)?.present === true);
}

/** The duties that come with the fields of one discloser that will leave. */
export function dutiesOf(each: Answered): readonly DutyCode[] {
  return presentIn(each).flatMap((field) => each.ruling.fields.get(field)?.duties ?? []);
}

function releasedBy(each: Answered): readonly ReleasedField[] {
  if (each.kind !== 'answered') return [];
  const { ruling } = each;
  const rulesToo = (ruling.fields.get(ENVELOPE_RULE)?.level ?? 0) > 0;
  return presentIn(each).flatMap((field) => {
    const held = each.fields.get(field);
    const level = ruling.granted.get(field);
    if (held?.present !== true || level === undefined) return [];
    return {
      field,
      level,
      value:
        'sealed' in held
          ? { kind: 'sealed' as const, bytes: held.sealed }
          : { kind: 'open' as const, value: held.value },
      ...(mayBeNamed(ruling) && { from: ruling.discloser.agency.id }),
      ...(rulesToo && { rules: ruling.fields.get(field)?.granted ?? [] }),
    };
  });
}

function mayBeNamed(ruling: Ruling): boolean {
  return (ruling.fields.get(ENVELOPE_SENDER)?.level ?? 0) > 0;
}

function earliestEnd(answered: readonly Answered[]): Instant | undefined {
  const ends = answered.flatMap((each) =>
    presentIn(each).flatMap((field) => each.ruling.situation.coverage.fields.get(field)?.validUntil ?? []),
  );
  return ends.length === 0 ? undefined : (Math.min(...ends) as Instant);
}
