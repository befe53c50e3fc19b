import type { HandleId, Instant } from '#terms';

declare const brand: unique symbol;
export type CaseId = string & { readonly [brand]: 'case' };

export type CaseRole = 'survivor' | 'child' | 'person_using_violence' | 'other';
export const CASE_ROLES: readonly CaseRole[] = ['survivor', 'child', 'person_using_violence', 'other'];
/** How sure it is that somebody used violence; a survivor recorded as perpetrator is an old and deadly mistake. */
export type Standing = 'alleged' | 'established' | 'disputed';

export type Party =
  | { readonly handle: HandleId; readonly role: 'survivor' | 'child' | 'other' }
  | { readonly handle: HandleId; readonly role: 'person_using_violence'; readonly standing: Standing };

/** People related by their roles in one matter, as one agency tells it. */
export interface Case {
  readonly id: CaseId;
  readonly openedAt: Instant;
  readonly parties: readonly Party[];
}
