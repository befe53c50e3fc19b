import type { AgencyId, HandleId, Instant, LinkId, OfficerId } from '#terms';
import type { Handle, Link } from './link.js';

declare const brand: unique symbol;
export type CodeId = string & { readonly [brand]: 'link code' };

/** What every state of a code keeps. The secret itself never enters this room. */
interface CodeTerms {
  readonly id: CodeId;
  /** Keyed hash of the secret, 64 hex digits: the only thing a code is found by. */
  readonly secretHash: string;
  readonly issuer: { readonly agency: AgencyId; readonly handle: HandleId; readonly officer: OfficerId };
  /** The only agency that can redeem it. */
  readonly recipient: AgencyId;
  readonly legalBasis: string;
  readonly issuedAt: Instant;
  /** Redeemed and confirmed by both before this, or never. */
  readonly expiresAt: Instant;
}
export interface Redemption {
  readonly handle: HandleId;
  readonly officer: OfficerId;
  readonly at: Instant;
}
export interface IssuedCode extends CodeTerms {
  readonly state: 'issued';
}
export interface RedeemedCode extends CodeTerms {
  readonly state: 'redeemed';
  readonly redeemed: Redemption;
  readonly confirmedBy: readonly AgencyId[];
}
export interface ConfirmedCode extends CodeTerms {
  readonly state: 'confirmed';
  readonly redeemed: Redemption;
  readonly link: Link;
}
export interface CancelledCode extends CodeTerms {
  readonly state: 'cancelled';
  readonly cancelledAt: Instant;
}
/** `expired` is never stored: time alone makes it, see `codeStateAt`. */
export type LinkCode = IssuedCode | RedeemedCode | ConfirmedCode | CancelledCode;

/** The longest a code may live, and so how long somebody has for guessing it. */
export const LONGEST_CODE_LIFE_MS = 7 * 24 * 60 * 60 * 1000;

export interface CodeRequest {
  readonly id: CodeId;
  readonly secretHash: string;
  readonly issuer: Handle;
  readonly officer: OfficerId;
  readonly recipient: AgencyId;
  readonly legalBasis: string;
  readonly at: Instant;
  readonly expiresAt: Instant;
}
export interface RedemptionAttempt {
  readonly secretHash: string;
  readonly by: Handle;
  readonly officer: OfficerId;
  readonly at: Instant;
  /** When this agency's earlier attempts failed. */
  readonly failures: readonly Instant[];
}

export function issueCode(request: CodeRequest): IssuedCode {
  throw new Error(`not yet ${request.id}`);
}
/** `code` is what was found under the attempt's hash, or nothing. Every failure looks the same. */
export function redeemCode(code: LinkCode | undefined, attempt: RedemptionAttempt): RedeemedCode {
  throw new Error(`not yet ${code?.id} ${attempt.officer}`);
}
/** What the redeeming agency is told: not who issued the code, nor on what basis. */
export function shownToRedeemer(code: RedeemedCode): { readonly id: CodeId; readonly confirmBy: Instant } {
  throw new Error(`not yet ${code.id}`);
}
/** One of the two agencies confirms; with the second confirmation the link exists. */
export function confirmCode(
  code: LinkCode,
  confirmation: { readonly agency: AgencyId; readonly at: Instant; readonly link: LinkId },
  living: Iterable<Link>,
): RedeemedCode | ConfirmedCode {
  throw new Error(`not yet ${code.id} ${confirmation.agency} ${String(living)}`);
}
export function cancelCode(code: LinkCode, by: AgencyId, at: Instant): CancelledCode {
  throw new Error(`not yet ${code.id} ${by} ${at}`);
}
export function codeStateAt(code: LinkCode, at: Instant): LinkCode['state'] | 'expired' {
  throw new Error(`not yet ${code.id} ${at}`);
}
