import { assertFact } from '../src/index.js';
import {
  type County,
  advocate,
  at,
  clinician,
  detectives,
  dvUnit,
  hospital,
  linkByCode,
  open,
  police,
  shelter,
  sign,
} from './county.js';

/** Mara Ellison as three agencies know her, linked with each other, with her releases and both police units' ties. */
export async function maraIn(county: County) {
  const atShelter = await open(county, shelter, 'HH-0142');
  const atHospital = await open(county, hospital, '900417');
  const atPolice = await open(county, police, 'P-55821', [{ number: '2026-PO-0311', role: 'survivor' }]);
  await linkByCode(county, shelter, atShelter, hospital, atHospital);
  await linkByCode(county, shelter, atShelter, police, atPolice);
  await linkByCode(county, hospital, atHospital, police, atPolice);
  const tie = (unit: typeof dvUnit, value: string) =>
    assertFact(
      county,
      shelter,
      advocate,
      {
        subject: atShelter,
        fact: 'perpetrator_at_requester' as never,
        value,
        towards: { agency: police.id, unit },
        basis: 'what she told us',
      },
      at,
    );
  await tie(dvUnit, 'no');
  await tie(detectives, 'yes');
  await assertFact(
    county,
    hospital,
    clinician,
    { subject: atHospital, fact: 'age' as never, value: '18 and over', basis: 'chart' },
    at,
  );
  await sign(county, atShelter, {
    from: hospital,
    to: shelter,
    fields: { 'medical.injury_findings': 'full', 'person.birth_date': 'year' },
  });
  await sign(county, atShelter, { from: shelter, to: police, fields: { 'contact.safe_phone': 'full' } });
  return { atShelter, atHospital, atPolice };
}
