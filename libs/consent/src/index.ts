export * from './consent.js';
export { draft, type DraftInput } from './draft.js';
export { annul, confirm, giveBack, record, recordInert, type Stop, use, withdraw, withdrawAll } from './transitions.js';
export { stateAt, stateShownTo } from './state.js';
export { OFFERED_DAYS, endAfterDays, endsAt } from './end.js';
export { coverage, type Coverage, type CoverageAsk, type CoverageState, type FieldCoverage } from './coverage.js';
export { namesOperator } from './operator.js';
export { fromRecord, toRecord, type ConsentRecord } from './consent-record.js';
export { ConsentError, type ConsentErrorCode } from './error.js';
