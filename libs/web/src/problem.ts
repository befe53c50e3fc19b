import { NotFoundException } from '@nestjs/common';
import type { CertificateErrorCode } from '#certificates';
import type { ConsentErrorCode } from '#consent';
import type { DisclosureErrorCode } from '#disclosure';
import type { LedgerErrorCode } from '#ledger';
import type { MatchingErrorCode } from '#matching';
import type { Flaw, WebErrorCode } from './error.js';

type Said =
  WebErrorCode | CertificateErrorCode | ConsentErrorCode | DisclosureErrorCode | LedgerErrorCode | MatchingErrorCode;

interface Kind {
  readonly status: number;
  readonly title: string;
}

const INTERNAL: Kind = { status: 500, title: 'Something went wrong on our side; nothing was released' };
const kind = (status: number, title: string): Kind => ({ status, title });

/**
 * The one place where our codes meet HTTP. A code that a caller can do nothing about is `INTERNAL`; so is every error
 * that does not stand here, whatever it says. A new code of a room below does not compile until it is placed.
 */
const KINDS: Readonly<Record<Said, Kind>> = {
  // The connection and who is on it.
  CERTIFICATE_NAMES_NO_AGENCY: kind(403, 'The client certificate names no agency'),
  CERTIFICATE_EXPIRED: kind(403, 'The client certificate has expired'),
  CERTIFICATE_REVOKED: kind(403, 'The client certificate has been revoked'),
  AGENCY_UNKNOWN: kind(403, 'The agency is not enrolled'),
  AGENCY_SUSPENDED: kind(403, 'The agency is suspended'),
  CALLER_MISSING: kind(401, 'The request does not say who is asking'),
  CALLER_MALFORMED: kind(401, 'The caller context cannot be read'),
  CALLER_KEY_UNKNOWN: kind(401, 'The caller context names a key that the agency has not enrolled'),
  CALLER_SIGNATURE: kind(401, 'The caller context is not signed by the key it names'),
  CALLER_EXPIRED: kind(401, 'The caller context has expired'),
  CALLER_NOT_YET_VALID: kind(401, 'The caller context is dated in the future'),
  CALLER_OTHER_REQUEST: kind(401, 'The caller context was signed for another request'),

  // The request as such.
  REQUEST_MALFORMED: kind(400, 'The request is not well-formed HTTP'),
  REQUEST_TIMED_OUT: kind(408, 'The request did not arrive in time'),
  PATH_INVALID: kind(400, 'The path is not what this request takes'),
  NOT_FOUND: kind(404, 'There is nothing at this address'),
  CONTENT_TYPE_UNSUPPORTED: kind(415, 'The body must be application/json in UTF-8, not compressed'),
  BODY_TOO_LARGE: kind(413, 'The body is too large'),
  BODY_INVALID: kind(400, 'The body is not what this request takes'),
  JSON_NOT_UTF8: kind(400, 'The body is not UTF-8'),
  JSON_MALFORMED: kind(400, 'The body is not JSON'),
  JSON_DUPLICATE_KEY: kind(400, 'The body gives one key twice'),
  JSON_TOO_DEEP: kind(400, 'The body nests too deeply'),
  JSON_TEXT_REFUSED: kind(400, 'The body holds something that cannot be kept as it was said'),

  // What was asked.
  QUESTION_INVALID: kind(422, 'The question cannot be asked like this'),
  NOT_ALLOWED: kind(403, 'This is not for this caller'),
  HANDLE_UNKNOWN: kind(404, 'The agency has no such handle'),
  RELEASE_REQUIRED: kind(422, 'Her release naming the operator is needed first'),
  QUESTION_UNKNOWN: kind(404, 'The agency has no such question'),
  ENTRY_UNKNOWN: kind(404, 'The ledger has no such entry for this caller'),
  CODE_UNUSABLE: kind(422, 'The code cannot be used'),
  FACT_UNKNOWN: kind(404, 'The agency has stated no such fact'),
  RECIPIENT_KEY_INVALID: kind(422, 'The recipient key cannot be used'),
  RECIPIENT_KEY_UNKNOWN: kind(404, 'The agency has published no such key'),
  UNDECIDED: kind(503, 'It could not be decided; nothing was released'),
  RELEASE_TOO_LATE: kind(503, 'It could not be released in time; nothing was released'),

  // What she has agreed to.
  CONSENT_UNKNOWN: kind(404, 'The agency has no such consent'),
  CONSENT_WRONG_STATE: kind(409, 'The consent is not in a state for this'),
  CONSENT_REFUSAL_STANDS: kind(409, 'A refusal of hers stands against this'),
  CONSENT_USED_UP: kind(409, 'The consent has been used up'),
  CONSENT_SCOPE_INVALID: kind(422, 'The scope of the consent is not valid'),
  CONSENT_UNKNOWN_WORD: kind(422, 'The consent uses a word that the vocabulary does not have'),
  CONSENT_END_INVALID: kind(422, 'The end of the consent is not valid'),
  CONSENT_FORM_MISSING: kind(422, 'The form of the consent is missing'),
  CONSENT_NOT_INFORMED: kind(422, 'It is not said that she was informed'),
  CONSENT_WITNESS_MISSING: kind(422, 'The witness is missing'),
  CONSENT_SIGNER_MAY_NOT_SIGN: kind(422, 'This signer may not sign'),
  CONSENT_CONFIRMER_NOT_ENTITLED: kind(403, 'This agency may not confirm this consent'),
  CONSENT_RECORD_INVALID: INTERNAL,

  // Links and facts.
  MATCHING_SAME_AGENCY: kind(422, 'An agency is not linked with itself'),
  MATCHING_ALREADY_LINKED: kind(409, 'This is linked already'),
  MATCHING_CODE_INVALID: kind(422, 'The code is not valid'),
  MATCHING_CODE_NOT_ACCEPTED: kind(422, 'The code is not accepted'),
  MATCHING_TOO_MANY_ATTEMPTS: kind(429, 'Too many attempts'),
  MATCHING_CODE_WRONG_STATE: kind(409, 'The code is not in a state for this'),
  MATCHING_NOT_A_PARTY: kind(403, 'This agency is not a party to the code'),
  MATCHING_DOCKET_NOT_ALLOWED: kind(403, 'This agency may not link by docket number'),
  MATCHING_ROLE_TAKEN: kind(409, 'Another person has that role in the docket'),
  MATCHING_FACT_UNKNOWN: kind(422, 'The vocabulary has no such fact'),
  MATCHING_FACT_NOT_YOURS: kind(403, 'This caller may not state this fact'),
  MATCHING_VALUE_INVALID: kind(422, 'The fact cannot have this value'),
  MATCHING_REASON_MISSING: kind(422, 'The fact needs a reason'),
  MATCHING_TIE_INVALID: kind(422, 'The tie is not stated completely'),
  MATCHING_RECORD_INVALID: INTERNAL,

  // Certificates and keys.
  REQUEST_NOT_SIGNED: kind(422, 'The certificate request is not signed by its key'),
  REQUEST_WEAK_KEY: kind(422, 'The key of the certificate request is too weak'),
  CALLER_KEY_MALFORMED: kind(422, 'The caller key cannot be read'),
  CALLER_KEY_PRIVATE: kind(422, 'A private key was sent'),
  CERTIFICATE_LIFETIME: INTERNAL,
  CERTIFICATE_MALFORMED: INTERNAL,
  CERTIFICATE_NAME: INTERNAL,
  CERTIFICATE_SERIAL: INTERNAL,

  // The ledger.
  LEDGER_BUSY: kind(503, 'Too much is waiting to be recorded; nothing was released'),
  LEDGER_UNAVAILABLE: kind(503, 'It could not be recorded, so nothing was released'),
  LEDGER_UNWITNESSED: kind(503, 'Nobody outside has vouched for the ledger lately; nothing was released'),
  LEDGER_CLOCK: INTERNAL,
  LEDGER_DAMAGED: INTERNAL,
  LEDGER_FORKED: INTERNAL,
  LEDGER_MALFORMED: INTERNAL,
  LEDGER_ROLLED_BACK: INTERNAL,
  LEDGER_UNREADABLE: INTERNAL,
};

