import type { Consent } from './consent.js';

/** Plain JSON of one consent, to be sealed and kept. */
export type ConsentRecord = { readonly [key: string]: unknown };

export function toRecord(consent: Consent): ConsentRecord {
  throw new Error(`not yet ${consent.id}`);
}
/** Reads what was kept; stored bytes are outside data, and one wrong word makes the whole record unreadable. */
export function fromRecord(record: unknown): Consent {
  throw new Error(`not yet ${typeof record}`);
}
