import { type County, ask, dvOfficer, open, openCounty, police } from '../testonly/county.js';
import { maraIn } from '../testonly/mara.js';

const PHONE = ['contact.safe_phone'];

async function timeOf(county: County, what: () => Promise<unknown>): Promise<number> {
  const began = county.clock.monotonic();
  await what();
  return county.clock.monotonic() - began;
}

describe('the band of time of a uniform answer', () => {
  it('holds for a decision that was recorded before, whoever it asks about now', async () => {
    const county = openCounty();
    const { atPolice } = await maraIn(county);
    const nobody = await open(county, police, 'P-1');
    const again = { decision: 'the-same' as never };
    await ask(county, police, dvOfficer, nobody, PHONE, again);
    for (const subject of [nobody, atPolice]) {
      const took = await timeOf(county, () => ask(county, police, dvOfficer, subject, PHONE, again));
      expect(took).toBeGreaterThanOrEqual(county.limits.uniform - 1);
    }
  });
});