/** RFC 9457, with our code and, where one was taken, the decision it concerns. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly errors?: readonly Flaw[];
  readonly decisionId?: string;
}

/** In how many seconds it may be worth asking again, of what is refused for a time only. */
export const RETRY_AFTER: Readonly<Record<string, number>> = {
  undecided: 1,
  release_too_late: 1,
  ledger_busy: 1,
  ledger_unavailable: 5,
  ledger_unwitnessed: 60,
};

/** Every code that a face can answer, in the spelling of the wire. */
export const PROBLEM_CODES: readonly string[] = [
  ...Object.entries(KINDS)
    .filter(([, of]) => of !== INTERNAL)
    .map(([code]) => code.toLowerCase()),
  'internal',
];

const OURS = new Set([
  'CertificateError',
  'ConsentError',
  'DisclosureError',
  'LedgerError',
  'MatchingError',
  'WebError',
]);

const FRAMEWORK: Readonly<Record<string, WebErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'CONTENT_TYPE_UNSUPPORTED',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'REQUEST_MALFORMED',
  FST_ERR_BAD_URL: 'REQUEST_MALFORMED',
  FST_ERR_MAX_PARAM_LENGTH: 'NOT_FOUND',
  FST_ERR_NOT_FOUND: 'NOT_FOUND',
};

