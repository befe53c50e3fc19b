import type { AgencyId, EntryId, FieldName, Instant, OfficerId, PersonId, Purpose, QuestionId, UnitId } from '#terms';

/**
 * A question put to a person at the discloser, where law leaves the judgement to her: "the police say that there is a
 * serious and imminent threat; do you agree?" Raised only when her yes would open something.
 */
export interface Inquiry {
  readonly id: QuestionId;
  /** The decision that raised it. */
  readonly raisedBy: EntryId;
  readonly discloser: AgencyId;
  /** Her, as the discloser knows her. */
  readonly person: PersonId;
  readonly asker: { readonly agency: AgencyId; readonly unit?: UnitId };
  readonly purpose: Purpose;
  /** Only the fields that a confirmation would raise. */
  readonly fields: readonly FieldName[];
  readonly grounds: readonly string[];
  readonly reason: string;
  readonly raisedAt: Instant;
}

export type InquiryAnswer =
  | {
      readonly kind: 'confirmed';
      readonly by: OfficerId;
      readonly grounds: readonly string[];
      readonly reason: string;
      readonly at: Instant;
    }
  | { readonly kind: 'declined'; readonly by: OfficerId; readonly at: Instant };

export type InquiryState = { readonly inquiry: Inquiry; readonly answer?: InquiryAnswer };

const A_DAY = 24 * 60 * 60 * 1000;

/**
 * The grounds that a person at the discloser has confirmed for this asker, unit, purpose and field, and that still hold.
 * A confirmation lasts 24 hours and covers nothing that was not asked for when it was given.
 */
export function confirmedGrounds(
  inquiries: readonly InquiryState[],
  ask: { discloser: AgencyId; asker: AgencyId; unit?: UnitId; purpose: Purpose; at: Instant },
): ReadonlyMap<FieldName, Confirmed> {
  const confirmed = new Map<FieldName, Confirmed>();
  for (const { inquiry, answer } of inquiries) {
    if (answer?.kind !== 'confirmed' || !isFor(inquiry, ask)) continue;
    if (ask.at < answer.at || ask.at - answer.at >= A_DAY) continue;
    const until = (answer.at + A_DAY) as Instant;
    for (const field of inquiry.fields) {
      const before = confirmed.get(field) ?? { grounds: [], until, by: [] };
      const grounds = [...new Set([...before.grounds, ...answer.grounds])];
      confirmed.set(field, {
        grounds,
        by: [...before.by, answer.by],
        until: before.until < until ? before.until : until,
      });
    }
  }
  return confirmed;
}

/** What a person at the discloser confirmed for one field, and the earliest moment at which some of it no longer holds. */
export interface Confirmed {
  readonly grounds: readonly string[];
  readonly by: readonly OfficerId[];
  readonly until: Instant;
}

/**
 * Of these fields, those about which the same question does not wait for a person yet. Field by field: asked for in ever
 * new sets of fields, one danger would fill her desk until she confirms without reading.
 */
export function notYetWaiting(
  inquiries: readonly InquiryState[],
  ask: { discloser: AgencyId; asker: AgencyId; unit?: UnitId; purpose: Purpose; at: Instant },
  fields: readonly FieldName[],
  grounds: readonly string[],
): readonly FieldName[] {
  const waiting = new Set(
    inquiries.flatMap(({ inquiry, answer }) =>
      answer === undefined &&
      isFor(inquiry, ask) &&
      ask.at - inquiry.raisedAt < A_DAY &&
      grounds.every((ground) => inquiry.grounds.includes(ground))
        ? inquiry.fields
        : [],
    ),
  );
  return fields.filter((field) => !waiting.has(field));
}

function isFor(
  inquiry: Inquiry,
  ask: { discloser: AgencyId; asker: AgencyId; unit?: UnitId; purpose: Purpose },
): boolean {
  return (
    inquiry.discloser === ask.discloser &&
    inquiry.asker.agency === ask.asker &&
    inquiry.asker.unit === ask.unit &&
    inquiry.purpose === ask.purpose
  );
}
