import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyServerOptions } from 'fastify';
import type { Socket } from 'node:net';
import type { Instant } from '#terms';
import type { Enrolment } from './enrolment.js';
import { WebError, type WebErrorCode } from './error.js';
import { CallerContextGuard, ClientCertificateGuard } from './guards.js';
import { type Credentials, httpsOptions } from './https-options.js';
import type { Log } from './log.js';
import type { PeerRequest } from './peer-request.js';
import { answerProblem, PROBLEM_TYPE, ProblemFilter } from './problem-filter.js';
import { problem } from './problem.js';
import { BodyPipe } from './read-body.js';
import { readJson } from './read-json.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** 64 KiB: 20 times a question for every field there is. */
export const LARGEST_BODY = 65_536;
/** A request that takes longer to arrive is not slow, it is holding a place. */
const LONGEST_ARRIVAL_MS = 15_000;

export interface Face {
  readonly credentials: Credentials;
  readonly enrolment: Enrolment;
  readonly now: () => Instant;
  readonly log: Log;
}

/** Nest would turn the framework's errors into its own exceptions, and their codes would be lost. */
class Adapter extends FastifyAdapter {
  override mapException(error: unknown): unknown {
    return error;
  }
}

/**
 * Makes an application that agencies can be let at: mutual TLS, strict JSON, problems for errors, and every route behind
 * both guards unless it says otherwise. The caller listens and closes.
 *
 * @example
 * const app = await createFace(GatewayModule, { credentials, enrolment, now, log });
 * await app.listen(8443, '0.0.0.0');
 */
export async function createFace(module: Type | DynamicModule, face: Face): Promise<NestFastifyApplication> {
  const adapter = new Adapter({
    https: httpsOptions(face.credentials),
    bodyLimit: LARGEST_BODY,
    requestTimeout: LONGEST_ARRIVAL_MS,
    clientErrorHandler: answerClientError,
    frameworkErrors: ((error: unknown, request: PeerRequest, reply: FastifyReply) =>
      answerProblem(error, request, reply, face.log)) as FastifyServerOptions['frameworkErrors'],
  });
  const fastify = adapter.getInstance();
  fastify.decorateRequest('bodyBytes', undefined);
  fastify.decorateRequest('peer', undefined);
  fastify.decorateRequest('caller', undefined);
  fastify.decorateRequest('decisionId', undefined);
  fastify.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(SECURITY_HEADERS);
    done();
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    try {
      refuseEncodings(request.headers);
      (request as PeerRequest).bodyBytes = body;
      done(null, readJson(body));
    } catch (error) {
      done(error as Error);
    }
  });

  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  app.useGlobalGuards(
    new ClientCertificateGuard(face.enrolment, face.now),
    new CallerContextGuard(face.enrolment, face.now, app.get(Reflector)),
  );
  app.useGlobalPipes(new BodyPipe());
  app.useGlobalFilters(new ProblemFilter(face.log));
  return app;
}

function refuseEncodings(headers: Readonly<Record<string, string | string[] | undefined>>): void {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(String(headers['content-type']))?.[1];
  const coding = headers['content-encoding'];
  if ((charset ?? 'utf-8').toLowerCase() !== 'utf-8' || (coding ?? 'identity') !== 'identity')
    throw new WebError('CONTENT_TYPE_UNSUPPORTED', 'send application/json in UTF-8, not compressed');
}

/** What is no HTTP has no request and no reply; it is answered on the bare socket, and the socket closed. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const code: WebErrorCode = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'REQUEST_TIMED_OUT' : 'REQUEST_MALFORMED';
  const said = problem(code);
  const body = JSON.stringify(said);
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': PROBLEM_TYPE,
    'content-length': body.length,
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${said.status} Bad Request\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
