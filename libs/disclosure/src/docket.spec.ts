import type { Purpose } from '#terms';
import { openHandle } from './index.js';
import { ask, at, caller, court, dvOfficer, employer, open, openCounty, police, values } from '../testonly/county.js';

const number = '2026-PO-0311';
const hers = { number, role: 'survivor' as const };
const his = { number, role: 'person_using_violence' as const };
const order = ['protection_order.order'];
const purpose = 'protection_order' as Purpose;
const clerk = caller(court, 'clerk');

describe('a docket', () => {
  it('never joins her with him, though she is accused under it in turn', async () => {
    const county = openCounty();
    const maraAtCourt = await open(county, court, 'mara', [hers]);
    const daleAtCourt = await open(county, court, 'dale', [his]);
    const atPolice = await open(county, police, 'P-55821', [hers]);
    expect(county.known.linksOf(atPolice)).toHaveLength(1);
    await open(county, police, 'P-55821', [his]);
    for (const handle of [maraAtCourt, daleAtCourt, atPolice]) expect(county.known.linksOf(handle)).toEqual([]);
  });

  it('is stated once in one request, in one role', async () => {
    const county = openCounty();
    const twice = openHandle(county, court, clerk, { localId: 'mara', dockets: [hers, his] }, at);
    await expect(twice).rejects.toMatchObject({ code: 'QUESTION_INVALID' });
    const again = { number: ` ${number.toLowerCase()}`, role: hers.role };
    await openHandle(county, court, clerk, { localId: 'mara', dockets: [hers, again] }, at);
    expect(county.log.changes.filter(({ type }) => type === 'docket stated')).toHaveLength(1);
  });

  it('is acknowledged after one time, whether or not it links: once no replica can release under the state before', async () => {
    const county = openCounty();
    await open(county, court, 'mara', [hers]);
    for (const localId of ['P-1', 'P-2']) {
      const began = county.clock.monotonic();
      const dockets = localId === 'P-1' ? [hers] : [{ ...hers, number: 'of nobody' }];
      await openHandle(county, police, dvOfficer, { localId, dockets }, at);
      expect(county.clock.monotonic() - began).toBe(1.25 * county.limits.lease);
    }
  });

  it('is not spoilt by what an agency says that may not link by it', async () => {
    const county = openCounty();
    await open(county, court, 'mara', [hers]);
    const atPolice = await open(county, police, 'P-55821', [hers]);
    await open(county, employer, 'E-77', [hers]);
    await open(county, employer, 'E-78', [hers]);
    expect(values(await ask(county, police, dvOfficer, atPolice, order, { purpose }))).toEqual({
      'protection_order.order': 'No contact',
    });
  });
});
