export { disclose, type Answer } from './disclose.js';
export type { Release, ReleasedField } from './release.js';
export type { Declaration, Question } from './question.js';
export type { Agency, Caller, Directory } from './agency.js';
export type { Gate, Limits } from './gate.js';
export { type Clock, type HashUse, KEY_OPEN_AT_MOST, type Keyring, type Random } from './ports.js';
export type { FieldAnswer, Source, SourceAnswer, SourceRequest } from './source.js';
export { openHandle, type HandleRequest } from './open-handle.js';
export {
  confirmConsent,
  consentsToConfirm,
  recordConsent,
  type ConfirmationRequest,
  type ConsentRequest,
} from './record-consent.js';
export { recordWithdrawal, type WithdrawalRequest } from './withdraw.js';
export { assertFact, type FactRequest } from './assert-fact.js';
export { correctFact, type CorrectionRequest } from './correct-fact.js';
export { confirmLinkCode, issueLinkCode, redeemLinkCode, unlink, type LinkCodeRequest } from './link-persons.js';
export { answerInquiry, openInquiries, type InquiryReply } from './answer-inquiry.js';
export type { Inquiry, InquiryAnswer, InquiryState } from './inquiry.js';
export { openReviews, type OpenReview } from './open-reviews.js';
export { closeReview } from './close-review.js';
export type { BrokenGlass, Finding, Officer, Order } from './change.js';
export { resumeAgency, suspendAgency, type StandingRequest } from './suspend-agency.js';
export { revokeCertificate, type RevocationRequest } from './revoke-certificate.js';
export { publishRecipientKey, withdrawRecipientKey } from './publish-recipient-key.js';
export { readRecipientKey, type RecipientKey } from './recipient-key.js';
export { checkStanding } from './standing.js';
export { publishPolicy } from './publish-policy.js';
export { anyKeyOf, foldTail, type Fold, type WrappedKeys } from './fold-tail.js';
export { FoldedLog } from './folded-log.js';
export {
  ENTRY_TYPE,
  type Change,
  type ChangeType,
  type ErasureGround,
  type ErasureOrder,
  type LegalHold,
  type Review,
} from './change.js';
export {
  erasePersons,
  finishErasures,
  FOLLOWED_WITHIN,
  type ContentErased,
  type Erased,
  type ErasureGate,
  type Remains,
} from './erase-persons.js';
export { liftHold, placeHold } from './hold.js';
export { copiesIn, keepingOf, type Copy, type Keeping, type RetentionTerms } from './retention.js';
export { decodeBody, encodeBody, type EntryBody } from './entry-body.js';
export type { DecisionRecord, DiscloserRecord } from './decision-record.js';
export { exportDecisions, type DecisionsFrom, type Exported } from './export-decisions.js';
export { DisclosureError, type DisclosureErrorCode } from './error.js';
export type { Committed } from './commit-change.js';
export {
  accountFor,
  situationFrom,
  type Account,
  type AccountedField,
  type AccountedRule,
  type Bundles,
  type Entries,
} from './account-for.js';
