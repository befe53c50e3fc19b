import type { FastifyRequest } from 'fastify';
import type { Peer } from '#certificates';
import type { CallerContext } from './caller-context.js';

/** What our own hooks and guards leave on a request for those that come after them. */
export interface PeerRequest extends FastifyRequest {
  bodyBytes: Uint8Array | undefined;
  peer: Peer | undefined;
  caller: CallerContext | undefined;
  decisionId: string | undefined;
}

/**
 * Says which decision a request concerns, so that a problem answered later names it.
 *
 * @example concerns(request, body.decision);
 */
export function concerns(request: FastifyRequest, decisionId: string): void {
  (request as PeerRequest).decisionId = decisionId;
}
