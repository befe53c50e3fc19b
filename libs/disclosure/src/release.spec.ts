import type { Purpose } from '#terms';
import { assertFact } from './index.js';
import {
  advocate,
  ask,
  at,
  court,
  dvOfficer,
  later,
  open,
  openCounty,
  police,
  shelter,
  sign,
  values,
} from '../testonly/county.js';
import { maraIn } from '../testonly/mara.js';

const purpose = 'protection_order';
const WANTED = ['protection_order.order', 'contact.safe_phone'];

describe('what comes with a release', () => {
  it('ends with what was stated for a time only, where a rule of the field turns on it', async () => {
    const county = openCounty();
    const { atPolice, atShelter } = await maraIn(county);
    const until = async (names: readonly string[]) => {
      const answer = await ask(county, police, dvOfficer, atPolice, names);
      return answer.kind === 'released' ? answer.validUntil : undefined;
    };
    const before = await until(['contact.safe_phone']);
    const soon = later(60 * 60 * 1000);
    expect(before).toBeGreaterThan(soon);
    const fact = { fact: 'age' as never, value: '18 and over', basis: 'her passport', until: soon };
    await assertFact(county, shelter, advocate, { subject: atShelter, ...fact }, at);
    // The hospital says the same without an end.
    expect(await until(['contact.safe_phone'])).toBe(before);
    const calm = { fact: 'parent_may_be_abuser' as never, value: 'no', basis: 'what she told us', until: soon };
    await assertFact(county, shelter, advocate, { subject: atShelter, ...calm }, at);
    expect(await until(['contact.safe_phone'])).toBe(soon);
  });

  it.each(['stalls', 'is empty'] as const)(
    'says nothing for a discloser that released nothing and %s',
    async (mood) => {
      const county = openCounty();
      const { atPolice, atShelter } = await maraIn(county);
      await open(county, court, '2026-PO-0311/1', [{ number: '2026-PO-0311', role: 'survivor' }]);
      await sign(county, atShelter, { from: shelter, to: police, fields: { 'contact.safe_phone': 'full' }, purpose });
      const system = county.systems.get(shelter.id)!;
      const asked = () => ask(county, police, dvOfficer, atPolice, WANTED, { purpose: purpose as Purpose });
      expect(await asked()).toMatchObject({ say: [expect.stringContaining('She has agreed')] });
      system.mood = mood;
      const answer = await asked();
      expect(values(answer)).toEqual({ 'protection_order.order': 'No contact' });
      expect(answer).toMatchObject({ say: [], silent: [] });
      expect(answer).not.toHaveProperty('validUntil');
    },
  );
});
