import { namesOperator } from '#consent';
import { type CaseRole, type Handle, linksByDocket, linksInDoubt, stateDocket } from '#matching';
import type { AgencyId, HandleId, Instant, LinkId, PersonId, Sector } from '#terms';
import type { Agency, Caller } from './agency.js';
import { type Change, keyOf } from './change.js';
import { type Committed, commitChange, inOneTime } from './commit-change.js';
import { type ConsentRequest, consentOf } from './record-consent.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';
import { sealLocalId } from './keys.js';
import { mayLearnOfEachOther } from './enrolment.js';

const VICTIM_SERVICE = 'victim_service' as Sector;

export interface HandleRequest {
  readonly localId: string;
  /** A victim service's client is not known to Postern at all before she has released its operator. */
  readonly release?: Omit<ConsentRequest, 'subject'>;
  /** Dockets under which this agency holds her, with her role: both parties of a case share its number. */
  readonly dockets: readonly { readonly number: string; readonly role: CaseRole }[];
}

/**
 * The handle for one of the agency's own local ids: always the same one for the same id, whether or not anybody else
 * knows her. Dockets may link it to other agencies' handles at once, where both sides' regimes let that be.
 *
 * Throws `RELEASE_REQUIRED` where a victim service asks for one without her living release naming the operator.
 */
export async function openHandle(
  gate: Gate,
  agency: Agency,
  caller: Caller,
  request: HandleRequest,
  at: Instant,
): Promise<Committed<HandleId>> {
  const localIdHash = hex(gate.keyring.keyedHash('local id', agency.id, request.localId));
  const dockets = rolesByDocket(gate, request);
  const fresh = await gate.keyring.mint();
  const opened = commitChange<HandleId>(gate, agency, {
    at,
    caller,
    // A docket may link or end a link, and either may cut what left until now. Its reply takes the same time where it
    // does neither: otherwise whoever tries numbers would learn whether anybody holds her under one.
    narrowing: dockets.size > 0,
    plan: () => {
      const known = gate.known.handleByLocalId(localIdHash);
      const handle: Handle = known ?? newHandle(gate, agency, at);
      const person = handle.person;
      const changes: Change[] = [];
      if (known === undefined) {
        const sealedLocalId = sealLocalId(fresh.key, handle.id, request.localId, gate.random);
        changes.push({ type: 'handle opened', handle, wrappedKey: fresh.wrapped, sealedLocalId, localIdHash });
      }
      if (!isReleased(gate, agency, known, at))
        changes.push(...operatorRelease(gate, agency, caller, handle, request, at));
      for (const [key, role] of dockets) changes.push(...docketChanges(gate, agency, handle, key, role, at));
      return {
        type: known === undefined ? 'handle opened' : 'docket stated',
        changes,
        ...(known === undefined && { newKey: { id: Buffer.from(person, 'hex'), secret: fresh.key } }),
        reads: [keyOf.localId(localIdHash), keyOf.person(person), keyOf.agency(agency.id)],
        result: handle.id,
      };
    },
  });
  return dockets.size > 0 ? inOneTime(gate, opened) : opened;
}

/** Each docket once, by its keyed hash. */
function rolesByDocket(gate: Gate, request: HandleRequest): ReadonlyMap<string, CaseRole> {
  const roles = new Map<string, CaseRole>();
  for (const { number, role } of request.dockets) {
    const key = hex(gate.keyring.keyedHash('docket', number.trim().toUpperCase()));
    if ((roles.get(key) ?? role) !== role) {
      throw new DisclosureError('QUESTION_INVALID', 'a docket is stated with the one role that she has in it');
    }
    roles.set(key, role);
  }
  return roles;
}

function newHandle(gate: Gate, agency: Agency, at: Instant): Handle {
  return {
    id: Buffer.from(gate.random(16)).toString('base64url') as HandleId,
    agency: agency.id,
    person: hex(gate.random(16)) as PersonId,
    openedAt: at,
  };
}

/** Withdrawn or run out, a release that names the operator must be given again, as if the handle had never been. */
function isReleased(gate: Gate, agency: Agency, known: Handle | undefined, at: Instant): boolean {
  if (known === undefined) return false;
  const opening = { agency: agency.id, operator: gate.operator, at };
  return (
    agency.sector !== VICTIM_SERVICE ||
    gate.known.consentsOf(known.person).some((consent) => namesOperator(consent, opening))
  );
}

function operatorRelease(
  gate: Gate,
  agency: Agency,
  caller: Caller,
  handle: Handle,
  request: HandleRequest,
  at: Instant,
): readonly Change[] {
  if (request.release === undefined) {
    if (agency.sector !== VICTIM_SERVICE) return [];
    throw new DisclosureError(
      'RELEASE_REQUIRED',
      'a client of a victim service needs a release that names the operator first',
    );
  }
  const consent = consentOf(gate, caller, handle.person, request.release, at);
  if (!namesOperator(consent, { agency: agency.id, operator: gate.operator, at })) {
    throw new DisclosureError(
      'RELEASE_REQUIRED',
      'this release does not let the operator know that the agency knows her',
    );
  }
  return [{ type: 'consent recorded', consent }];
}

function docketChanges(
  gate: Gate,
  agency: Agency,
  handle: Handle,
  key: string,
  role: CaseRole,
  at: Instant,
): readonly Change[] {
  const stated = stateDocket(handle, agency.sector, key, role);
  const mayLink = (other: AgencyId): boolean => {
    const there = gate.directory.get(other);
    return there !== undefined && mayLearnOfEachOther(gate, agency, there);
  };
  // THREAT: docket numbers are public. His employer states two people under hers, and the police no longer see the order.
  // So what an agency that may not link this way says is neither linked nor held against what others said.
  const existing = gate.known.dockets(key).filter((other) => other.agency === agency.id || mayLink(other.agency));
  if (existing.some((docket) => docket.handle === handle.id && docket.role === role)) return [];
  const doubtful = linksInDoubt(
    stated,
    existing,
    existing.flatMap((docket) => gate.known.linksOf(docket.handle)),
  );
  const others = linksByDocket(stated, existing, mayLink);
  return [
    { type: 'docket stated', person: handle.person, docket: stated },
    ...doubtful.flatMap((id) => endOf(gate, id)),
    ...others.flatMap((other) => linkTo(gate, handle, other, at)),
  ];
}

function endOf(gate: Gate, id: LinkId): readonly Change[] {
  const living = gate.known.link(id);
  const a = living === undefined ? undefined : gate.known.handle(living.a);
  const b = living === undefined ? undefined : gate.known.handle(living.b);
  return a === undefined || b === undefined ? [] : [{ type: 'link ended', link: id, persons: [a.person, b.person] }];
}

function linkTo(gate: Gate, handle: Handle, otherId: HandleId, at: Instant): readonly Change[] {
  const other = gate.known.handle(otherId);
  if (other === undefined) return [];
  const already = gate.known.linksOf(handle.id).some((link) => link.a === otherId || link.b === otherId);
  if (already) return [];
  const link = {
    id: hex(gate.random(16)) as LinkId,
    a: handle.id,
    b: otherId,
    basis: { kind: 'docket' as const },
    madeAt: at,
  };
  return [{ type: 'link made', link, persons: [handle.person, other.person] }];
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
