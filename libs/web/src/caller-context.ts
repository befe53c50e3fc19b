import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import type { Serial } from '#certificates';
import type { AgencyId, Instant, OfficerId, Role, UnitId } from '#terms';
import type { Enrolment } from './enrolment.js';
import { WebError, type WebErrorCode } from './error.js';
import { readJson } from './read-json.js';

/** Who asks: the agency by its certificate, the rest by what the agency's system signed. */
export interface CallerContext {
  readonly agency: AgencyId;
  readonly unit?: UnitId;
  readonly officer: OfficerId;
  readonly role: Role;
  readonly caseReference?: string;
  /** The certificate of the connection. Whoever waits for anything asks again whether it has been revoked. */
  readonly certificate?: Serial;
}

/** The header that carries it. */
export const CALLER_HEADER = 'postern-caller';

/** The request that a context is bound to. `path` is the request target as sent, query included. */
export interface BoundRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
}

const TYPE = 'postern-caller+jwt';
const LONGEST = 4096;
const LONGEST_LIFE_S = 300;
/** How far ahead of ours an agency's clock may run. */
const SKEW_S = 30;
const SEGMENT = /^[A-Za-z0-9_-]+$/;
/** 64 bytes in base64url, the unused bits of the last character zero: one signature, one spelling. */
const SIGNATURE = /^[A-Za-z0-9_-]{85}[AQgw]$/;
const CLAIMS = new Set(['unit', 'officer', 'role', 'case', 'iat', 'exp', 'htd']);

/**
 * Verifies a caller context: a compact JWS (RFC 7515) of type `postern-caller+jwt`, signed with Ed25519 under a key that
 * this very agency enrolled, at most 5 minutes long, for this very request. The algorithm is ours and not the header's;
 * a header with anything else in it (`crit`, `jwk`, `x5c`, …) is refused.
 *
 * Verified in place by `node:crypto`: half the CPU of a general JOSE library, whose asynchronous key path is what
 * costs, and there is nothing to negotiate.
 *
 * @example verifyCaller(header, { method: 'POST', path: '/v1/disclosures', body }, agency, enrolment, at).officer
 */
export function verifyCaller(
  token: string | undefined,
  request: BoundRequest,
  agency: AgencyId,
  enrolment: Pick<Enrolment, 'callerKey'>,
  at: Instant,
): CallerContext {
  if (token === undefined || token === '') throw refused('CALLER_MISSING', `the header ${CALLER_HEADER} is missing`);
  const [header, payload, signature, ...rest] = token.length <= LONGEST ? token.split('.') : [];
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0)
    throw refused('CALLER_MALFORMED', 'the caller context is not a compact JWS');

  const key = enrolment.callerKey(agency, readKeyId(header));
  if (key === undefined) throw refused('CALLER_KEY_UNKNOWN', 'the agency has not enrolled that key');
  // Whoever enrols keys refuses others; this line is what makes "EdDSA" mean Ed25519 even if that should fail.
  if (key.asymmetricKeyType !== 'ed25519') throw refused('CALLER_KEY_UNKNOWN', 'the key is not an Ed25519 key');
  const input = Buffer.from(`${header}.${payload}`, 'latin1');
  if (!SIGNATURE.test(signature) || !verify(null, input, key, Buffer.from(signature, 'base64url')))
    throw refused('CALLER_SIGNATURE', 'the signature does not verify');

  const claims = readClaims(payload);
  const now = Math.floor(at / 1000);
  if (claims.exp <= claims.iat || claims.exp - claims.iat > LONGEST_LIFE_S)
    throw refused('CALLER_MALFORMED', `exp is 1 to ${LONGEST_LIFE_S} seconds after iat`);
  if (claims.iat > now + SKEW_S) throw refused('CALLER_NOT_YET_VALID', 'iat lies in the future: check the clock');
  if (claims.exp <= now)
    throw refused('CALLER_EXPIRED', 'exp has passed: sign anew for every request, check the clock');
  if (claims.htd !== requestDigest(request))
    throw refused('CALLER_OTHER_REQUEST', 'htd is not the digest of this method, path and body');
  return {
    agency,
    officer: claims.officer as OfficerId,
    role: claims.role as Role,
    ...(claims.unit === undefined ? {} : { unit: claims.unit as UnitId }),
    ...(claims.case === undefined ? {} : { caseReference: claims.case }),
  };
}

