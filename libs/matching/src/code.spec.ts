import * as fc from 'fast-check';
import type { LinkId, OfficerId } from '#terms';
import {
  cancelCode,
  type CodeId,
  type CodeRequest,
  codeStateAt,
  confirmCode,
  FAILURES_ALLOWED,
  issueCode,
  type LinkCode,
  LONGEST_CODE_LIFE_MS,
  redeemCode,
  type RedemptionAttempt,
  shownToRedeemer,
} from './code.js';
import { MatchingError, type MatchingErrorCode } from './error.js';
import { court, DAY, handle, hospital, later, link, noon, police, shelter } from './mara.fixture.js';

const secretHash = 'ab'.repeat(32);
const atHospital = handle('mrn', hospital);
const atPolice = handle('p', police);
const request: CodeRequest = {
  id: 'code-1' as CodeId,
  secretHash,
  issuer: atHospital,
  officer: 'records-2' as OfficerId,
  recipient: police,
  legalBasis: 'mandatory injury report',
  at: noon,
  expiresAt: later(2 * DAY),
};
const attempt: RedemptionAttempt = {
  secretHash,
  by: atPolice,
  officer: 'r.osei' as OfficerId,
  at: later(1),
  failures: [],
};
const issued = issueCode(request);
const redeemed = redeemCode(issued, attempt);
const theLink = 'link-1' as LinkId;
const byBoth = (code: LinkCode): LinkCode =>
  confirmCode(
    confirmCode(code, { agency: police, at: later(2), link: theLink }, []),
    { agency: hospital, at: later(3), link: theLink },
    [],
  );

function problemOf(act: () => unknown): [MatchingErrorCode, string] | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof MatchingError) return [error.code, error.message];
    throw error;
  }
  return undefined;
}

