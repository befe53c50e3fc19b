import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import * as fc from 'fast-check';
import { CompactSign, UnsecuredJWT } from 'jose';
import { createCallerKey, readCallerKey } from '#certificates';
import { type AgencyId, instantOf } from '#terms';
import { requestDigest, signCaller, verifyCaller } from './caller-context.js';

const police = 'county-police' as AgencyId;
const shelter = 'harbour-house' as AgencyId;
const at = instantOf(Date.UTC(2026, 2, 1, 9));
const seconds = at / 1000;
const body = Buffer.from('{"subject":"h-1"}');
const request = { method: 'POST', path: '/v1/disclosures?x=1', body };

function pair() {
  const made = createCallerKey();
  return {
    kid: made.kid as string,
    key: createPrivateKey({ key: { ...made.privateKey }, format: 'jwk' }),
    publicKey: readCallerKey(made.publicKey).publicKey,
  };
}

const ours = pair();
const other = pair();
const enrolled: Record<string, KeyObject> = { [`${police} ${ours.kid}`]: ours.publicKey };
const enrolment = { callerKey: (agency: AgencyId, kid: string) => enrolled[`${agency} ${kid}`] };
const officer = { officer: 'o-417', role: 'investigator' };
const caller = { ...officer, kid: ours.kid, key: ours.key, unit: 'detectives', caseReference: 'CP-2026-88' };
const check = (token: string | undefined, changed: Partial<typeof request> = {}, agency = police, when = at) =>
  verifyCaller(token, { ...request, ...changed }, agency, enrolment, when);
const withCode = (code: string) => expect.objectContaining({ name: 'WebError', code });

