import * as fc from 'fast-check';
import type { EntryId, OfficerId } from '#terms';
import type { Capacity, Consent, Directive, Member, Signer, Signing } from './consent.js';
import { draft } from './draft.js';
import { ConsentError, type ConsentErrorCode } from './error.js';
import {
  active,
  advocate,
  atTheShelter,
  birthDate,
  consentId,
  DAY,
  detective,
  hospital,
  injuries,
  later,
  level,
  noField,
  noon,
  noPurpose,
  operator,
  permit,
  police,
  recordsOffice,
  refusal,
  safePhone,
  shelter,
  signing,
  words,
} from './mara.fixture.js';
import { stateAt, stateShownTo } from './state.js';
import { annul, confirm, giveBack, record, recordInert, use, withdraw, withdrawAll } from './transitions.js';

const entry = 'e1' as EntryId;
const prepared = (directive: Directive = permit()): Consent =>
  draft({ id: consentId('c1'), person: atTheShelter, directive, preparedBy: advocate, preparedAt: noon }, words);
const fromHospital = { kind: 'discloser', by: recordsOffice, at: later(1) } as const;

function codeOf(act: () => unknown): ConsentErrorCode | 'nothing thrown' {
  try {
    act();
  } catch (error) {
    if (error instanceof ConsentError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

describe('a release', () => {
  it('is pending where the agency that recorded it gains from it, until the discloser confirms', () => {
    const pending = record(prepared(), signing());
    expect(pending.state).toBe('pending');
    const confirmed = confirm(pending, fromHospital);
    expect(confirmed).toMatchObject({ state: 'active', activeFrom: later(1), confirmations: [fromHospital] });
  });

  it('is active at once where the discloser, or a third agency that gains nothing, recorded it', () => {
    expect(record(prepared(), signing({ recordedBy: recordsOffice })).state).toBe('active');
    expect(record(prepared(), signing({ recordedBy: detective })).state).toBe('active');
    const toOperator = permit({ disclosers: [shelter], recipients: [operator] });
    expect(record(prepared(toOperator), signing()).state).toBe('active');
  });

  it('waits for every discloser, or for her', () => {
    const fromBoth = permit({ disclosers: [hospital, police] });
    const pending = record(prepared(fromBoth), signing());
    const half = confirm(pending, fromHospital);
    expect(half.state).toBe('pending');
    expect(confirm(half, fromHospital).state).toBe('pending');
    expect(confirm(half, { kind: 'discloser', by: detective, at: later(2) }).state).toBe('active');
    expect(confirm(pending, { kind: 'she', witness: detective, at: later(2) }).state).toBe('active');
  });

  it('in both directions still waits for the other side', () => {
    const both = permit({ disclosers: [hospital, shelter], recipients: [hospital, shelter] });
    const pending = record(prepared(both), signing());
    expect(pending.state).toBe('pending');
    expect(confirm(pending, fromHospital).state).toBe('active');
  });

  it.each([
    ['the agency that recorded it', { kind: 'discloser', by: advocate, at: noon }],
    ['an agency that discloses nothing', { kind: 'discloser', by: detective, at: noon }],
    ['her, as witnessed by the agency that gains', { kind: 'she', witness: advocate, at: noon }],
  ] as const)('is not confirmed by %s', (_, confirmation) => {
    const pending = record(prepared(), signing());
    expect(codeOf(() => confirm(pending, confirmation))).toBe('CONSENT_CONFIRMER_NOT_ENTITLED');
  });

  it('is not confirmed after its end', () => {
    const pending = record(prepared(), signing());
    expect(codeOf(() => confirm(pending, { ...fromHospital, at: later(90 * DAY) }))).toBe('CONSENT_END_INVALID');
  });

  it('for one disclosure is used up by it', () => {
    const once = active('c1', permit({ end: { kind: 'once' } }));
    const used = use(once, entry, later(5));
    expect(stateAt(used, later(6))).toBe('expired');
    expect(codeOf(() => use(used, entry, later(7)))).toBe('CONSENT_USED_UP');
    expect(giveBack(used, entry)).toEqual(once);
    expect(giveBack(used, 'e2' as EntryId)).toBeUndefined();
    expect(giveBack(once, entry)).toBeUndefined();
    expect(giveBack(withdraw(used, advocate, later(7)), entry)).toBeUndefined();
    const lasting = active('c2', permit());
    expect(use(lasting, entry, later(5))).toBe(lasting);
    expect(codeOf(() => use(lasting, entry, later(90 * DAY)))).toBe('CONSENT_WRONG_STATE');
  });

  it('does not begin before it was confirmed, and is over at its end', () => {
    const consent = { ...active('c1', permit()), activeFrom: later(10) };
    expect([9, 10, 90 * DAY - 1, 90 * DAY].map((after) => stateAt(consent, later(after)))).toEqual([
      'pending',
      'active',
      'active',
      'expired',
    ]);
  });

  it('once withdrawn is withdrawn at every instant, also before that was said', () => {
    const gone = withdraw(active('c1', permit()), detective, later(1000));
    expect(stateAt(gone, later(500))).toBe('withdrawn');
  });
});

describe('withdrawing', () => {
  it('works from every state of a release, by any member, and changes a final one no more', () => {
    const drafted = prepared();
    const pending = record(drafted, signing());
    const inert = recordInert(drafted, signing(), advocate);
    for (const consent of [drafted, pending, confirm(pending, fromHospital), inert])
      expect(withdraw(consent, detective, later(3))).toMatchObject({ state: 'withdrawn', heardBy: detective });
    const gone = withdraw(pending, detective, later(3));
    expect(withdraw(gone, advocate, later(9))).toBe(gone);
    const annulled = annul(pending, 'not_informed', recordsOffice, later(3));
    expect(withdraw(annulled, advocate, later(9))).toBe(annulled);
  });

  it('does not reach a refusal: that would widen', () => {
    const no = active('r1', refusal());
    expect(codeOf(() => withdraw(no, advocate, noon))).toBe('CONSENT_REFUSAL_STANDS');
    expect(codeOf(() => annul(no, 'not_given_by_her', advocate, noon))).toBe('CONSENT_REFUSAL_STANDS');
    expect(withdrawAll([no], { kind: 'everything' }, advocate, noon)).toEqual([]);
  });

  it('stops everything, one flow, or one release, and leaves the rest', () => {
    const toShelter = active('to-shelter', permit());
    const toPolice = active('to-police', permit({ disclosers: [shelter], recipients: [police] }));
    const toBoth = active('to-both', permit({ recipients: [shelter, police] }));
    const unclear = active('unclear', permit({ unresolved: [{ what: 'recipient', text: 'the officers' }] }));
    const gone = withdraw(active('gone', permit()), advocate, noon);
    const all = [toShelter, toPolice, toBoth, unclear, gone];
    const stopped = (stop: Parameters<typeof withdrawAll>[1]): string[] =>
      withdrawAll(all, stop, detective, later(1)).map((consent) => consent.id);
    expect(stopped({ kind: 'everything' })).toEqual(['to-shelter', 'to-police', 'to-both', 'unclear']);
    expect(stopped({ kind: 'flow', recipient: police })).toEqual(['to-police', 'to-both', 'unclear']);
    expect(stopped({ kind: 'flow', discloser: shelter, recipient: police })).toEqual(['to-police']);
    expect(stopped({ kind: 'consent', id: consentId('to-both') })).toEqual(['to-both']);
  });
});

const herself: Signer = { kind: 'herself' };
const parent = (abusive: 'yes' | 'no' | 'unknown'): Signer => ({ kind: 'parent', abusive });
const adult: Capacity = { kind: 'adult' };
const minor = (mayGetServiceAlone: boolean): Capacity => ({
  kind: 'minor',
  mayGetServiceAlone,
  assessedBy: advocate,
});
const represented: Capacity = { kind: 'represented', assessedBy: recordsOffice };

describe('granting', () => {
  it.each<[string, Partial<Signing>, ConsentErrorCode]>([
    ['spoken only', { form: 'spoken' }, 'CONSENT_FORM_MISSING'],
    ['not explained', { informed: undefined }, 'CONSENT_NOT_INFORMED'],
    [
      'as the price of a bed',
      { informed: { explainedBy: advocate, notice: 'n', notAConditionOfService: false } },
      'CONSENT_NOT_INFORMED',
    ],
    ['unwitnessed', { witnesses: [] }, 'CONSENT_WITNESS_MISSING'],
    ['by nobody', { signers: [] }, 'CONSENT_SIGNER_MAY_NOT_SIGN'],
  ])('%s is none', (_, changed, code) => {
    expect(codeOf(() => record(prepared(), signing(changed)))).toBe(code);
    expect(codeOf(() => recordInert(prepared(), signing(changed), advocate))).toBe(code);
  });

  it.each<[string, Capacity, Signer[], boolean]>([
    ['an adult signs', adult, [herself], true],
    ['an adult signs twice', adult, [herself, herself], false],
    ['a parent signs with an adult', adult, [herself, parent('no')], false],
    ['a parent signs for an adult', adult, [parent('no')], false],
    ['a minor who may get the service alone signs alone', minor(true), [herself], true],
    ['a parent signs with a minor who may get the service alone', minor(true), [herself, parent('no')], false],
    ['a parent signs instead of her', minor(true), [parent('no')], false],
    ['a minor signs with one parent', minor(false), [herself, parent('no')], true],
    ['a minor signs alone who may not', minor(false), [herself], false],
    ['a parent signs alone for a minor', minor(false), [parent('no')], false],
    ['an abusive parent signs with a minor', minor(false), [herself, parent('yes')], false],
    ['a parent of whom nobody knows signs with a minor', minor(false), [herself, parent('unknown')], false],
    ['an abusive parent signs beside the other one', minor(false), [herself, parent('no'), parent('yes')], false],
    ['a guardian signs for someone who cannot', represented, [{ kind: 'guardian', abusive: 'no' }], true],
    ['she and her guardian sign', represented, [herself, { kind: 'guardian', abusive: 'no' }], true],
    ['an abusive guardian signs', represented, [{ kind: 'guardian', abusive: 'yes' }], false],
    ['someone who cannot sign signs alone', represented, [herself], false],
  ])('%s', (_, capacity, signers, isValid) => {
    const code = codeOf(() => record(prepared(), signing({ capacity, signers })));
    expect(code).toBe(isValid ? 'nothing thrown' : 'CONSENT_SIGNER_MAY_NOT_SIGN');
  });

  it('a refusal takes no form and no witness, but not the word of an abuser', () => {
    const said: Partial<Signing> = { form: 'spoken', witnesses: [], informed: undefined };
    expect(record(prepared(refusal()), signing(said)).state).toBe('active');
    for (const signers of [[parent('yes')], [herself, parent('yes')], []])
      expect(codeOf(() => record(prepared(refusal()), signing({ ...said, signers })))).toBe(
        'CONSENT_SIGNER_MAY_NOT_SIGN',
      );
  });
});

describe('a draft', () => {
  it.each<[string, Directive, ConsentErrorCode]>([
    ['no discloser', permit({ disclosers: [] }), 'CONSENT_SCOPE_INVALID'],
    ['no field', permit({ fields: new Map() }), 'CONSENT_SCOPE_INVALID'],
    ['nothing of a field', permit({ fields: new Map([[injuries, level(0)]]) }), 'CONSENT_SCOPE_INVALID'],
    ['half a level', permit({ fields: new Map([[birthDate, level(1.5)]]) }), 'CONSENT_SCOPE_INVALID'],
    ['more than there is', permit({ fields: new Map([[safePhone, level(2)]]) }), 'CONSENT_UNKNOWN_WORD'],
    ['a field of no vocabulary', permit({ fields: new Map([[noField, level(1)]]) }), 'CONSENT_UNKNOWN_WORD'],
    ['a purpose of no vocabulary', permit({ purposes: [noPurpose] }), 'CONSENT_UNKNOWN_WORD'],
    ['an agency twice', permit({ recipients: [shelter, shelter] }), 'CONSENT_SCOPE_INVALID'],
    ['an agency to itself', permit({ recipients: [hospital] }), 'CONSENT_SCOPE_INVALID'],
    ['a refusal twice', permit({ lifts: [consentId('r'), consentId('r')] }), 'CONSENT_SCOPE_INVALID'],
    [
      'a day that never comes',
      permit({ end: { kind: 'date', date: '2027-02-29', timeZone: 'UTC' } }),
      'CONSENT_END_INVALID',
    ],
    ['a refusal of an unknown field', refusal({ fields: [noField] }), 'CONSENT_UNKNOWN_WORD'],
    ['a refusal of no field', refusal({ fields: [] }), 'CONSENT_SCOPE_INVALID'],
  ])('that names %s is refused', (_, directive, code) => {
    expect(codeOf(() => prepared(directive))).toBe(code);
  });
});

describe('an inert release', () => {
  it('shows as inert only to the advocate who enrolled her', () => {
    const inert = recordInert(prepared(), signing(), advocate);
    const colleague: Member = { agency: shelter, officer: 'b.novak' as OfficerId };
    expect(stateShownTo(inert, advocate, noon)).toBe('inert');
    for (const viewer of [colleague, recordsOffice, detective])
      expect(stateShownTo(inert, viewer, noon)).toBe('not_asked');
    expect(codeOf(() => recordInert(prepared(refusal()), signing(), advocate))).toBe('CONSENT_REFUSAL_STANDS');
  });
});

type Step = (consent: Consent) => Consent;

function stepOrStay(step: Step | undefined, consent: Consent): Consent {
  try {
    return step === undefined ? consent : step(consent);
  } catch (error) {
    if (error instanceof ConsentError) return consent;
    throw error;
  }
}

describe('states', () => {
  const steps: Record<string, Step> = {
    record: (consent) => record(consent, signing()),
    recordByDiscloser: (consent) => record(consent, signing({ recordedBy: recordsOffice })),
    recordInert: (consent) => recordInert(consent, signing(), advocate),
    confirm: (consent) => confirm(consent, fromHospital),
    withdraw: (consent) => withdraw(consent, detective, later(2)),
    annul: (consent) => annul(consent, 'subject_died', advocate, later(2)),
    use: (consent) => use(consent, entry, later(3)),
  };
  const ALLOWED: Record<Consent['state'], readonly Consent['state'][]> = {
    draft: ['pending', 'active', 'inert', 'withdrawn', 'void'],
    pending: ['pending', 'active', 'withdrawn', 'void'],
    active: ['active', 'withdrawn', 'void'],
    inert: ['withdrawn', 'void'],
    withdrawn: ['withdrawn'],
    void: ['void'],
  };

  it('never jump, and nothing leads out of a final one, whatever is tried in whatever order', () => {
    const tried = fc.array(fc.constantFrom(...Object.keys(steps)), { maxLength: 8 });
    fc.assert(
      fc.property(tried, fc.boolean(), (names, once) => {
        let consent = prepared(permit(once ? { end: { kind: 'once' } } : {}));
        for (const name of names) {
          const before = consent;
          consent = stepOrStay(steps[name], consent);
          expect(consent === before || ALLOWED[before.state].includes(consent.state)).toBe(true);
          expect({ id: consent.id, scope: consent.directive.scope }).toEqual({
            id: before.id,
            scope: before.directive.scope,
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are copied, never changed in place', () => {
    const pending = Object.freeze(record(prepared(), signing()));
    const before = structuredClone(pending);
    confirm(pending, fromHospital);
    withdraw(pending, detective, later(1));
    annul(pending, 'not_informed', advocate, later(1));
    expect(pending).toEqual(before);
  });
});
