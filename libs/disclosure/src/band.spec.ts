import { assertFact } from './index.js';
import { type County, ask, at, dvOfficer, open, openCounty, police, shelter } from '../testonly/county.js';
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
      expect(took).toBe(county.limits.uniform);
    }
  });

  it('holds for whoever keeps changing what the question rests on, and is no error', async () => {
    const county = openCounty();
    const { atPolice } = await maraIn(county);
    const system = county.systems.get(shelter.id)!;
    const said = { subject: atPolice, fact: 'age' as never, value: '18 and over', basis: 'file' };
    system.meanwhile = () => assertFact(county, police, dvOfficer, said, at);
    expect((await ask(county, police, dvOfficer, atPolice, PHONE)).kind).toBe('uniform');
    expect(system.asked).toHaveLength(1);
  });

  it('holds for an error, which comes no sooner where nobody was asked', async () => {
    let broken = false;
    const county = openCounty({
      store: (log) => ({
        head: () => log.head(),
        tail: (from, limit) => log.tail(from, limit),
        append: (batch) => (broken ? Promise.reject(new Error('disk full')) : log.append(batch)),
      }),
    });
    const nobody = await open(county, police, 'P-1');
    broken = true;
    const took = await timeOf(county, () =>
      expect(ask(county, police, dvOfficer, nobody, PHONE)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' }),
    );
    expect(took).toBe(county.limits.uniform);
  });
});