/**
 * Puts any error into the words of the wire. Only errors whose code stands in the table speak for themselves; of anything
 * else (a driver's error quotes rows, a parser's quotes bodies) nothing is passed on but that it happened.
 *
 * @example problemOf(new WebError('NOT_FOUND', 'no such page')).status // 404
 */
export function problemOf(error: unknown, decisionId?: string): Problem {
  const about = decisionId === undefined ? {} : { decisionId };
  const code = codeOf(error);
  const found = code === undefined ? INTERNAL : KINDS[code];
  if (code === undefined || found === INTERNAL)
    return { type: 'urn:postern:problem:internal', ...INTERNAL, code: 'internal', ...about };
  const wire = code.toLowerCase();
  const detail = error instanceof Error && isOurs(error) ? { detail: error.message } : {};
  const flaws = flawsOf(error);
  return {
    type: `urn:postern:problem:${wire}`,
    ...found,
    code: wire,
    ...detail,
    ...(flaws.length === 0 ? {} : { errors: flaws }),
    ...about,
  };
}

/** A problem that has no error behind it, for answers that are written before there is a request. */
export function problem(code: WebErrorCode): Problem {
  const wire = code.toLowerCase();
  return { type: `urn:postern:problem:${wire}`, ...KINDS[code], code: wire };
}

/** The code of an error of ours or of one that the framework raises before we are asked; of nothing else. */
function codeOf(error: unknown): Said | undefined {
  if (error instanceof NotFoundException) return 'NOT_FOUND';
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  if (Object.hasOwn(FRAMEWORK, error.code)) return FRAMEWORK[error.code];
  return isOurs(error) && Object.hasOwn(KINDS, error.code) ? (error.code as Said) : undefined;
}

/** Only the rooms of this house promise that a message is safe to send. */
function isOurs(error: Error): boolean {
  return OURS.has(error.name);
}

function flawsOf(error: unknown): readonly Flaw[] {
  if (typeof error !== 'object' || error === null || !('flaws' in error)) return [];
  return Array.isArray(error.flaws) ? (error.flaws as readonly Flaw[]) : [];
}
