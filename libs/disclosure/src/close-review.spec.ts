import { encode } from 'cborg';
import type { FactName, OfficerId, Purpose, UnitId } from '#terms';
import type { Agency } from './agency.js';
import type { Change } from './change.js';
import { decodeBody, encodeBody } from './entry-body.js';
import {
  answerInquiry,
  assertFact,
  closeReview,
  type Finding,
  type OpenReview,
  openInquiries,
  openReviews,
} from './index.js';
import {
  type County,
  advocate,
  ask,
  at,
  caller,
  clinician,
  dvOfficer,
  hospital,
  linkByCode,
  open,
  openCounty,
  police,
  recordsOfficer,
  shelter,
  vocabulary,
} from '../testonly/county.js';
import { maraIn } from '../testonly/mara.js';

const justified: Pick<Finding, 'verdict' | 'note'> = { verdict: 'justified', note: 'He was arrested at her door.' };
const threat = {
  purpose: 'emergency' as Purpose,
  declares: [{ ground: 'serious_imminent_threat', reason: 'He is on his way with a weapon' }],
};

/** A clinician has confirmed a danger that the police declared, and something has left on it. */
async function reviewed() {
  const county = openCounty();
  const atShelter = await open(county, shelter, 'HH-0142');
  const atHospital = await open(county, hospital, '900417');
  const atPolice = await open(county, police, 'P-55821');
  await linkByCode(county, shelter, atShelter, hospital, atHospital);
  await linkByCode(county, hospital, atHospital, police, atPolice);
  const asked = () => ask(county, police, dvOfficer, atPolice, ['person.legal_name'], threat);
  await asked();
  const [inquiry] = openInquiries(county, hospital, clinician, at);
  const confirm = { kind: 'confirm' as const, grounds: ['serious_imminent_threat'], reason: 'I saw the threats' };
  await answerInquiry(county, hospital, clinician, inquiry!.id, confirm, at);
  expect((await asked()).kind).toBe('released');
  const [one] = openReviews(county, hospital, recordsOfficer, at);
  return { county, atShelter, review: one!.review };
}

