import type { Purpose } from '#terms';
import { openInquiries } from './index.js';
import {
  ask,
  at,
  clinician,
  dvOfficer,
  hospital,
  linkByCode,
  open,
  openCounty,
  police,
  shelter,
  sign,
  values,
} from '../testonly/county.js';

const threat = {
  purpose: 'emergency' as Purpose,
  declares: [{ ground: 'serious_imminent_threat', reason: 'He is on his way with a weapon' }],
};
const WANTED = ['risk.level', 'medical.injury_findings'];

describe('what an agency received', () => {
  it.each(['the handle that received it', 'a second handle for her'])('keeps its law under %s', async (which) => {
    const county = openCounty();
    const atShelter = await open(county, shelter, 'HH-0142');
    const atHospital = await open(county, hospital, '900417');
    const asked = which === 'a second handle for her' ? await open(county, hospital, '900418') : atHospital;
    const atPolice = await open(county, police, 'P-55821');
    await linkByCode(county, shelter, atShelter, hospital, atHospital);
    await linkByCode(county, shelter, atShelter, police, atPolice);
    await linkByCode(county, hospital, asked, police, atPolice);
    Object.assign(county.systems.get(shelter.id)!.record, { 'risk.level': 'high' });
    await sign(county, atShelter, { from: shelter, to: hospital, fields: { 'risk.level': 'full' } });
    expect(values(await ask(county, hospital, clinician, atHospital, ['risk.level']))).toEqual({
      'risk.level': 'high',
    });
    await ask(county, police, dvOfficer, atPolice, WANTED, threat);
    // A clinician's word opens what the hospital found itself, and nothing that the shelter told it.
    const waiting = openInquiries(county, hospital, clinician, at);
    expect(waiting.map(({ fields }) => fields)).toEqual([['medical.injury_findings']]);
  });
});