const header = { alg: 'EdDSA', typ: 'postern-caller+jwt', kid: ours.kid };
const claims = { ...officer, iat: seconds, exp: seconds + 60, htd: requestDigest(request) };
const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
/** Signs whatever it is given, so that each refusal below is for its own reason and not for a bad signature. */
function forged(head: unknown, payload: unknown, key = ours.key): string {
  const input = `${part(head)}.${part(payload)}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
}

describe('verifyCaller', () => {
  it('says who asks', () => {
    expect(check(signCaller(caller, request, at))).toEqual({
      agency: 'county-police',
      unit: 'detectives',
      officer: 'o-417',
      role: 'investigator',
      caseReference: 'CP-2026-88',
    });
    expect(check(forged(header, claims))).toEqual({ agency: 'county-police', ...officer });
  });

  it('takes what a general JOSE library signs', async () => {
    const token = await new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(header).sign(ours.key);
    expect(check(token).officer).toBe('o-417');
  });

  it.each<[string, string | undefined, string]>([
    ['nothing', undefined, 'CALLER_MISSING'],
    ['an empty header', '', 'CALLER_MISSING'],
    ['one part', 'abc', 'CALLER_MALFORMED'],
    ['five parts, an encrypted token', 'a.b.c.d.e', 'CALLER_MALFORMED'],
    ['a megabyte', 'a'.repeat(1_000_000), 'CALLER_MALFORMED'],
    ['what is not base64url', `${part(header)}.${part(claims)}=.AAAA`, 'CALLER_SIGNATURE'],
    ['no JSON', forged('{', claims), 'CALLER_MALFORMED'],
    ['a list', forged([header], claims), 'CALLER_MALFORMED'],
    ['a key given twice', forged(`{"alg":"EdDSA","alg":"EdDSA","typ":"x","kid":"y"}`, claims), 'CALLER_MALFORMED'],
    ['a key of nobody', forged({ ...header, kid: other.kid }, claims, other.key), 'CALLER_KEY_UNKNOWN'],
    ['a key called __proto__', forged({ ...header, kid: '__proto__' }, claims), 'CALLER_KEY_UNKNOWN'],
    ['a signature by another key', forged(header, claims, other.key), 'CALLER_SIGNATURE'],
    ['no signature', `${part(header)}.${part(claims)}.`, 'CALLER_SIGNATURE'],
    ['alg none', new UnsecuredJWT(claims).encode(), 'CALLER_MALFORMED'],
    ['alg none, with our header', forged({ ...header, alg: 'none' }, claims), 'CALLER_MALFORMED'],
    ['alg None', forged({ ...header, alg: 'None' }, claims), 'CALLER_MALFORMED'],
    ['no alg', forged({ typ: header.typ, kid: header.kid }, claims), 'CALLER_MALFORMED'],
    ['another type of token', forged({ ...header, typ: 'JWT' }, claims), 'CALLER_MALFORMED'],
    ['a critical extension', forged({ ...header, crit: ['b64'], b64: false }, claims), 'CALLER_MALFORMED'],
    [
      'a key of its own',
      forged({ ...header, jwk: other.publicKey.export({ format: 'jwk' }) }, claims),
      'CALLER_MALFORMED',
    ],
    ['an unknown claim', forged(header, { ...claims, admin: true }), 'CALLER_MALFORMED'],
    ['no officer', forged(header, { ...claims, officer: undefined }), 'CALLER_MALFORMED'],
    ['a list of officers', forged(header, { ...claims, officer: ['o-417'] }), 'CALLER_MALFORMED'],
    ['an officer with a line break', forged(header, { ...claims, officer: 'o\n1' }), 'CALLER_MALFORMED'],
    ['an officer of blanks', forged(header, { ...claims, officer: ' ' }), 'CALLER_MALFORMED'],
    ['a long officer', forged(header, { ...claims, officer: 'o'.repeat(129) }), 'CALLER_MALFORMED'],
    ['no role', forged(header, { ...claims, role: undefined }), 'CALLER_MALFORMED'],
    ['a time as text', forged(header, { ...claims, exp: String(seconds + 60) }), 'CALLER_MALFORMED'],
    ['a time in parts', forged(header, { ...claims, exp: seconds + 0.5 }), 'CALLER_MALFORMED'],
    ['a life of more than 5 minutes', forged(header, { ...claims, exp: seconds + 301 }), 'CALLER_MALFORMED'],
    ['an end before the beginning', forged(header, { ...claims, exp: seconds - 1 }), 'CALLER_MALFORMED'],
    ['no digest', forged(header, { ...claims, htd: undefined }), 'CALLER_MALFORMED'],
    [
      'the digest of another body',
      forged(header, { ...claims, htd: requestDigest({ ...request, body: Buffer.from('{}') }) }),
      'CALLER_OTHER_REQUEST',
    ],
  ])('refuses %s', (_, token, code) => {
    expect(() => check(token)).toThrow(withCode(code));
  });

  it('refuses HS256 under the public key as its secret', () => {
    const input = `${part({ ...header, alg: 'HS256' })}.${part(claims)}`;
    for (const secret of [
      ours.publicKey.export({ type: 'spki', format: 'pem' }),
      ours.publicKey.export({ type: 'spki', format: 'der' }),
      Buffer.from(String(ours.publicKey.export({ format: 'jwk' }).x), 'base64url'),
    ])
      expect(() => check(`${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`)).toThrow(
        withCode('CALLER_MALFORMED'),
      );
  });

  it('refuses a key that is not Ed25519, even where one was enrolled by mistake', () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const mistaken = { callerKey: () => createPublicKey(ec.privateKey) };
    const token = forged(header, claims, ec.privateKey);
    expect(() => verifyCaller(token, request, police, mistaken, at)).toThrow(withCode('CALLER_KEY_UNKNOWN'));
  });

  it("refuses one agency's key on another agency's connection", () => {
    const token = signCaller(caller, request, at);
    expect(() => check(token, {}, shelter)).toThrow(withCode('CALLER_KEY_UNKNOWN'));
  });

  it('holds for the times it says, and no clock that is wrong', () => {
    const token = signCaller(caller, request, at);
    const later = (ms: number) => instantOf(at + ms);
    expect(check(token, {}, police, later(119_999)).officer).toBe('o-417');
    expect(() => check(token, {}, police, later(120_000))).toThrow(withCode('CALLER_EXPIRED'));
    expect(check(token, {}, police, later(-30_000)).officer).toBe('o-417');
    expect(() => check(token, {}, police, later(-31_001))).toThrow(withCode('CALLER_NOT_YET_VALID'));
    expect(() => check(token, {}, police, later(3_600_000))).toThrow(withCode('CALLER_EXPIRED'));
    expect(() => check(token, {}, police, later(-3_600_000))).toThrow(withCode('CALLER_NOT_YET_VALID'));
  });

  it('holds for one method, path and body', () => {
    const token = signCaller(caller, request, at);
    expect(() => check(token, { method: 'PUT' })).toThrow(withCode('CALLER_OTHER_REQUEST'));
    expect(() => check(token, { path: '/v1/disclosures?x=2' })).toThrow(withCode('CALLER_OTHER_REQUEST'));
    expect(() => check(token, { body: Buffer.from('{"subject":"h-1"} ') })).toThrow(withCode('CALLER_OTHER_REQUEST'));
    expect(() => check(token, { path: '/v1/disclosures?x=1\n{"', body: Buffer.from('subject":"h-1"}') })).toThrow(
      withCode('CALLER_OTHER_REQUEST'),
    );
  });

  it('refuses a token with any one character changed', () => {
    const token = signCaller(caller, request, at);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...Array.from('AZaz09-_.=')), (index, character) => {
        fc.pre(token[index] !== character);
        expect(() => check(token.slice(0, index) + character + token.slice(index + 1))).toThrow(
          expect.objectContaining({ name: 'WebError' }),
        );
      }),
      { numRuns: 300 },
    );
  });
});