describe('a review', () => {
  it('is closed by a second person, once', async () => {
    const { county, review } = await reviewed();
    await closeReview(county, hospital, recordsOfficer, review.id, justified, at);
    expect(openReviews(county, hospital, recordsOfficer, at)).toEqual([]);
    expect(county.log.changes.at(-1)).toEqual({
      type: 'review closed',
      review: review.id,
      person: review.person,
      finding: { ...justified, by: recordsOfficer.officer, at },
    });
    const again = closeReview(county, hospital, recordsOfficer, review.id, justified, at);
    await expect(again).rejects.toMatchObject({ code: 'QUESTION_UNKNOWN' });
  });

  it('is closed by one of two who do it at the same moment', async () => {
    const { county, review } = await reviewed();
    const twice = ['justified', 'not justified'].map((verdict) =>
      closeReview(county, hospital, recordsOfficer, review.id, { verdict, note: 'n' } as Finding, at),
    );
    const done = await Promise.allSettled(twice);
    expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(county.log.changes.filter(({ type }) => type === 'review closed')).toHaveLength(1);
  });

  it('is closed by nobody who had to do with it, by no system, by no other agency', async () => {
    const { county, review } = await reviewed();
    expect(review.involved).toEqual([
      { agency: police.id, officer: dvOfficer.officer },
      { agency: hospital.id, officer: clinician.officer },
    ]);
    const by = async (agency: Agency, who = caller(agency, 'records_officer')) =>
      closeReview(county, agency, who, review.id, justified, at);
    await expect(by(hospital, clinician)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    await expect(by(hospital, caller(hospital, 'system'))).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    await expect(by(shelter)).rejects.toMatchObject({ code: 'QUESTION_UNKNOWN' });
    // Somebody at the hospital who happens to be called like the officer of the police is somebody else.
    await by(hospital, { ...recordsOfficer, officer: dvOfficer.officer });
  });

  it('is not there for whoever is tied to him', async () => {
    const { county, atShelter, review } = await reviewed();
    const towards = { agency: hospital.id, unit: 'security' as UnitId };
    const tie = { fact: 'perpetrator_at_requester' as FactName, value: 'yes', towards, basis: 'what she told us' };
    await assertFact(county, shelter, advocate, { subject: atShelter, ...tie }, at);
    const guard = caller(hospital, 'records_officer', towards.unit);
    const closed = closeReview(county, hospital, guard, review.id, justified, at);
    await expect(closed).rejects.toMatchObject({ code: 'QUESTION_UNKNOWN' });
  });
});

const broken = (county: County) =>
  county.log.changes.flatMap((change) => (change.type === 'glass broken' ? [change.glass] : []));
const conference = (agency: Agency): Agency => ({ ...agency, regimes: new Set(['uk-marac' as never]) });

describe('broken glass', () => {
  const reason = 'She called, and the line went dead.';

  async function inAConference() {
    const county = openCounty();
    const { atShelter, atPolice } = await maraIn(county);
    const said = { subject: atShelter, fact: 'address_confidential' as FactName, value: 'no', basis: 'what she said' };
    await assertFact(county, shelter, advocate, said, at);
    const directory = new Map([...county.directory, [shelter.id, conference(shelter)]]);
    const members: County = { ...county, directory };
    const states = new Map([['emergency_declared' as FactName, { word: 'yes', reason }]]);
    const asked = (names: readonly string[], more: object) =>
      ask(members, police, dvOfficer, atPolice, names, { purpose: 'emergency' as Purpose, ...more });
    return { county: members, asked, emergency: { states } };
  }

  it('is recorded in the entry of the decision that it opened, and shown to whoever reviews it', async () => {
    const { county, asked, emergency } = await inAConference();
    const { kind, receipt } = await asked(['contact.safe_phone'], emergency);
    expect(kind).toBe('released');
    const glass = {
      decision: Buffer.from(receipt.subarray(0, 16)).toString('hex'),
      discloser: shelter.id,
      asker: { agency: police.id, unit: dvOfficer.unit, officer: dvOfficer.officer },
      purpose: 'emergency',
      fields: ['contact.safe_phone'],
      reason,
      at,
    };
    expect(broken(county)).toMatchObject([glass]);
    const reviews: readonly OpenReview[] = openReviews(county, conference(shelter), advocate, at);
    expect(reviews).toMatchObject([{ glass, review: { decision: glass.decision } }]);
    expect(county.known.brokenGlassOf(reviews[0]!.review.person)).toEqual(broken(county));
  });

  it('is none where nothing was declared, or nothing left', async () => {
    const { county, asked, emergency } = await inAConference();
    expect((await asked(['contact.safe_phone'], {})).kind).toBe('uniform');
    county.systems.get(shelter.id)!.mood = 'is empty';
    expect((await asked(['contact.safe_phone'], emergency)).kind).toBe('uniform');
    expect(broken(county)).toEqual([]);
  });

  it('reads back as it was written, as reviews do', async () => {
    const { county, asked, emergency } = await inAConference();
    await asked(['contact.safe_phone'], emergency);
    const [glass] = broken(county);
    const [open_] = openReviews(county, conference(shelter), advocate, at);
    const finding: Finding = { verdict: 'not justified', note: 'Nobody had called.', by: 'o-1' as OfficerId, at };
    const changes: readonly Change[] = [
      { type: 'glass broken', glass: glass! },
      { type: 'review opened', review: open_!.review },
      { type: 'review closed', review: open_!.review.id, person: open_!.review.person, finding },
    ];
    expect(decodeBody(encodeBody({ changes }, vocabulary), vocabulary).changes).toEqual(changes);
    const { id, person, agency, duty, due } = open_!.review;
    const oldest = decodeBody(encode([null, [[42, { id, person, agency, duty, due }]]]), vocabulary);
    expect(oldest.changes).toEqual([
      { type: 'review opened', review: { id, person, agency, duty, due, involved: [] } },
    ]);
  });

  it.each([
    [42, { id: 'r' }],
    [42, { id: 'r', person: 'p', agency: 'a', duty: 'd', due: 1, involved: ['o-1'] }],
    [44, ['e', 'a', 'p', ['police', null], 'emergency', [], 'why', 1]],
    [45, ['r', 'p', 'justified', 'n', 'o-1', 1]],
  ])('is refused where it reads otherwise: %j %j', (number, said) => {
    expect(() => decodeBody(encode([null, [[number, said]]]), vocabulary)).toThrow('does not read as a change');
  });
});
