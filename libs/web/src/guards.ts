import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  SetMetadata,
} from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiSecurity } from '@nestjs/swagger';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { agencyOf, type Peer } from '#certificates';
import type { Instant } from '#terms';
import { CALLER_HEADER, verifyCaller } from './caller-context.js';
import type { Enrolment } from './enrolment.js';
import { WebError } from './error.js';
import type { PeerRequest } from './peer-request.js';

const NO_CALLER = 'postern:no-caller';
const NOBODY = new Uint8Array();

/** A route that the agency's system asks for itself, no officer behind it: the ledger's checkpoint, say. */
export const WithoutCaller = (): MethodDecorator =>
  applyDecorators(SetMetadata(NO_CALLER, true), ApiSecurity('agency'));

/**
 * Knows the agency by the certificate of its connection. The handshake has verified it when the connection was made;
 * since then it may have expired, been revoked, or its agency been suspended, so that is asked on every request.
 */
export class ClientCertificateGuard implements CanActivate {
  /** Parsed once a connection. Weak: gone with the socket. */
  private readonly peers = new WeakMap<Socket, Peer>();

  constructor(
    private readonly enrolment: Enrolment,
    private readonly now: () => Instant,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<PeerRequest>();
    const peer = this.peerOn(request.raw.socket);
    if (this.now() >= peer.ends)
      throw new WebError('CERTIFICATE_EXPIRED', 'the certificate of this connection has expired');
    const refusal = this.enrolment.refusal(peer);
    if (refusal !== undefined) throw new WebError(refusal, 'this connection is no longer accepted');
    request.peer = peer;
    return true;
  }

  private peerOn(socket: Socket): Peer {
    const known = this.peers.get(socket);
    if (known !== undefined) return known;
    // `authorized` is false wherever somebody switches off `rejectUnauthorized`: then nobody gets in, rather than all.
    const certificate = socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
    const peer = certificate === undefined ? undefined : agencyOf(certificate);
    if (peer === undefined) throw new WebError('CERTIFICATE_NAMES_NO_AGENCY', 'the client certificate names no agency');
    this.peers.set(socket, peer);
    return peer;
  }
}

/** Verifies who at the agency is asking. Runs after `ClientCertificateGuard`, on every route that does not opt out. */
export class CallerContextGuard implements CanActivate {
  constructor(
    private readonly enrolment: Enrolment,
    private readonly now: () => Instant,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride<boolean>(NO_CALLER, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<PeerRequest>();
    const { peer } = request;
    if (peer === undefined) throw new WebError('CERTIFICATE_NAMES_NO_AGENCY', 'the connection was not identified');
    const header = request.headers[CALLER_HEADER];
    const bound = { method: request.method, path: request.raw.url ?? '', body: request.bodyBytes ?? NOBODY };
    const token = typeof header === 'string' ? header : undefined;
    const caller = verifyCaller(token, bound, peer.agency, this.enrolment, this.now());
    request.caller = { ...caller, certificate: peer.serial };
    return true;
  }
}

/** Who asks, as a controller's argument. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { caller } = context.switchToHttp().getRequest<PeerRequest>();
  if (caller === undefined) throw new WebError('CALLER_MISSING', 'this request does not say who is asking');
  return caller;
});

/** Which agency is connected, as a controller's argument. */
export const ConnectedAgency = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { peer } = context.switchToHttp().getRequest<PeerRequest>();
  if (peer === undefined) throw new WebError('CERTIFICATE_NAMES_NO_AGENCY', 'the connection was not identified');
  return peer.agency;
});
