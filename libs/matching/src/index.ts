export { directLinks, joined, type Handle, type Link, type LinkBasis } from './link.js';
export {
  FAILURES_ALLOWED,
  LONGEST_CODE_LIFE_MS,
  cancelCode,
  codeStateAt,
  confirmCode,
  issueCode,
  redeemCode,
  shownToRedeemer,
  type CancelledCode,
  type CodeId,
  type CodeRequest,
  type ConfirmedCode,
  type IssuedCode,
  type LinkCode,
  type RedeemedCode,
  type Redemption,
  type RedemptionAttempt,
} from './code.js';
export { linksByDocket, linksInDoubt, stateDocket, type Docket } from './docket.js';
export {
  CASE_ROLES,
  rolesOf,
  withParty,
  type Case,
  type CaseId,
  type CaseRole,
  type Party,
  type Standing,
} from './case.js';
export { mayAssert, mayDeclare, type Assertion, type Stated, type Statement, type Towards } from './assertion.js';
export { resolveFacts, type Asker, type FactsAsk, type ResolvedFact } from './resolve-facts.js';
export { fromRecord, toRecord, type Kinds, type MatchingRecord } from './matching-record.js';
export { MatchingError, type MatchingErrorCode } from './error.js';
