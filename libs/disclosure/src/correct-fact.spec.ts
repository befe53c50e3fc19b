import { encode } from 'cborg';
import type { FactId, FactName, UnitId } from '#terms';
import type { Change } from './change.js';
import { decodeBody, encodeBody } from './entry-body.js';
import { assertFact, correctFact, type CorrectionRequest } from './index.js';
import {
  type County,
  advocate,
  ask,
  at,
  caller,
  clinician,
  detective,
  detectives,
  dvOfficer,
  hospital,
  openCounty,
  police,
  shelter,
  vocabulary,
} from '../testonly/county.js';
import { maraIn } from '../testonly/mara.js';

const PHONE = ['contact.safe_phone'];
const TIED = 'perpetrator_at_requester' as FactName;
const reason = 'She spoke of another officer of that name.';

async function told() {
  const county = openCounty();
  const { atShelter, atHospital, atPolice } = await maraIn(county);
  const stated = county.known.assertionsOf(county.known.handle(atShelter)!.person);
  const tieOf = (unit: UnitId | undefined): FactId =>
    stated.find(({ fact, towards }) => fact === TIED && towards?.unit === unit)!.id;
  const correct = (request: Omit<CorrectionRequest, 'subject' | 'reason'>, as = advocate) =>
    correctFact(county, shelter, as, { subject: atShelter, reason, ...request }, at);
  const asked = async (who = dvOfficer) => (await ask(county, police, who, atPolice, PHONE)).kind;
  return { county, atShelter, atHospital, tieOf, correct, asked };
}

async function waited(county: County, change: () => Promise<unknown>): Promise<boolean> {
  const began = county.clock.monotonic();
  await change();
  return county.clock.monotonic() - began >= county.limits.lease;
}

describe('a correction', () => {
  it('that closes something is acknowledged once nothing can leave on what was stated', async () => {
    const { county, tieOf, correct, asked } = await told();
    expect(await asked()).toBe('released');
    const instead = { value: 'yes', basis: 'what she told us' };
    expect(await waited(county, () => correct({ fact: tieOf(dvOfficer.unit), instead }))).toBe(true);
    expect(await asked()).toBe('uniform');
  });

  it('takes back what cleared a unit, once', async () => {
    const { county, tieOf, correct } = await told();
    const fact = tieOf(dvOfficer.unit);
    expect(await waited(county, () => correct({ fact }))).toBe(true);
    expect(county.log.changes.at(-1)).not.toHaveProperty('instead');
    await expect(correct({ fact })).rejects.toMatchObject({ code: 'FACT_UNKNOWN' });
  });

  it('that opens something waits for nobody', async () => {
    const { county, tieOf, correct, asked } = await told();
    expect(await asked(detective)).toBe('uniform');
    const instead = { value: 'no', basis: 'what she told us' };
    expect(await waited(county, () => correct({ fact: tieOf(detectives), instead }))).toBe(false);
    expect(await asked(detective)).toBe('released');
  });

  it('leaves to others what they stated, which protects as before', async () => {
    const { county, atHospital, tieOf, correct, asked } = await told();
    const tie = { fact: TIED, value: 'yes', towards: { agency: police.id, unit: detectives }, basis: 'chart' };
    const { result } = await assertFact(
      county,
      hospital,
      caller(hospital, 'privacy_officer'),
      { subject: atHospital, ...tie },
      at,
    );
    await correct({ fact: tieOf(detectives), instead: { value: 'no', basis: 'what she told us' } });
    expect(await asked(detective)).toBe('uniform');
    await expect(correct({ fact: result })).rejects.toMatchObject({ code: 'FACT_UNKNOWN' });
    const hers = { subject: atHospital, fact: tieOf(dvOfficer.unit), reason };
    const others = correctFact(county, hospital, clinician, hers, at);
    await expect(others).rejects.toMatchObject({ code: 'FACT_UNKNOWN' });
  });

  it('takes the right to make the statement', async () => {
    const { tieOf, correct, asked } = await told();
    const fact = tieOf(detectives);
    const clerk = caller(shelter, 'clerk');
    await expect(correct({ fact }, clerk)).rejects.toMatchObject({ code: 'MATCHING_FACT_NOT_YOURS' });
    const nonsense = correct({ fact, instead: { value: 'perhaps', basis: 'b' } });
    await expect(nonsense).rejects.toMatchObject({ code: 'MATCHING_VALUE_INVALID' });
    expect(await asked(detective)).toBe('uniform');
  });

  it('is none for whoever is tied to him', async () => {
    const { county, atShelter, tieOf, correct } = await told();
    const towards = { agency: shelter.id, unit: 'night-shift' as UnitId };
    const tie = { subject: atShelter, fact: TIED, value: 'yes', towards, basis: 'what she told us' };
    await assertFact(county, shelter, advocate, tie, at);
    const brother = caller(shelter, 'advocate', towards.unit);
    await expect(correct({ fact: tieOf(detectives) }, brother)).rejects.toMatchObject({ code: 'FACT_UNKNOWN' });
  });

  it('reads back as it was written, and nothing else does', async () => {
    const { county, tieOf, correct } = await told();
    await correct({ fact: tieOf(detectives), instead: { value: 'no', basis: 'what she told us' } });
    await correct({ fact: tieOf(dvOfficer.unit) });
    const changes: readonly Change[] = county.log.changes.filter(({ type }) => type === 'fact corrected');
    expect(changes.map((change) => 'instead' in change)).toEqual([true, false]);
    expect(decodeBody(encodeBody({ changes }, vocabulary), vocabulary).changes).toEqual(changes);
    for (const torn of [
      ['f', 'p', null, 'a', 'o', 'why'],
      ['f', 'p', null, 'a', 'o', 7, at],
    ])
      expect(() => decodeBody(encode([null, [[31, torn]]]), vocabulary)).toThrow('does not read as a change');
  });
});
