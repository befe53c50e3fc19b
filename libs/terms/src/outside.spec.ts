import { isDate, Outside } from './outside.js';

const read = (value: unknown): Outside => Outside.of(value, (problem) => new Error(problem));

describe('a value from outside', () => {
  it('is read word by word', () => {
    const record = read({ state: 'draft', list: ['a', 'b'], at: 5 }).closed(['state', 'list'], ['at', 'by']);
    expect(record.get('state').word(['draft', 'active'])).toBe('draft');
    expect(record.get('list').list((item) => item.name())).toEqual(['a', 'b']);
    expect(record.optional('at', (at) => at.instant())).toEqual({ at: 5 });
    expect(record.optional('by', (by) => by.name())).toEqual({});
    expect(read({ by: undefined }).optional('by', (by) => by.name())).toEqual({});
  });

  it.each([
    ['not an object', 'text', 'the record is not an object'],
    ['a list for an object', [], 'the record is not an object'],
    ['a key too few', { id: 'x' }, 'the record lacks state'],
    ['a key too many', { state: 'draft', extra: 1 }, 'the record has a key that does not belong there'],
    [
      'a key of every object',
      JSON.parse('{"state":"draft","__proto__":{}}'),
      'the record has a key that does not belong there',
    ],
    ['an unknown word', { state: 'Mara Ellison' }, 'the record.state is none of draft'],
    ['a missing own key that every object inherits', {}, 'the record lacks state'],
  ])('refuses %s and repeats no value', (_, value: unknown, problem) => {
    expect(() => read(value).closed(['state'], ['id']).get('state').word(['draft'])).toThrow(problem);
  });

  it.each(['', 'a\nb', 'a\u0000b', 'x'.repeat(257), 3, null])('takes %j for no name', (value) => {
    expect(() => read(value).name()).toThrow('the record');
  });

  it('takes no fraction, no text and nothing beyond exact numbers for an instant', () => {
    for (const value of [1.5, '5', Number.NaN, 2 ** 53, null])
      expect(() => read(value).instant()).toThrow('whole number');
  });

  it('knows the calendar', () => {
    expect(isDate('2028-02-29')).toBe(true);
    for (const text of ['2027-02-29', '2027-13-01', '2027-00-10', '2027-1-1', '20270101', '2027-01-01T00:00'])
      expect(isDate(text)).toBe(false);
  });

  it('counts list items in the place it names', () => {
    expect(() =>
      read({ a: ['x', 7] })
        .get('a')
        .list((item) => item.name()),
    ).toThrow('the record.a[1] is not text');
  });
});
