export { answerAtOnce } from './answer-at-once.js';
export { Accepted, Answers } from './answers.js';
export {
  type BoundRequest,
  CALLER_HEADER,
  type CallerContext,
  requestDigest,
  signCaller,
  verifyCaller,
} from './caller-context.js';
export type { Enrolment, PeerRefusal } from './enrolment.js';
export { type Flaw, WebError, type WebErrorCode } from './error.js';
export { createFace, type Face, LARGEST_BODY } from './face.js';
export { Caller, CallerContextGuard, ClientCertificateGuard, ConnectedAgency, WithoutCaller } from './guards.js';
export { type Credentials, httpsOptions, renewCredentials } from './https-options.js';
export { type About, createLog, type Fault, faultOf, type Line, type Log, type Uncosigned } from './log.js';
export { Many, One, Optional } from './nested.js';
export { serveOpenApi } from './openapi.js';
export { concerns } from './peer-request.js';
export { PROBLEM_TYPE, ProblemFilter } from './problem-filter.js';
export { type Problem, PROBLEM_CODES, problemOf } from './problem.js';
export { BodyPipe, readBody } from './read-body.js';
export { readJson } from './read-json.js';
export { Text } from './text.js';
