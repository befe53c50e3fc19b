import type { EntryId, Instant } from '#terms';
import type {
  Active,
  Confirmation,
  Consent,
  Inert,
  Member,
  Pending,
  Signing,
  Void,
  VoidReason,
  Withdrawn,
} from './consent.js';

/** She signed (or said no): pending where the recording agency gains from it and a discloser has not spoken. */
export function record(consent: Consent, signing: Signing): Active | Pending {
  throw new Error(`not yet ${consent.id} ${signing.form}`);
}
/** She signed in a duress session: looks recorded, does nothing. */
export function recordInert(consent: Consent, signing: Signing, enrolledBy: Member): Inert {
  throw new Error(`not yet ${consent.id} ${signing.form} ${enrolledBy.agency}`);
}
/** Active once she, or every discloser that did not record it, has confirmed. */
export function confirm(consent: Consent, confirmation: Confirmation): Active | Pending {
  throw new Error(`not yet ${consent.id} ${confirmation.kind}`);
}
/** Needs nothing, works from every state; withdrawing again changes nothing. A refusal cannot be withdrawn. */
export function withdraw(consent: Consent, heardBy: Member, at: Instant): Withdrawn | Void {
  throw new Error(`not yet ${consent.id} ${heardBy.agency} ${at}`);
}
export function annul(consent: Consent, reason: VoidReason, by: Member, at: Instant): Void | Withdrawn {
  throw new Error(`not yet ${consent.id} ${reason} ${by.agency} ${at}`);
}
/** The disclosure that rested on a `once` release uses it up; any other release is returned as it was. */
export function use(consent: Consent, by: EntryId, at: Instant): Active {
  throw new Error(`not yet ${consent.id} ${by} ${at}`);
}
