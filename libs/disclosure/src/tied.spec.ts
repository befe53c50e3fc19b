import type { HandleId, Purpose, UnitId } from '#terms';
import {
  accountFor,
  answerInquiry,
  assertFact,
  confirmConsent,
  consentsToConfirm,
  openInquiries,
  openReviews,
  recordConsent,
  unlink,
} from './index.js';
import {
  type County,
  advocate,
  ask,
  at,
  bundle,
  caller,
  clinician,
  detective,
  detectives,
  dvOfficer,
  hospital,
  linkByCode,
  open,
  openCounty,
  police,
  release,
  shelter,
} from '../testonly/county.js';

const security = 'security' as UnitId;
const guard = caller(hospital, 'clinician', security);
const WANTED = ['medical.injury_findings', 'person.legal_name'];
const threat = {
  purpose: 'emergency' as Purpose,
  declares: [{ ground: 'serious_imminent_threat', reason: 'He is on his way with a weapon' }],
};
const confirm = { kind: 'confirm' as const, grounds: ['serious_imminent_threat'], reason: 'I saw the threats' };

/** His brother works at the hospital, in its security; the shelter has said so. */
async function brotherAtTheHospital() {
  const county = openCounty();
  const atShelter = await open(county, shelter, 'HH-0142');
  const atHospital = await open(county, hospital, '900417');
  const atPolice = await open(county, police, 'P-55821');
  await linkByCode(county, shelter, atShelter, hospital, atHospital);
  await linkByCode(county, hospital, atHospital, police, atPolice);
  return { county, atShelter, atHospital, atPolice };
}

function tieOfSecurity(county: County, atShelter: HandleId) {
  const said = {
    fact: 'perpetrator_at_requester' as never,
    value: 'yes',
    towards: { agency: hospital.id, unit: security },
  };
  return assertFact(county, shelter, advocate, { subject: atShelter, ...said, basis: 'what she told us' }, at);
}

describe('the desk of an agency', () => {
  it('shows whoever is tied to him no question about her, and takes no answer', async () => {
    const { county, atShelter, atPolice } = await brotherAtTheHospital();
    await tieOfSecurity(county, atShelter);
    await ask(county, police, dvOfficer, atPolice, WANTED, threat);
    const [inquiry] = openInquiries(county, hospital, clinicianOf('wards'), at);
    expect(openInquiries(county, hospital, guard, at)).toEqual([]);
    // Who states no unit meets every tie.
    expect(openInquiries(county, hospital, clinician, at)).toEqual([]);
    const answer = answerInquiry(county, hospital, guard, inquiry!.id, confirm, at);
    await expect(answer).rejects.toMatchObject({ code: 'QUESTION_UNKNOWN' });
  });

  it('shows whoever is tied to him no review of what left about her', async () => {
    const { county, atShelter, atPolice } = await brotherAtTheHospital();
    await ask(county, police, dvOfficer, atPolice, WANTED, threat);
    const [inquiry] = openInquiries(county, hospital, clinician, at);
    await answerInquiry(county, hospital, clinician, inquiry!.id, confirm, at);
    await ask(county, police, dvOfficer, atPolice, WANTED, threat);
    await tieOfSecurity(county, atShelter);
    expect(openReviews(county, hospital, clinicianOf('wards'), at)).toHaveLength(1);
    expect(openReviews(county, hospital, guard, at)).toEqual([]);
  });

  it('shows whoever is tied to him no release that waits, and takes no confirmation of it', async () => {
    const { county, atShelter } = await brotherAtTheHospital();
    await tieOfSecurity(county, atShelter);
    const words = release({ from: hospital, to: shelter, fields: { 'medical.injury_findings': 'full' } });
    const { result } = await recordConsent(county, shelter, advocate, { subject: atShelter, ...words }, at);
    expect(consentsToConfirm(county, hospital, clinicianOf('wards'), at)).toHaveLength(1);
    expect(consentsToConfirm(county, hospital, guard, at)).toEqual([]);
    const confirmed = confirmConsent(county, hospital, guard, result.id, 'discloser', at);
    await expect(confirmed).rejects.toMatchObject({ code: 'CONSENT_UNKNOWN' });
  });
});

describe('the account of a disclosure', () => {
  it('stays closed to whoever is tied to him after his agency has ended the link that the tie came over', async () => {
    const county = openCounty();
    const atShelter = await open(county, shelter, 'HH-0142');
    const atHospital = await open(county, hospital, '900417');
    const atPolice = await open(county, police, 'P-55821');
    await linkByCode(county, shelter, atShelter, police, atPolice);
    await linkByCode(county, hospital, atHospital, police, atPolice);
    const towards = { agency: police.id, unit: detectives };
    const tie = { subject: atShelter, fact: 'perpetrator_at_requester' as never, value: 'yes', towards, basis: 'told' };
    await assertFact(county, shelter, advocate, tie, at);
    const { receipt } = await ask(county, hospital, clinician, atHospital, ['protection_order.served']);
    const entry = Buffer.from(receipt.subarray(0, 16)).toString('hex') as never;
    const desk = {
      ...county,
      entries: {
        find: (id: Uint8Array) =>
          Promise.resolve(county.log.stored.find((stored) => Buffer.compare(stored.id, id) === 0)),
      },
      bundles: { find: () => Promise.resolve(bundle) },
      wrappedKeys: { find: () => Promise.resolve(new Map()) },
    };
    expect((await accountFor(desk, police, dvOfficer, entry, at)).asker.agency).toBe(hospital.id);
    await unlink(county, police, { subject: atPolice, other: hospital.id }, at);
    await expect(accountFor(desk, police, detective, entry, at)).rejects.toMatchObject({ code: 'ENTRY_UNKNOWN' });
  });
});

function clinicianOf(unit: string) {
  return caller(hospital, 'clinician', unit as UnitId);
}
