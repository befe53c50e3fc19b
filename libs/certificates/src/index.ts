export { type Authority, type AuthorityTerms, createIssuing, createRoot } from './authority.js';
export { type CallerKey, createCallerKey, type KeyId, type NewCallerKey, readCallerKey } from './caller-key.js';
export { checkPeer, type Verdict } from './check.js';
export { CertificateError, type CertificateErrorCode } from './error.js';
export { agencyOf, type Peer } from './identify.js';
export { issueAgencyCertificate, issueServerCertificate } from './issue.js';
export { newKeyPair, privateKeyPem } from './keys.js';
export { createRequest, readRequest, type RequestedKey } from './request.js';
export {
  issueRevocationList,
  readRevocationList,
  type RevocationList,
  type RevocationTerms,
  type Revoked,
} from './revoke.js';
export { parseSerial, type Serial, serialOf } from './serial.js';
