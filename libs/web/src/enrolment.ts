import type { KeyObject } from 'node:crypto';
import type { Peer } from '#certificates';
import type { AgencyId } from '#terms';

export type PeerRefusal = 'AGENCY_SUSPENDED' | 'AGENCY_UNKNOWN' | 'CERTIFICATE_REVOKED';

/**
 * Who is enrolled, as of now. Asked on every request, so it answers from memory; whoever narrows an enrolment sees to it
 * that no replica still answers from before.
 */
export interface Enrolment {
  /** Why this peer is refused, though its handshake was good; nothing if it is not. */
  refusal(peer: Peer): PeerRefusal | undefined;
  /** The caller key that this agency enrolled under this name and has not withdrawn. Never another agency's. */
  callerKey(agency: AgencyId, kid: string): KeyObject | undefined;
}
