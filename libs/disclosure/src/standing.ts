import type { Agency, Caller } from './agency.js';
import { keyOf } from './change.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';

/**
 * Whether an agency may go on, and by the certificate it came with, on the map as it is now. It was asked when the request
 * came in; asked again whenever the map has changed, it keeps whoever was shut out meanwhile, by another replica too, from
 * anything that was under way.
 */
export function checkStanding(gate: Pick<Gate, 'known'>, { id }: Agency, caller?: Pick<Caller, 'certificate'>): void {
  if (gate.known.isSuspended(id)) throw new DisclosureError('AGENCY_SUSPENDED', 'the agency is suspended');
  if (caller?.certificate !== undefined && gate.known.isRevoked(id, caller.certificate))
    throw new DisclosureError('CERTIFICATE_REVOKED', 'the certificate of this connection has been revoked');
}

/** What {@link checkStanding} reads. */
export function standingOf({ id }: Agency, caller?: Pick<Caller, 'certificate'>): readonly string[] {
  const { certificate } = caller ?? {};
  return [keyOf.agency(id), ...(certificate === undefined ? [] : [keyOf.certificate(id, certificate)])];
}