/**
 * Signs who is asking, for one request. Runs at an agency; the key never leaves it.
 *
 * @example
 * const body = JSON.stringify({ subject, purpose, fields });
 * fetch(`${gateway}/v1/disclosures`, { method: 'POST', body, headers: { 'content-type': 'application/json',
 *   'postern-caller': signCaller({ kid, key, officer, role }, { method: 'POST', path: '/v1/disclosures', body }, at) } });
 */
export function signCaller(
  caller: {
    readonly kid: string;
    readonly key: KeyObject;
    readonly unit?: string;
    readonly officer: string;
    readonly role: string;
    readonly caseReference?: string;
  },
  request: { readonly method: string; readonly path: string; readonly body?: string | Uint8Array },
  at: Instant,
): string {
  const iat = Math.floor(at / 1000);
  const body = typeof request.body === 'string' ? Buffer.from(request.body) : (request.body ?? new Uint8Array());
  const header = encode({ alg: 'EdDSA', typ: TYPE, kid: caller.kid });
  const payload = encode({
    unit: caller.unit,
    officer: caller.officer,
    role: caller.role,
    case: caller.caseReference,
    iat,
    exp: iat + 120,
    htd: requestDigest({ method: request.method, path: request.path, body }),
  });
  const signature = sign(null, Buffer.from(`${header}.${payload}`, 'latin1'), caller.key);
  return `${header}.${payload}.${signature.toString('base64url')}`;
}

/** SHA-256 of method, space, request target, line feed and body, in base64url. Neither of the first two holds a space. */
export function requestDigest({ method, path, body }: BoundRequest): string {
  return createHash('sha256').update(`${method} ${path}\n`).update(body).digest('base64url');
}

interface Claims {
  readonly unit: string | undefined;
  readonly officer: string;
  readonly role: string;
  readonly case: string | undefined;
  readonly iat: number;
  readonly exp: number;
  readonly htd: string;
}

function readKeyId(segment: string): string {
  const { alg, typ, kid, ...others } = readSegment(segment);
  if (alg !== 'EdDSA') throw refused('CALLER_MALFORMED', 'alg must be EdDSA');
  if (typ !== TYPE) throw refused('CALLER_MALFORMED', `typ must be ${TYPE}`);
  if (typeof kid !== 'string' || kid.length > 128) throw refused('CALLER_MALFORMED', 'kid is missing');
  if (Object.keys(others).length > 0)
    throw refused('CALLER_MALFORMED', 'the header holds alg, typ and kid, nothing else');
  return kid;
}

function readClaims(segment: string): Claims {
  const claims = readSegment(segment);
  for (const name of Object.keys(claims))
    if (!CLAIMS.has(name)) throw refused('CALLER_MALFORMED', 'the context holds a claim that we do not know');
  const { htd } = claims;
  if (typeof htd !== 'string') throw refused('CALLER_MALFORMED', 'htd is missing');
  return {
    unit: claims.unit === undefined ? undefined : readName(claims.unit, 'unit'),
    officer: readName(claims.officer, 'officer'),
    role: readName(claims.role, 'role'),
    case: claims.case === undefined ? undefined : readName(claims.case, 'case'),
    iat: readSeconds(claims.iat, 'iat'),
    exp: readSeconds(claims.exp, 'exp'),
    htd,
  };
}

function readName(value: unknown, name: string): string {
  if (typeof value === 'string' && /^[^\p{C}]{1,128}$/u.test(value) && value.trim() === value) return value;
  throw refused('CALLER_MALFORMED', `${name} is a text of 1 to 128 characters`);
}

function readSeconds(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value < 1e11) return value;
  throw refused('CALLER_MALFORMED', `${name} is a whole number of seconds`);
}

function readSegment(segment: string): Record<string, unknown> {
  if (!SEGMENT.test(segment)) throw refused('CALLER_MALFORMED', 'the caller context is not base64url');
  let value: unknown;
  try {
    value = readJson(Buffer.from(segment, 'base64url'));
  } catch {
    throw refused('CALLER_MALFORMED', 'the caller context does not hold JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refused('CALLER_MALFORMED', 'the caller context does not hold an object');
  return value as Record<string, unknown>;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function refused(code: WebErrorCode, message: string): WebError {
  return new WebError(code, message);
}
