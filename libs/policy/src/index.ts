export {
  type AlwaysShare,
  type Bundle,
  type Case,
  CORE,
  type NeverShare,
  type Place,
  type PolicyFile,
  type PolicyPromise,
  type Regime,
  type Rule,
  type RuleId,
} from './bundle.js';
export { check, type Warning, type WarningCode } from './check.js';
export { decide } from './decide.js';
export { decideNaively } from './decide-naively.js';
export type { Decision, FieldDecision } from './decision.js';
export { PolicyError, type PolicyErrorCode } from './error.js';
export {
  explain,
  type Explanation,
  type FieldExplanation,
  type RegimeExplanation,
  type RuleAtLevel,
} from './explain.js';
export { governing } from './governing.js';
export type { Change, NearMiss } from './near-misses.js';
export { languagePage } from './language-page.js';
export { parseBundle } from './parse-bundle.js';
export { parseSituation } from './parse-situation.js';
export { policySchema } from './policy-schema.js';
export type { Attached } from './proof/attached.js';
export { compare, type Comparison, type Difference as PolicyDifference } from './proof/compare.js';
export { coverage, type Coverage, type Unnoticed } from './proof/coverage.js';
export { coverageBesides, type CoverageBesides, type StruckBesides } from './proof/struck-besides.js';
export type { Example } from './proof/example.js';
export { matrix, type MatrixCell, type MatrixRow, type Way, WAYS } from './proof/matrix.js';
export { parseRecorded } from './proof/parse-recorded.js';
export { type BrokenField, type Proof, prove } from './proof/prove.js';
export { type Recorded, replay, type Replayed } from './proof/replay.js';
export { writeSituation } from './proof/write-situation.js';
export { readAloud, readPromiseAloud, readTreatmentAloud } from './read-aloud.js';
export { withRules } from './regime-page.js';
export { CONSENT_STATES, type ConsentOfField, type ConsentState, type Situation } from './situation.js';
export { type BrokenPromise, type CaseResult, type Difference, testCases } from './test-cases.js';
