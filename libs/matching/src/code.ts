import { timingSafeEqual } from 'node:crypto';
import type { AgencyId, HandleId, Instant, LinkId, OfficerId } from '#terms';
import { MatchingError } from './error.js';
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

const HOUR = 60 * 60 * 1000;
/** The longest a code may live, and so how long somebody has for guessing it. */
export const LONGEST_CODE_LIFE_MS = 7 * 24 * HOUR;
/** How many wrong codes an agency may try within an hour. */
export const FAILURES_ALLOWED = 5;
const LONGEST_BASIS = 200;

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

/** A code with which one named agency can say, once, that it knows the person behind this handle. */
export function issueCode(request: CodeRequest): IssuedCode {
  const { id, secretHash, issuer, officer, recipient, legalBasis, at, expiresAt } = request;
  if (!/^[0-9a-f]{64}$/.test(secretHash)) throw invalid('a secret is given as 32 bytes of keyed hash, in hex');
  if (recipient === issuer.agency) throw new MatchingError('MATCHING_SAME_AGENCY', 'a link joins two agencies');
  if (legalBasis.trim() === '' || legalBasis.length > LONGEST_BASIS || /\p{Cc}/u.test(legalBasis))
    throw invalid('a code states its legal basis');
  if (expiresAt <= at || expiresAt - at > LONGEST_CODE_LIFE_MS) throw invalid('a code lives at most seven days');
  return {
    state: 'issued',
    id,
    secretHash,
    issuer: { agency: issuer.agency, handle: issuer.id, officer },
    recipient,
    legalBasis,
    issuedAt: at,
    expiresAt,
  };
}

/**
 * The recipient says which handle of its own the code is about. `code` is what was found under the attempt's hash, or
 * nothing. A wrong, foreign, used, expired or cancelled code all fail in the same words: whoever tries codes learns
 * neither that one exists nor for whom.
 */
export function redeemCode(code: LinkCode | undefined, attempt: RedemptionAttempt): RedeemedCode {
  const { by, officer, at } = attempt;
  const recent = attempt.failures.filter((failure) => at - failure < HOUR);
  // Counted before the code is looked at, so that the limit says nothing about it either.
  if (recent.length >= FAILURES_ALLOWED)
    throw new MatchingError('MATCHING_TOO_MANY_ATTEMPTS', 'too many codes that are not accepted; wait an hour');
  if (
    code?.state !== 'issued' ||
    !isSameHash(code.secretHash, attempt.secretHash) ||
    code.recipient !== by.agency ||
    codeStateAt(code, at) !== 'issued'
  )
    throw new MatchingError('MATCHING_CODE_NOT_ACCEPTED', 'this code is not accepted');
  return { ...code, state: 'redeemed', redeemed: { handle: by.id, officer, at }, confirmedBy: [] };
}

/** What the redeeming agency is told: not who issued the code, nor on what basis. */
export function shownToRedeemer(code: RedeemedCode): { readonly id: CodeId; readonly confirmBy: Instant } {
  return { id: code.id, confirmBy: code.expiresAt };
}

/** One of the two agencies confirms; with the second confirmation the link exists. Confirming twice counts once. */
export function confirmCode(
  code: LinkCode,
  confirmation: { readonly agency: AgencyId; readonly at: Instant; readonly link: LinkId },
  living: Iterable<Link>,
): RedeemedCode | ConfirmedCode {
  const { agency, at } = confirmation;
  checkParty(code, agency);
  if (code.state !== 'redeemed' || codeStateAt(code, at) !== 'redeemed') throw wrongState(code, at);
  const confirmedBy = [...new Set([...code.confirmedBy, agency])];
  if (![code.issuer.agency, code.recipient].every((party) => confirmedBy.includes(party)))
    return { ...code, confirmedBy };
  const [a, b] = [code.issuer.handle, code.redeemed.handle];
  for (const link of living) {
    if ((link.a === a && link.b === b) || (link.a === b && link.b === a))
      throw new MatchingError('MATCHING_ALREADY_LINKED', 'these two handles are linked already');
  }
  const { confirmedBy: _confirmedBy, ...terms } = code;
  const basis = { kind: 'code', legalBasis: code.legalBasis } as const;
  return { ...terms, state: 'confirmed', link: { id: confirmation.link, a, b, basis, madeAt: at } };
}

/** Either agency calls off what is not confirmed yet. */
export function cancelCode(code: LinkCode, by: AgencyId, at: Instant): CancelledCode {
  checkParty(code, by);
  if (code.state !== 'issued' && code.state !== 'redeemed') throw wrongState(code, at);
  const { id, secretHash, issuer, recipient, legalBasis, issuedAt, expiresAt } = code;
  return {
    state: 'cancelled',
    id,
    secretHash,
    issuer,
    recipient,
    legalBasis,
    issuedAt,
    expiresAt,
    cancelledAt: at,
  };
}

export function codeStateAt(code: LinkCode, at: Instant): LinkCode['state'] | 'expired' {
  const isOpen = code.state === 'issued' || code.state === 'redeemed';
  return isOpen && at >= code.expiresAt ? 'expired' : code.state;
}

function isSameHash(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function checkParty(code: LinkCode, agency: AgencyId): void {
  if (agency !== code.issuer.agency && agency !== code.recipient)
    throw new MatchingError('MATCHING_NOT_A_PARTY', 'this code is between two other agencies');
}

function wrongState(code: LinkCode, at: Instant): MatchingError {
  return new MatchingError('MATCHING_CODE_WRONG_STATE', `this code is ${codeStateAt(code, at)}`);
}

function invalid(message: string): MatchingError {
  return new MatchingError('MATCHING_CODE_INVALID', message);
}
