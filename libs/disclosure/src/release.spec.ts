import type { Purpose } from '#terms';
import { ask, court, dvOfficer, open, openCounty, police, shelter, sign, values } from '../testonly/county.js';
import { maraIn } from '../testonly/mara.js';

const purpose = 'protection_order';
const WANTED = ['protection_order.order', 'contact.safe_phone'];

describe('what comes with a release', () => {
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
