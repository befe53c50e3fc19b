import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { DecisionId } from '#terms';
import { faultOf, type Log } from './log.js';
import type { PeerRequest } from './peer-request.js';
import { problemOf, RETRY_AFTER } from './problem.js';
import { SECURITY_HEADERS } from './security-headers.js';

export const PROBLEM_TYPE = 'application/problem+json';

/** Answers every error there is as a problem (RFC 9457), and logs it by ids only. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    answerProblem(error, host.switchToHttp().getRequest(), host.switchToHttp().getResponse(), this.log);
  }
}

/** What the filter does, for errors before routing that no filter sees. */
export function answerProblem(error: unknown, request: PeerRequest, reply: FastifyReply, log: Log): void {
  const problem = problemOf(error, request.decisionId);
  const about = {
    ...(request.peer === undefined ? {} : { agency: request.peer.agency, serial: request.peer.serial }),
    ...(request.decisionId === undefined ? {} : { decision: request.decisionId as DecisionId }),
  };
  if (problem.code === 'internal') log({ event: 'failed', status: problem.status, fault: faultOf(error), ...about });
  else log({ event: 'refused', status: problem.status, code: problem.code, ...about });
  if (reply.sent) return;
  // Set again: an error before routing has passed none of our hooks.
  void reply.headers(SECURITY_HEADERS).code(problem.status);
  const wait = RETRY_AFTER[problem.code];
  if (wait !== undefined) void reply.header('retry-after', wait);
  if (problem.status === 401) void reply.header('www-authenticate', 'Postern-Caller');
  // As bytes: to a text the framework adds a charset, which this type does not have.
  void reply.header('content-type', PROBLEM_TYPE).send(Buffer.from(JSON.stringify(problem)));
}
