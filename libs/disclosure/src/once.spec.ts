import { recordWithdrawal } from './index.js';
import { advocate, ask, at, dvOfficer, openCounty, police, shelter, sign } from '../testonly/county.js';
import { maraIn } from '../testonly/mara.js';

const PHONE = ['contact.safe_phone'];

describe('a release for once', () => {
  const once = { from: shelter, to: police, fields: { 'contact.safe_phone': 'full' }, once: true } as const;

  async function releasedOnce() {
    const county = openCounty();
    const { atPolice, atShelter } = await maraIn(county);
    await recordWithdrawal(county, shelter, advocate, { subject: atShelter, from: police.id }, at);
    await sign(county, atShelter, once);
    const system = county.systems.get(shelter.id)!;
    const meanwhile = (what: () => Promise<unknown>): void => {
      system.meanwhile = () => {
        system.meanwhile = () => Promise.resolve();
        return what();
      };
    };
    return { county, atPolice, atShelter, meanwhile };
  }

  it('decides anew when she withdraws it while the source is being read', async () => {
    const { county, atPolice, atShelter, meanwhile } = await releasedOnce();
    meanwhile(() => recordWithdrawal(county, shelter, advocate, { subject: atShelter, from: police.id }, at));
    expect((await ask(county, police, dvOfficer, atPolice, PHONE)).kind).toBe('uniform');
  });

  it('decides anew when another question uses it up while the source is being read', async () => {
    const { county, atPolice, meanwhile } = await releasedOnce();
    let other: Awaited<ReturnType<typeof ask>> | undefined;
    meanwhile(async () => (other = await ask(county, police, dvOfficer, atPolice, PHONE)));
    expect((await ask(county, police, dvOfficer, atPolice, PHONE)).kind).toBe('uniform');
    expect(other?.kind).toBe('released');
  });
});
