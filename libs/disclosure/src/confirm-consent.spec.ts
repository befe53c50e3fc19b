import { confirmConsent, recordConsent, recordWithdrawal } from './index.js';
import {
  advocate,
  at,
  dvOfficer,
  hospital,
  openCounty,
  police,
  recordsOfficer,
  release,
  shelter,
} from '../testonly/county.js';
import { maraIn } from '../testonly/mara.js';

describe('confirming a release', () => {
  it('shows nobody that she has withdrawn it, nor that it holds already', async () => {
    const county = openCounty();
    const { atPolice, atShelter } = await maraIn(county);
    const words = release({ from: hospital, to: police, fields: { 'medical.injury_findings': 'full' } });
    const record = () => recordConsent(county, police, dvOfficer, { subject: atPolice, ...words }, at);
    const [withdrawn, confirmed] = [(await record()).result, (await record()).result];
    await confirmConsent(county, hospital, recordsOfficer, confirmed.id, 'discloser', at);
    const refusals = [];
    refusals.push(await refusalOf(() => confirmConsent(county, police, dvOfficer, confirmed.id, 'she', at)));
    await recordWithdrawal(county, shelter, advocate, { subject: atShelter, from: police.id }, at);
    refusals.push(await refusalOf(() => confirmConsent(county, police, dvOfficer, withdrawn.id, 'she', at)));
    refusals.push(await refusalOf(() => confirmConsent(county, police, dvOfficer, 'no such' as never, 'she', at)));
    expect(new Set(refusals).size).toBe(1);
  });
});

async function refusalOf(tried: () => Promise<unknown>): Promise<string> {
  const refusal: unknown = await tried().catch((error: unknown) => error);
  return refusal instanceof Error && 'code' in refusal ? `${String(refusal.code)}: ${refusal.message}` : 'no refusal';
}
