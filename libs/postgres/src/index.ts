export { connect, migrate, poolOf, type ConnectOptions } from './connect.js';
export { enrol, loadMembers, revokeCertificate, type Enrolment, type Members } from './directory.js';
export { loadFoldedLog } from './load-folded-log.js';
export { writeProjections } from './write-projections.js';
export { StoredBundles, StoredKeys, keepBundle } from './stored-policies.js';
export { PostgresLog } from './ledger/log.js';
export { exportLog } from './export-log.js';
export * from './ledger/proofs.js';
export { PostgresError, type PostgresErrorCode } from './error.js';