describe('a link code', () => {
  it('links two handles once it was redeemed by its recipient and confirmed by both', () => {
    expect(redeemed.state).toBe('redeemed');
    expect(confirmCode(redeemed, { agency: hospital, at: later(2), link: theLink }, []).state).toBe('redeemed');
    expect(byBoth(redeemed)).toMatchObject({
      state: 'confirmed',
      link: {
        id: theLink,
        a: atHospital.id,
        b: atPolice.id,
        basis: { kind: 'code', legalBasis: 'mandatory injury report' },
        madeAt: later(3),
      },
    });
  });

  it('is not confirmed by one side twice, nor by an outsider, nor before it was redeemed', () => {
    const once = confirmCode(redeemed, { agency: police, at: later(2), link: theLink }, []);
    expect(confirmCode(once, { agency: police, at: later(3), link: theLink }, []).state).toBe('redeemed');
    const by = (agency: typeof court, code: LinkCode) => () =>
      confirmCode(code, { agency, at: later(4), link: theLink }, []);
    expect(problemOf(by(court, once))?.[0]).toBe('MATCHING_NOT_A_PARTY');
    expect(problemOf(by(hospital, issued))?.[0]).toBe('MATCHING_CODE_WRONG_STATE');
    expect(problemOf(by(hospital, byBoth(redeemed)))?.[0]).toBe('MATCHING_CODE_WRONG_STATE');
  });

  it('fails in the same words whatever is wrong with it', () => {
    const cancelled = cancelCode(issued, hospital, later(1));
    const foreign = issueCode({ ...request, recipient: court });
    const tries: [LinkCode | undefined, Partial<RedemptionAttempt>][] = [
      [undefined, {}],
      [issued, { secretHash: 'cd'.repeat(32) }],
      [issued, { secretHash: 'ab' }],
      [foreign, {}],
      [issued, { by: handle('c', court) }],
      [issued, { by: atHospital }],
      [issued, { at: later(2 * DAY) }],
      [redeemed, {}],
      [byBoth(redeemed), {}],
      [cancelled, {}],
    ];
    for (const [code, changed] of tries)
      expect(problemOf(() => redeemCode(code, { ...attempt, ...changed }))).toEqual([
        'MATCHING_CODE_NOT_ACCEPTED',
        'this code is not accepted',
      ]);
  });

  it('never shows its redeemer who issued it, or why', () => {
    expect(shownToRedeemer(redeemed)).toEqual({ id: 'code-1', confirmBy: later(2 * DAY) });
    expect(JSON.stringify(shownToRedeemer(redeemed))).not.toMatch(/brigid|mrn|records|injury/);
  });

  it('resists guessing: after a few failures in an hour not even a right one is looked at', () => {
    const failures = Array.from({ length: FAILURES_ALLOWED }, (_, index) => later(index));
    const again = { ...attempt, at: later(10), failures };
    expect(problemOf(() => redeemCode(issued, again))?.[0]).toBe('MATCHING_TOO_MANY_ATTEMPTS');
    expect(problemOf(() => redeemCode(undefined, again))?.[0]).toBe('MATCHING_TOO_MANY_ATTEMPTS');
    expect(redeemCode(issued, { ...again, failures: failures.slice(1) }).state).toBe('redeemed');
    expect(redeemCode(issued, { ...again, at: later(60 * 60 * 1000) }).state).toBe('redeemed');
  });

  it.each<[string, Partial<CodeRequest>, MatchingErrorCode]>([
    ['to the agency itself', { recipient: hospital }, 'MATCHING_SAME_AGENCY'],
    ['for longer than a week', { expiresAt: later(LONGEST_CODE_LIFE_MS + 1) }, 'MATCHING_CODE_INVALID'],
    ['that has expired', { expiresAt: noon }, 'MATCHING_CODE_INVALID'],
    ['with its secret in the clear', { secretHash: '7GQ2-MARA' }, 'MATCHING_CODE_INVALID'],
    ['on no basis', { legalBasis: ' ' }, 'MATCHING_CODE_INVALID'],
    ['on a basis of two lines', { legalBasis: 'a\nb' }, 'MATCHING_CODE_INVALID'],
  ])('is not issued %s', (_, changed, code) => {
    expect(problemOf(() => issueCode({ ...request, ...changed }))?.[0]).toBe(code);
  });

  it('expires, also between redeeming and confirming', () => {
    expect(codeStateAt(redeemed, later(2 * DAY - 1))).toBe('redeemed');
    expect(codeStateAt(redeemed, later(2 * DAY))).toBe('expired');
    expect(problemOf(() => confirmCode(redeemed, { agency: hospital, at: later(2 * DAY), link: theLink }, []))).toEqual(
      ['MATCHING_CODE_WRONG_STATE', 'this code is expired'],
    );
    expect(codeStateAt(byBoth(redeemed), later(3 * DAY))).toBe('confirmed');
  });

  it('does not link again what is linked', () => {
    const once = confirmCode(redeemed, { agency: police, at: later(2), link: theLink }, []);
    const living = [link('l', atPolice, atHospital)];
    expect(problemOf(() => confirmCode(once, { agency: hospital, at: later(3), link: theLink }, living))?.[0]).toBe(
      'MATCHING_ALREADY_LINKED',
    );
  });

  it('is called off by either side, and by nobody else', () => {
    expect(cancelCode(redeemed, police, later(2)).state).toBe('cancelled');
    expect(problemOf(() => cancelCode(redeemed, shelter, later(2)))?.[0]).toBe('MATCHING_NOT_A_PARTY');
    expect(problemOf(() => cancelCode(byBoth(redeemed), police, later(9)))?.[0]).toBe('MATCHING_CODE_WRONG_STATE');
  });

  it('makes at most one link, whatever is tried in whatever order', () => {
    const steps: Record<string, (code: LinkCode) => LinkCode> = {
      redeem: (code) => redeemCode(code, attempt),
      redeemElsewhere: (code) => redeemCode(code, { ...attempt, by: handle('p2', police) }),
      hospital: (code) => confirmCode(code, { agency: hospital, at: later(2), link: theLink }, []),
      police: (code) => confirmCode(code, { agency: police, at: later(2), link: 'link-2' as LinkId }, []),
      cancel: (code) => cancelCode(code, hospital, later(3)),
    };
    const law = fc.property(fc.array(fc.constantFrom(...Object.keys(steps)), { maxLength: 10 }), (names) => {
      const links = new Set<string>();
      let code: LinkCode = issued;
      for (const name of names) {
        code = stepOrStay(steps[name], code);
        if (code.state === 'confirmed') links.add(`${code.link.id} ${code.link.b}`);
      }
      return links.size <= 1;
    });
    expect(() => fc.assert(law, { numRuns: 300 })).not.toThrow();
  });
});

function stepOrStay(step: ((code: LinkCode) => LinkCode) | undefined, code: LinkCode): LinkCode {
  try {
    return step === undefined ? code : step(code);
  } catch (error) {
    if (error instanceof MatchingError) return code;
    throw error;
  }
}
