import { type Instant, instantOf } from '#terms';
import type { PermitEnd } from './consent.js';
import { checkEnd, endAfterDays, endsAt } from './end.js';
import { later, noon } from './mara.fixture.js';

const utc = (text: string): Instant => instantOf(Date.parse(text));
const overAt = (date: string, timeZone: string): string =>
  new Date(endsAt({ kind: 'date', date, timeZone }, noon) ?? Number.NaN).toISOString();

const inTokyo = (date: string): PermitEnd => ({ kind: 'date', date, timeZone: 'Asia/Tokyo' });

describe('an end', () => {
  it.each([
    ['winter in New York', '2026-12-31', 'America/New_York', '2027-01-01T05:00:00.000Z'],
    ['summer in New York', '2027-06-30', 'America/New_York', '2027-07-01T04:00:00.000Z'],
    ['the short day there', '2027-03-14', 'America/New_York', '2027-03-15T04:00:00.000Z'],
    ['the long day there', '2026-11-01', 'America/New_York', '2026-11-02T05:00:00.000Z'],
    ['far east', '2026-12-31', 'Pacific/Kiritimati', '2026-12-31T10:00:00.000Z'],
    ['far west', '2026-12-31', 'Pacific/Niue', '2027-01-01T11:00:00.000Z'],
    ['a quarter of an hour off', '2026-12-31', 'Asia/Kathmandu', '2026-12-31T18:15:00.000Z'],
    ['before a day without a midnight', '2023-04-27', 'Africa/Cairo', '2023-04-27T22:00:00.000Z'],
    ['before a day that was left out', '2011-12-29', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
  ])('by date lasts through that day: %s', (_, date, timeZone, over) => {
    expect(overAt(date, timeZone)).toBe(over);
  });

  it('is one of the offered numbers of days, counted from now', () => {
    expect(endAfterDays(7, noon)).toEqual({ kind: 'at', instant: utc('2026-11-29T12:00:00Z') });
  });

  it('of a release for one disclosure comes after 12 months at the latest', () => {
    expect(endsAt({ kind: 'once' }, utc('2028-02-29T08:30:00Z'))).toBe(utc('2029-02-28T08:30:00Z'));
  });

  it('of a refusal need not come', () => {
    expect(endsAt({ kind: 'until_lifted' }, noon)).toBeUndefined();
    expect(() => checkEnd('refuse', { kind: 'until_lifted' }, noon)).not.toThrow();
    expect(() => checkEnd('refuse', { kind: 'at', instant: utc('2040-01-01T00:00:00Z') }, noon)).not.toThrow();
  });

  it('of a release is at most 12 months away, to the millisecond or to the day there', () => {
    expect(() => checkEnd('permit', { kind: 'at', instant: utc('2027-11-22T12:00:00Z') }, noon)).not.toThrow();
    expect(() => checkEnd('permit', { kind: 'at', instant: utc('2027-11-22T12:00:00.001Z') }, noon)).toThrow(
      '12 months',
    );
    expect(() => checkEnd('permit', inTokyo('2027-11-22'), noon)).not.toThrow();
    expect(() => checkEnd('permit', inTokyo('2027-11-23'), noon)).toThrow('12 months');
  });

  it('is not past already', () => {
    expect(() => checkEnd('permit', { kind: 'at', instant: noon }, noon)).toThrow('before it began');
    expect(() => checkEnd('refuse', { kind: 'at', instant: later(-1) }, noon)).toThrow('before it began');
    // Today may still be the last day.
    expect(() =>
      checkEnd('permit', { kind: 'date', date: '2026-11-22', timeZone: 'Europe/London' }, noon),
    ).not.toThrow();
    expect(() => checkEnd('permit', { kind: 'date', date: '2026-11-21', timeZone: 'Europe/London' }, noon)).toThrow(
      'before it began',
    );
  });

  it('names a time zone that exists', () => {
    expect(() => overAt('2026-12-31', 'Mars/Olympus_Mons')).toThrow('the time zone is not known');
  });
});
