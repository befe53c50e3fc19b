import {
  type CodeId,
  type LinkCode,
  type RedeemedCode,
  type Handle,
  cancelCode,
  confirmCode,
  directLinks,
  issueCode,
  joined,
  redeemCode,
  shownToRedeemer,
} from '#matching';
import type { AgencyId, FactId, FactName, HandleId, Instant, LinkId, PersonId } from '#terms';
import type { Agency, Caller } from './agency.js';
import { type Change, keyOf } from './change.js';
import { type Committed, commitChange, inOneTime } from './commit-change.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';
import { ownHandle } from './own-handle.js';

export interface LinkCodeRequest {
  readonly subject: HandleId;
  /** The only agency that can redeem it. */
  readonly recipient: AgencyId;
  readonly legalBasis: string;
  readonly expiresAt: Instant;
}

/**
 * A one-time code by which another agency can say that its handle and ours are one person. The secret is returned once
 * and kept nowhere.
 */
export async function issueLinkCode(
  gate: Gate,
  agency: Agency,
  caller: Caller,
  request: LinkCodeRequest,
  at: Instant,
): Promise<Committed<{ readonly id: CodeId; readonly secret: string }>> {
  if (!gate.directory.has(request.recipient))
    throw new DisclosureError('QUESTION_INVALID', 'the recipient is not a member');
  const secret = Buffer.from(gate.random(20)).toString('base64url');
  const id = Buffer.from(gate.random(16)).toString('hex') as CodeId;
  const secretHash = hashOf(gate, secret);
  return commitChange(gate, agency, {
    at,
    caller,
    narrowing: false,
    plan: () => {
      const issuer = ownHandle(gate.known, agency, request.subject);
      const code = issueCode({ ...request, id, secretHash, issuer, officer: caller.officer, at });
      return {
        type: 'link code issued',
        changes: [{ type: 'link code issued', person: issuer.person, code }],
        reads: [],
        result: { id, secret },
      };
    },
  });
}

/** The recipient says whose code it is. Whatever is wrong with a code, it is refused in the same words. */
export function redeemLinkCode(
  gate: Gate,
  agency: Agency,
  caller: Caller,
  request: { readonly subject: HandleId; readonly secret: string },
  failures: readonly Instant[],
  at: Instant,
): Promise<Committed<{ readonly id: CodeId; readonly confirmBy: Instant }>> {
  const secretHash = hashOf(gate, request.secret);
  return commitChange(gate, agency, {
    at,
    caller,
    narrowing: false,
    plan: () => {
      const by = ownHandle(gate.known, agency, request.subject);
      const found = gate.known.code(secretHash);
      const code = redeemCode(found, { secretHash, by, officer: caller.officer, at, failures });
      return { ...redeemed(gate, code), reads: [keyOf.code(secretHash)], result: shownToRedeemer(code) };
    },
  });
}

/** Each of the two confirms; with the second the link exists. */
export function confirmLinkCode(
  gate: Gate,
  agency: Agency,
  id: CodeId,
  at: Instant,
): Promise<Committed<{ readonly linked: boolean }>> {
  return commitChange<{ readonly linked: boolean }>(gate, agency, {
    at,
    // A link brings facts and refusals from the other side, which may cut what left until now.
    narrowing: true,
    plan: () => {
      const found = codeFor(gate, agency, id);
      const link = hex(gate.random(16)) as LinkId;
      const living = gate.known.linksOf(found.issuer.handle);
      const code = confirmCode(found, { agency: agency.id, at, link }, living);
      if (code.state === 'redeemed') return { ...redeemed(gate, code), reads: [], result: { linked: false } };
      const persons = [personOf(gate, code.link.a), personOf(gate, code.link.b)] as const;
      return {
        type: 'link made',
        changes: [
          { type: 'link code redeemed', person: personOf(gate, code.issuer.handle), code },
          { type: 'link made', link: code.link, persons },
        ],
        reads: [],
        result: { linked: true },
      };
    },
  });
}

