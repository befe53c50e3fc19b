import type { AgencyId, DutyCode, FieldName, Instant, Level, Value } from '#terms';
import type { Bundle } from '#policy';
import type { Answered } from './answer.js';
import { factsOfField } from './facts-of.js';
import type { Ruling } from './ruling.js';
import { ENVELOPE_RULE, ENVELOPE_SENDER } from './situate.js';

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
  /** What policies say to the asker about fields that it did not get. Only of a discloser that released something. */
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
export function compose(policy: Bundle, answered: readonly Answered[]): Release | undefined {
  const fields = answered.flatMap(releasedBy);
  if (fields.length === 0) return undefined;
  const said = new Set<string>();
  for (const each of answered) {
    // What policies say about a discloser that released nothing would tell that there is one.
    if (each.kind !== 'answered' || each.present.size === 0) continue;
    for (const decision of each.ruling.fields.values()) for (const words of decision.say) said.add(words);
  }
  const silent = answered.filter((each) => each.kind === 'silent' && mayBeNamed(each.ruling));
  const validUntil = earliestEnd(policy, answered);
  return {
    fields,
    duties: [...new Set(answered.flatMap((each) => [...dutiesOf(each)]))].toSorted(),
    say: [...said].toSorted(),
    silent: silent.map(({ ruling }) => ruling.discloser.agency.id).toSorted(),
    ...(validUntil !== undefined && { validUntil }),
  };
}

/** The duties that come with the fields of one discloser that will leave. */
export function dutiesOf(each: Answered): ReadonlySet<DutyCode> {
  const duties = new Set<DutyCode>();
  if (each.kind !== 'answered') return duties;
  for (const field of each.present.keys())
    for (const duty of each.ruling.fields.get(field)?.duties ?? []) duties.add(duty);
  return duties;
}

function releasedBy(each: Answered): readonly ReleasedField[] {
  if (each.kind !== 'answered') return [];
  const { ruling, present } = each;
  const rulesToo = (ruling.fields.get(ENVELOPE_RULE)?.level ?? 0) > 0;
  const from = mayBeNamed(ruling) ? { from: ruling.discloser.agency.id } : undefined;
  const released: ReleasedField[] = [];
  for (const [field, held] of present) {
    const level = ruling.granted.get(field);
    if (level === undefined) continue;
    const value: ReleasedField['value'] =
      'sealed' in held ? { kind: 'sealed', bytes: held.sealed } : { kind: 'open', value: held.value };
    released.push({
      field,
      level,
      value,
      ...from,
      ...(rulesToo && { rules: ruling.fields.get(field)?.granted ?? [] }),
    });
  }
  return released;
}

function mayBeNamed(ruling: Ruling): boolean {
  return (ruling.fields.get(ENVELOPE_SENDER)?.level ?? 0) > 0;
}

function earliestEnd(policy: Bundle, answered: readonly Answered[]): Instant | undefined {
  let earliest: Instant | undefined;
  const meet = (end: Instant | undefined): void => {
    if (end !== undefined && (earliest === undefined || end < earliest)) earliest = end;
  };
  for (const each of answered) {
    if (each.kind !== 'answered') continue;
    for (const field of each.present.keys()) {
      const { situation, confirmed } = each.ruling;
      meet(situation.coverage.fields.get(field)?.validUntil);
      meet(confirmed.get(field)?.until);
      if (situation.factsUntil.size === 0) continue;
      for (const fact of factsOfField(policy, field)) meet(situation.factsUntil.get(fact));
    }
  }
  return earliest;
}
