import * as fc from 'fast-check';
import type { LinkId, OfficerId } from '#terms';
import { type Case, type CaseId } from './case.js';
import { cancelCode, type CodeId, confirmCode, issueCode, redeemCode } from './code.js';
import { MatchingError } from './error.js';
import { fromRecord, type Kinds, toRecord } from './matching-record.js';
import { age, DAY, handle, hospital, later, link, noon, police, said, shelter, tie, tied } from './mara.fixture.js';

const atHospital = handle('mrn', hospital);
const atPolice = handle('p', police);
const secretHash = 'ab'.repeat(32);
const issued = issueCode({
  id: 'code-1' as CodeId,
  secretHash,
  issuer: atHospital,
  officer: 'records-2' as OfficerId,
  recipient: police,
  legalBasis: 'mandatory injury report',
  at: noon,
  expiresAt: later(DAY),
});
const redeemed = redeemCode(issued, {
  secretHash,
  by: atPolice,
  officer: 'r.osei' as OfficerId,
  at: noon,
  failures: [],
});
const confirming = { at: noon, link: 'link-1' as LinkId };
const half = confirmCode(redeemed, { agency: police, ...confirming }, []);
const told: Case = {
  id: 'case-1' as CaseId,
  openedAt: noon,
  parties: [
    { handle: atHospital.id, role: 'survivor' },
    { handle: atPolice.id, role: 'person_using_violence', standing: 'disputed' },
  ],
};

const things: readonly [keyof Kinds, Kinds[keyof Kinds]][] = [
  ['handle', atHospital],
  ['link', link('l', atHospital, atPolice)],
  ['code', issued],
  ['code', half],
  ['code', confirmCode(half, { agency: hospital, ...confirming }, [])],
  ['code', cancelCode(redeemed, police, noon)],
  ['docket', { handle: atPolice.id, agency: police, key: '0e'.repeat(32), role: 'survivor' }],
  ['case', told],
  ['assertion', said(age, { date: '1991-04-30' }, { reason: 'two\nlines', until: later(1) })],
  ['assertion', said(age, { count: 3 })],
  ['assertion', said(tie, ['her_shelter'], { towards: { agency: shelter } })],
  ['assertion', said(tied, 'yes', { towards: { agency: police, unit: 'u' as never, officer: 'o' as never } })],
];
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a record', () => {
  it.each(things)('of a %s reads as the same thing, and as no other', (kind, thing) => {
    expect(fromRecord(kind, json(toRecord(kind, thing)))).toEqual(thing);
    const other = kind === 'handle' ? 'link' : 'handle';
    expect(() => fromRecord(other, json(toRecord(kind, thing)))).toThrow('the record.kind is none of');
  });

  it.each(things)('of a %s is refused with any key taken away, added or of another type', (kind, thing) => {
    const whole = json(thing);
    for (const [place, damaged] of damages(isObject(whole) ? whole : {}))
      expect([place, errorOf(() => fromRecord(kind, { version: 1, kind, thing: damaged }))]).toEqual([
        place,
        expect.any(MatchingError),
      ]);
  });

  it('is refused, with an error of ours, whatever else is put in its place', () => {
    const law = fc.property(
      fc.constantFrom<keyof Kinds>('handle', 'link', 'code', 'docket', 'case', 'assertion'),
      fc.anything({ withNullPrototype: true }),
      (kind, junk) =>
        errorOf(() => fromRecord(kind, junk)) instanceof MatchingError &&
        errorOf(() => fromRecord(kind, { version: 1, kind, thing: junk })) instanceof MatchingError,
    );
    expect(() => fc.assert(law, { numRuns: 200 })).not.toThrow();
  });

  it('is not written where it could not be read again', () => {
    expect(() => toRecord('assertion', said(age, { date: '1991-02-30' }))).toThrow(
      'the record.thing.value.date is not a date',
    );
    expect(() => toRecord('assertion', said(age, '18 and over', { basis: '' }))).toThrow(
      'the record.thing.basis is not text',
    );
    expect(() => fromRecord('handle', { version: 2, kind: 'handle', thing: atHospital })).toThrow('version');
  });
});

type Json = { [key: string]: unknown };
function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
/** Keys that may be absent. */
const OPTIONAL = ['towards', 'reason', 'until', 'unit', 'officer'];
function damages(whole: Json, place = ''): [string, Json][] {
  return Object.entries(whole).flatMap(([key, value]) => {
    const { [key]: _gone, ...rest } = whole;
    const here = `${place}.${key}`;
    const inside: [string, Json][] = isObject(value)
      ? damages(value, here).map(([where, damaged]) => [where, { ...whole, [key]: damaged }])
      : [];
    return [
      ...(OPTIONAL.includes(key) && place !== '.issuer' && place !== '.redeemed'
        ? []
        : [[`${here} removed`, rest] as [string, Json]]),
      [`${here} with a stranger`, { ...whole, [`${key}2`]: value }],
      [`${here} of another type`, { ...whole, [key]: null }],
      ...inside,
    ];
  });
}
