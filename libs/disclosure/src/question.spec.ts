import type { Question } from './index.js';
import { ask, dvOfficer, employer, fields, open, openCounty, police } from '../testonly/county.js';
import { maraIn } from '../testonly/mara.js';

describe('a question in words that mean nothing here', () => {
  it.each<[string, Partial<Question>]>([
    [
      'a fact that is not for a question to say',
      { states: new Map([['age' as never, { word: '18 and over', reason: 'x' }]]) },
    ],
    ['a fact that there is not', { states: new Map([['mood' as never, { word: 'yes', reason: 'x' }]]) }],
    ['a ground that there is not', { declares: [{ ground: 'curiosity', reason: 'I wonder' }] }],
    ['a purpose that there is not', { purpose: 'curiosity' as never }],
    ['a field that there is not', { fields: fields('contact.fax') }],
    ['a field of the envelope', { fields: fields('envelope.sender') }],
    ['a field twice', { fields: fields('contact.safe_phone', 'contact.safe_phone') }],
    ['the name of another agency', { asker: { ...dvOfficer, agency: employer.id } }],
  ])('is refused alike for her and for nobody, unrecorded: %s', async (_, more) => {
    const county = openCounty();
    const { atPolice } = await maraIn(county);
    const nobody = await open(county, police, 'P-1');
    const before = county.log.stored.length;
    for (const subject of [atPolice, nobody]) {
      const asked = ask(county, police, dvOfficer, subject, ['contact.safe_phone'], more);
      await expect(asked).rejects.toMatchObject({ code: 'QUESTION_INVALID' });
    }
    expect(county.log.stored).toHaveLength(before);
  });
});
