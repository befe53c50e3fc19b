import type { HandleId, Purpose } from '#terms';
import { accountFor, answerInquiry, openInquiries } from './index.js';
import {
  type County,
  advocate,
  ask,
  at,
  clinician,
  bundle,
  caller,
  detective,
  dvOfficer,
  hospital,
  later,
  linkByCode,
  open,
  openCounty,
  police,
  recordsOfficer,
  shelter,
  values,
} from '../testonly/county.js';

const emergency = 'emergency' as Purpose;
const threat = {
  purpose: emergency,
  declares: [{ ground: 'serious_imminent_threat', reason: 'He is on his way with a weapon' }],
};
const WANTED = ['medical.injury_findings', 'person.legal_name', 'contact.safe_phone'];
const confirm = {
  kind: 'confirm' as const,
  grounds: ['serious_imminent_threat'],
  reason: 'I saw the threats in the chart',
};
const A_DAY = 24 * 60 * 60 * 1000;

async function linked() {
  const county = openCounty();
  const atShelter = await open(county, shelter, 'HH-0142');
  const atHospital = await open(county, hospital, '900417');
  const atPolice = await open(county, police, 'P-55821');
  await linkByCode(county, shelter, atShelter, police, atPolice);
  await linkByCode(county, hospital, atHospital, police, atPolice);
  return { county, atPolice };
}

describe('a declared danger', () => {
  it('opens nothing by itself, and asks a person only where her yes would', async () => {
    const { county, atPolice } = await linked();
    expect((await ask(county, police, dvOfficer, atPolice, WANTED, threat)).kind).toBe('uniform');
    expect(openInquiries(county, shelter, advocate, at)).toHaveLength(0);
    const [inquiry] = openInquiries(county, hospital, clinician, at);
    expect(inquiry).toMatchObject({
      fields: ['medical.injury_findings', 'person.legal_name'],
      grounds: ['serious_imminent_threat'],
      reason: 'He is on his way with a weapon',
      asker: { agency: police.id, unit: dvOfficer.unit },
    });
  });

  it('opens what the law then allows once a clinician has confirmed it, with a review', async () => {
    const { county, atPolice } = await linked();
    await ask(county, police, dvOfficer, atPolice, WANTED, threat);
    const [inquiry] = openInquiries(county, hospital, clinician, at);
    await answerInquiry(county, hospital, clinician, inquiry!.id, confirm, at);
    const answer = await ask(county, police, dvOfficer, atPolice, WANTED, threat);
    expect(values(answer)).toEqual({
      'medical.injury_findings': ['Fracture of the left wrist'],
      'person.legal_name': 'Mara Ellison',
    });
    expect(answer).toMatchObject({ validUntil: later(A_DAY) });
    expect(county.known.reviewsOf(hospital.id)).toMatchObject([
      { duty: 'second_person_review_24h', due: later(A_DAY) },
    ]);
  });

  it.each([
    ['another unit', (county: County, atPolice: HandleId) => ask(county, police, detective, atPolice, WANTED, threat)],
    [
      'another purpose',
      (county: County, atPolice: HandleId) =>
        ask(county, police, dvOfficer, atPolice, WANTED, { ...threat, purpose: 'investigation' as Purpose }),
    ],
    [
      'another field',
      (county: County, atPolice: HandleId) => ask(county, police, dvOfficer, atPolice, ['risk.level'], threat),
    ],
    [
      'a day later',
      (county: County, atPolice: HandleId) => ask(county, police, dvOfficer, atPolice, WANTED, threat, later(A_DAY)),
    ],
  ])('is confirmed for nothing else: %s', async (what, askOtherwise) => {
    const { county, atPolice } = await linked();
    await ask(county, police, dvOfficer, atPolice, WANTED, threat);
    const [inquiry] = openInquiries(county, hospital, clinician, at);
    await answerInquiry(county, hospital, clinician, inquiry!.id, confirm, at);
    if (what === 'a day later') county.log.now = later(A_DAY);
    expect((await askOtherwise(county, atPolice)).kind).toBe('uniform');
  });

  it('puts the same question on her desk once', async () => {
    const { county, atPolice } = await linked();
    await ask(county, police, dvOfficer, atPolice, WANTED, threat);
    await ask(county, police, dvOfficer, atPolice, WANTED, threat);
    expect(openInquiries(county, hospital, clinician, at)).toHaveLength(1);
  });

  it('is not put to her again for every new set of fields', async () => {
    const { county, atPolice } = await linked();
    const [injury, name] = ['medical.injury_findings', 'person.legal_name'];
    await ask(county, police, dvOfficer, atPolice, [injury], threat);
    await ask(county, police, dvOfficer, atPolice, [name], threat);
    await ask(county, police, dvOfficer, atPolice, [injury, name], threat);
    await ask(county, police, dvOfficer, atPolice, [injury, name, 'risk.level'], threat);
    const waiting = openInquiries(county, hospital, clinician, at);
    expect(waiting.map(({ fields }) => fields)).toEqual([[injury], [name], ['risk.level']]);
  });

  it('is confirmed by a person of the discloser only, and only for what was asked', async () => {
    const { county, atPolice } = await linked();
    await ask(county, police, dvOfficer, atPolice, WANTED, threat);
    const [inquiry] = openInquiries(county, hospital, clinician, at);
    expect(() => answerInquiry(county, hospital, caller(hospital, 'system'), inquiry!.id, confirm, at)).toThrow(
      'only a person',
    );
    await refuse(answerInquiry(county, police, dvOfficer, inquiry!.id, confirm, at), 'QUESTION_UNKNOWN');
    const more = { ...confirm, grounds: ['required_by_law'] };
    await refuse(answerInquiry(county, hospital, clinician, inquiry!.id, more, at), 'QUESTION_INVALID');
  });

  it('is accounted for to the hospital, with the rule that decided', async () => {
    const { county, atPolice } = await linked();
    await ask(county, police, dvOfficer, atPolice, WANTED, threat);
    const [inquiry] = openInquiries(county, hospital, clinician, at);
    await answerInquiry(county, hospital, clinician, inquiry!.id, confirm, at);
    const { receipt } = await ask(county, police, dvOfficer, atPolice, WANTED, threat);
    const desk = {
      ...county,
      entries: {
        find: (id: Uint8Array) =>
          Promise.resolve(county.log.stored.find((entry) => Buffer.compare(entry.id, id) === 0)),
      },
      bundles: { find: () => Promise.resolve(bundle) },
      wrappedKeys: { find: () => Promise.resolve(new Map()) },
    };
    const entry = Buffer.from(receipt.subarray(0, 16)).toString('hex') as never;
    const account = await accountFor(desk, hospital, recordsOfficer, entry, at);
    expect(account.fields.find(({ field }) => field === 'medical.injury_findings')).toMatchObject({
      level: 'full',
      released: true,
      grantedBy: [{ kind: 'rule', id: 'us-health/serious-threat' }],
    });
    await expect(accountFor(desk, police, dvOfficer, entry, at)).rejects.toMatchObject({ code: 'ENTRY_UNKNOWN' });
  });
});

function refuse(who: Promise<unknown>, code: string): Promise<void> {
  return expect(who).rejects.toMatchObject({ code });
}
