import { assertFact, recordConsent, unlink } from './index.js';
import {
  advocate,
  ask,
  at,
  detective,
  detectives,
  dvOfficer,
  hospital,
  linkByCode,
  open,
  openCounty,
  police,
  recordsOfficer,
  release,
  shelter,
  values,
} from '../testonly/county.js';

const FINDINGS = ['medical.injury_findings'];

describe('ending a link', () => {
  it('takes from no agency the ties that were stated about it', async () => {
    const county = openCounty();
    const atShelter = await open(county, shelter, 'HH-0142');
    const atHospital = await open(county, hospital, '900417');
    const atPolice = await open(county, police, 'P-55821');
    await linkByCode(county, shelter, atShelter, police, atPolice);
    await linkByCode(county, hospital, atHospital, police, atPolice);
    const towards = { agency: police.id, unit: detectives };
    const tie = { subject: atShelter, fact: 'perpetrator_at_requester' as never, value: 'yes', towards, basis: 'told' };
    await assertFact(county, shelter, advocate, tie, at);
    const words = release({ from: hospital, to: police, fields: { 'medical.injury_findings': 'full' } });
    await recordConsent(county, hospital, recordsOfficer, { subject: atHospital, ...words }, at);
    await unlink(county, police, { subject: atPolice, other: shelter.id }, at);
    expect(county.known.joined(county.known.handle(atPolice)!.person).size).toBe(2);
    expect((await ask(county, police, detective, atPolice, FINDINGS)).kind).toBe('uniform');
    expect(Object.keys(values(await ask(county, police, dvOfficer, atPolice, FINDINGS)))).toEqual(FINDINGS);
  });
});