/**
 * Either side ends it at once; an issuer may also take back a code that nobody has confirmed. The reply is the same, after
 * the same time, where there was no link: a docket's is made without telling either side.
 */
export function unlink(
  gate: Gate,
  agency: Agency,
  request: { readonly subject: HandleId; readonly other: AgencyId },
  at: Instant,
): Promise<Committed<void>> {
  const ended = commitChange<void>(gate, agency, {
    at,
    narrowing: true,
    plan: () => {
      const handle = ownHandle(gate.known, agency, request.subject);
      const changes = gate.known.linksOf(handle.id).flatMap((link): readonly Change[] => {
        const other = gate.known.handle(link.a === handle.id ? link.b : link.a);
        if (other?.agency !== request.other) return [];
        return [{ type: 'link ended', link: link.id, persons: [handle.person, other.person] }];
      });
      const codes = [...gate.known.codes()].filter(
        (code) =>
          code.issuer.handle === handle.id &&
          code.recipient === request.other &&
          (code.state === 'issued' || code.state === 'redeemed'),
      );
      const cancelled = codes.map((code) => ({
        type: 'link code redeemed' as const,
        person: handle.person,
        code: cancelCode(code, agency.id, at),
      }));
      return {
        type: 'link ended',
        changes: [...changes, ...carriedOver(gate, handle, changes), ...cancelled],
        reads: [...gate.known.joined(handle.person)].map(keyOf.person),
        result: undefined,
      };
    },
  });
  return inOneTime(gate, ended);
}

/**
 * Ties of the agency itself that others stated about those it is no longer joined with, stated about its own person.
 *
 * THREAT: the unit in which his brother works ends the link to the shelter that said so, and asks the hospital again.
 */
function carriedOver(gate: Gate, handle: Handle, ending: readonly Change[]): readonly Change[] {
  const ended = new Set(ending.flatMap((change) => (change.type === 'link ended' ? [change.link] : [])));
  const remaining = joined(handle.person, (person) => {
    const held = gate.known.handleOf(person);
    if (held === undefined) return [];
    const living = gate.known.linksOf(held.id).filter(({ id }) => !ended.has(id));
    return directLinks(held.id, living).map((other) => personOf(gate, other));
  });
  return [...gate.known.joined(handle.person)]
    .filter((person) => !remaining.has(person))
    .flatMap((person) => gate.known.assertionsOf(person))
    .filter(({ fact, value, towards }) => fact === TIED && value === 'yes' && towards?.agency === handle.agency)
    .map((assertion) => {
      const id = hex(gate.random(16)) as FactId;
      return { type: 'fact asserted', assertion: { ...assertion, id, person: handle.person } };
    });
}

const TIED = 'perpetrator_at_requester' as FactName;

function redeemed(
  gate: Gate,
  code: RedeemedCode,
): { readonly type: 'link code redeemed'; readonly changes: readonly Change[] } {
  const change = { type: 'link code redeemed' as const, person: personOf(gate, code.issuer.handle), code };
  return { type: 'link code redeemed', changes: [change] };
}

function codeFor(gate: Gate, agency: Agency, id: CodeId): LinkCode {
  const code = [...gate.known.codes()].find((each) => each.id === id);
  if (code === undefined || (code.issuer.agency !== agency.id && code.recipient !== agency.id)) {
    throw new DisclosureError('CODE_UNUSABLE', 'this code cannot be used');
  }
  return code;
}

function personOf(gate: Gate, id: HandleId): PersonId {
  const handle = gate.known.handle(id);
  if (handle === undefined) throw new DisclosureError('LEDGER_DAMAGED', 'a code for a handle that does not exist');
  return handle.person;
}

function hashOf(gate: Gate, secret: string): string {
  return hex(gate.keyring.keyedHash('link code', secret));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
