import { openHandle, recordWithdrawal } from './index.js';
import { advocate, at, caller, hospital, open, openCounty, operator, release, shelter } from '../testonly/county.js';

const localId = 'HH-0142';
const dockets: [] = [];

describe("a handle for a victim service's client", () => {
  it('is given again only while her release lets the operator know that the shelter knows her', async () => {
    const county = openCounty();
    const handle = await open(county, shelter, localId);
    const again = () => openHandle(county, shelter, advocate, { localId, dockets }, at);
    expect((await again()).result).toBe(handle);
    await recordWithdrawal(county, shelter, advocate, { subject: handle, from: 'everyone' }, at);
    await expect(again()).rejects.toMatchObject({ code: 'RELEASE_REQUIRED' });
    const anew = release({ from: shelter, to: operator, fields: { 'service.enrolment': 'full' } });
    expect((await openHandle(county, shelter, advocate, { localId, dockets, release: anew }, at)).result).toBe(handle);
    expect((await again()).result).toBe(handle);
  });

  it('needs no release at a hospital', async () => {
    const county = openCounty();
    const request = { localId: '900417', dockets };
    const { result } = await openHandle(county, hospital, caller(hospital, 'clinician'), request, at);
    expect((await openHandle(county, hospital, caller(hospital, 'clinician'), request, at)).result).toBe(result);
  });
});
