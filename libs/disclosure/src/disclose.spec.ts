import { DisclosureError } from './error.js';
import type { EntityClass, Purpose } from '#terms';
import type { Agency } from './agency.js';
import { assertFact, recordWithdrawal } from './index.js';
import {
  type County,
  advocate,
  ask,
  at,
  clinician,
  court,
  detective,
  dvOfficer,
  employer,
  caller,
  field,
  hospital,
  isOurReceipt,
  linkByCode,
  open,
  openCounty,
  police,
  shelter,
  sign,
  values,
} from '../testonly/county.js';
import { maraIn } from '../testonly/mara.js';
import { ENTRY_TYPE } from './change.js';
import { decodeHeader } from '#ledger';

const PHONE_AND_ADDRESS = ['contact.safe_phone', 'contact.actual_address'];

describe('disclose', () => {
  it('gives the shelter what she released and nothing else', async () => {
    const county = openCounty();
    const { atShelter } = await maraIn(county);
    const answer = await ask(county, shelter, advocate, atShelter, [
      'medical.injury_findings',
      'person.birth_date',
      'medical.mental_health',
    ]);
    expect(values(answer)).toEqual({
      'medical.injury_findings': ['Fracture of the left wrist'],
      'person.birth_date': '1991',
    });
    expect(isOurReceipt(answer.receipt)).toBe(true);
    const [request] = county.systems.get(hospital.id)?.asked ?? [];
    expect([...(request?.fields ?? [])]).toEqual([
      [field('medical.injury_findings'), 2],
      [field('person.birth_date'), 2],
    ]);
    expect(request?.localId).toBe('900417');
  });

  it('gives police her phone and never her address', async () => {
    const county = openCounty();
    const { atPolice } = await maraIn(county);
    expect(values(await ask(county, police, dvOfficer, atPolice, PHONE_AND_ADDRESS))).toEqual({
      'contact.safe_phone': '+1 555 0142',
    });
  });

  it('answers a tied unit, a stranger and a person nobody holds alike, and records each', async () => {
    const county = openCounty();
    const { atPolice, atShelter } = await maraIn(county);
    const nobody = await open(county, police, 'P-1');
    const before = county.log.stored.length;
    const answers = [
      await ask(county, police, detective, atPolice, PHONE_AND_ADDRESS),
      await ask(county, police, dvOfficer, nobody, PHONE_AND_ADDRESS),
      await ask(county, police, dvOfficer, atShelter, PHONE_AND_ADDRESS),
      await ask(county, police, dvOfficer, 'no such handle' as never, PHONE_AND_ADDRESS),
    ];
    for (const answer of answers) {
      expect(Object.keys(answer).toSorted()).toEqual(['decision', 'kind', 'receipt']);
      expect(answer.kind).toBe('uniform');
    }
    expect(county.log.stored.slice(before).map(({ header }) => decodeHeader(header).type)).toEqual(
      answers.map(() => ENTRY_TYPE.decision),
    );
    expect(new Set(answers.map(({ receipt }) => receipt.length)).size).toBe(1);
  });

  it('lets no uniform answer leave before the longest source could have answered', async () => {
    const county = openCounty();
    const nobody = await open(county, police, 'P-1');
    const began = county.clock.monotonic();
    await ask(county, police, dvOfficer, nobody, PHONE_AND_ADDRESS);
    expect(county.clock.monotonic() - began).toBe(county.limits.uniform);
  });

  it.each(['stalls', 'refuses', 'is empty'] as const)('says nothing of a source that %s', async (mood) => {
    const county = openCounty();
    const { atPolice } = await maraIn(county);
    county.systems.get(shelter.id)!.mood = mood;
    expect((await ask(county, police, dvOfficer, atPolice, PHONE_AND_ADDRESS)).kind).toBe('uniform');
  });

  it('drops what a source returns beyond what it was asked', async () => {
    const county = openCounty();
    const { atPolice } = await maraIn(county);
    county.systems.get(shelter.id)!.mood = 'returns more than asked';
    expect(values(await ask(county, police, dvOfficer, atPolice, PHONE_AND_ADDRESS))).toEqual({
      'contact.safe_phone': '+1 555 0142',
    });
  });

  it('decides anew when she withdraws while the source is being read', async () => {
    const county = openCounty();
    const { atPolice, atShelter } = await maraIn(county);
    const system = county.systems.get(shelter.id)!;
    system.meanwhile = () => {
      system.meanwhile = () => Promise.resolve();
      return recordWithdrawal(county, shelter, advocate, { subject: atShelter, from: police.id }, at);
    };
    expect((await ask(county, police, dvOfficer, atPolice, PHONE_AND_ADDRESS)).kind).toBe('uniform');
  });

  it('refuses after a withdrawal that any member heard, whoever recorded the release', async () => {
    const county = openCounty();
    const { atPolice, atHospital } = await maraIn(county);
    await recordWithdrawal(county, hospital, clinician, { subject: atHospital, from: 'everyone' }, at);
    expect((await ask(county, police, dvOfficer, atPolice, PHONE_AND_ADDRESS)).kind).toBe('uniform');
  });

  it('does not show in its reply whether there was anything to withdraw', async () => {
    const county = openCounty();
    const { atHospital } = await maraIn(county);
    const request = { subject: atHospital, from: 'everyone' as const };
    const first = await recordWithdrawal(county, hospital, clinician, request, at);
    const second = await recordWithdrawal(county, hospital, clinician, request, at);
    const foreign = await recordWithdrawal(county, police, dvOfficer, request, at);
    for (const { result, receipt } of [first, second, foreign]) {
      expect(result).toBeUndefined();
      expect(isOurReceipt(receipt)).toBe(true);
    }
  });

  it('delivers nothing when the ledger does not take the entry', async () => {
    let broken = false;
    const county = openCounty({
      store: (log) => ({
        head: () => log.head(),
        tail: (from, limit) => log.tail(from, limit),
        append: (batch) => (broken ? Promise.reject(new Error('disk full')) : log.append(batch)),
      }),
    });
    const { atPolice } = await maraIn(county);
    broken = true;
    await expect(ask(county, police, dvOfficer, atPolice, PHONE_AND_ADDRESS)).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
    });
  });

  it('releases nothing after its lease, and says so in the ledger', async () => {
    let slow = false;
    const county: County = openCounty({
      store: (log) => ({
        head: () => log.head(),
        tail: (from, limit) => log.tail(from, limit),
        append: async (batch) => {
          if (slow) await county.clock.until(county.clock.monotonic() + county.limits.lease);
          return log.append(batch);
        },
      }),
    });
    const { atPolice } = await maraIn(county);
    slow = true;
    // Time enough to ask twice.
    const patient = { ...county, limits: { ...county.limits, uniform: 2000 } };
    const failure = ask(patient, police, dvOfficer, atPolice, PHONE_AND_ADDRESS);
    await expect(failure).rejects.toThrow(DisclosureError);
    await expect(failure).rejects.toMatchObject({ code: 'RELEASE_TOO_LATE' });
    const types = county.log.stored.slice(-4).map(({ header }) => decodeHeader(header).type);
    expect(types).toEqual([
      ENTRY_TYPE.decision,
      ENTRY_TYPE['not released'],
      ENTRY_TYPE.decision,
      ENTRY_TYPE['not released'],
    ]);
  });

  it('returns the receipt and no data when a decision is asked again', async () => {
    const county = openCounty();
    const { atPolice } = await maraIn(county);
    const again = { decision: 'the-same' as never };
    const first = await ask(county, police, dvOfficer, atPolice, PHONE_AND_ADDRESS, again);
    const second = await ask(county, police, dvOfficer, atPolice, PHONE_AND_ADDRESS, again);
    expect(first.kind).toBe('released');
    expect(second.kind).toBe('uniform');
    expect(second.receipt).toEqual(first.receipt);
  });

  it('lets a release for once be used once, however many ask together', async () => {
    const county = openCounty();
    const { atPolice, atShelter } = await maraIn(county);
    await recordWithdrawal(county, shelter, advocate, { subject: atShelter, from: police.id }, at);
    await sign(county, atShelter, { from: shelter, to: police, fields: { 'contact.safe_phone': 'full' }, once: true });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => ask(county, police, dvOfficer, atPolice, PHONE_AND_ADDRESS)),
    );
    expect(answers.filter(({ kind }) => kind === 'released')).toHaveLength(1);
  });

  it('passes values over the two agencies’ own link only', async () => {
    const county = openCounty();
    const atShelter = await open(county, shelter, 'HH-0142');
    const atHospital = await open(county, hospital, '900417');
    const atPolice = await open(county, police, 'P-55821');
    await linkByCode(county, shelter, atShelter, hospital, atHospital);
    await linkByCode(county, hospital, atHospital, police, atPolice);
    await sign(county, atShelter, { from: shelter, to: police, fields: { 'contact.safe_phone': 'full' } });
    expect((await ask(county, police, dvOfficer, atPolice, ['contact.safe_phone'])).kind).toBe('uniform');
    expect(county.systems.get(shelter.id)?.asked).toHaveLength(0);
  });

  it('asks on a ground that the asker’s own law lets its officer judge, and not without her saying so', async () => {
    const county = openCounty();
    const atShelter = await open(county, shelter, 'HH-0142');
    const atHospital = await open(county, hospital, '900417');
    const atPolice = await open(county, police, 'P-55821');
    await linkByCode(county, shelter, atShelter, hospital, atHospital);
    await linkByCode(county, shelter, atShelter, police, atPolice);
    const survivor = { subject: atHospital, fact: 'subject_role' as never, value: ['survivor'], basis: 'chart' };
    await assertFact(county, hospital, clinician, survivor, at);
    const victoria = {
      ...county,
      directory: new Map([...county.directory].map(([id, agency]) => [id, inVictoria(agency)])),
    };
    const purpose = 'risk_assessment' as Purpose;
    const asked = async (...declares: { readonly ground: string; readonly reason: string }[]) => {
      await ask(victoria, inVictoria(shelter), advocate, atShelter, ['risk.level'], { purpose, declares });
      return county.known.waitingAt(police.id).length;
    };
    expect(await asked()).toBe(0);
    expect(await asked({ ground: 'required_by_law', reason: 'The court wants it.' })).toBe(0);
    const threat = { ground: 'serious_threat', reason: 'He has said he will come.' };
    // Police by sector are not enough: a service that no law prescribes must not even hear that it is asked.
    victoria.directory.set(police.id, { ...inVictoria(police), entityClasses: new Set() });
    expect(await asked(threat)).toBe(0);
    victoria.directory.set(police.id, inVictoria(police));
    expect(await asked(threat)).toBe(1);
  });

  it('does not ask a discloser that may not learn that the shelter knows her', async () => {
    const county = openCounty();
    const atShelter = await open(county, shelter, 'HH-0142');
    const atHospital = await open(county, hospital, '900417');
    await linkByCode(county, shelter, atShelter, hospital, atHospital);
    await ask(county, shelter, advocate, atShelter, ['medical.injury_findings']);
    expect(county.systems.get(hospital.id)?.asked).toHaveLength(0);
    expect(county.known.waitingAt(hospital.id)).toHaveLength(0);
  });

  it('passes an order on without her release, and never to an employer', async () => {
    const county = openCounty();
    const { atPolice } = await maraIn(county);
    await open(county, court, '2026-PO-0311/1', [{ number: '2026-po-0311 ', role: 'survivor' }]);
    const atEmployer = await open(county, employer, 'E-77', [{ number: '2026-PO-0311', role: 'survivor' }]);
    const purpose = 'protection_order' as Purpose;
    const order = ['protection_order.order', 'protection_order.conditions'];
    expect(values(await ask(county, police, dvOfficer, atPolice, order, { purpose }))).toEqual({
      'protection_order.order': 'No contact',
      'protection_order.conditions': ['Stay 300 m away'],
    });
    const boss = caller(employer, 'clerk');
    expect((await ask(county, employer, boss, atEmployer, order, { purpose })).kind).toBe('uniform');
  });
});

function inVictoria(agency: Agency): Agency {
  const entityClasses = new Set(['information_sharing_entity', 'risk_assessment_entity'] as EntityClass[]);
  return { ...agency, entityClasses, regimes: new Set(['au-vic-fviss' as never]) };
}
