import * as fc from 'fast-check';
import { fromRecord, toRecord } from './consent-record.js';
import { histories } from './coverage.fixture.js';
import { ConsentError } from './error.js';
import { active, advocate, detective, later, noon, permit, recordsOffice, refusal, signing } from './mara.fixture.js';
import { confirm, withdraw } from './transitions.js';
import type { Consent } from './consent.js';

type Json = { [key: string]: unknown };
const stored = (consent: Consent): Json => JSON.parse(JSON.stringify(toRecord(consent)));
const release = active('release', permit());

const minor: Consent = {
  ...release,
  signing: signing({
    capacity: { kind: 'minor', mayGetServiceAlone: false, assessedBy: recordsOffice },
    signers: [{ kind: 'herself' }, { kind: 'parent', abusive: 'no' }],
    witnesses: [advocate, detective],
  }),
};
const { activeFrom: _activeFrom, ...signed } = release;
const waiting: Consent = { ...signed, state: 'pending', directive: permit(), confirmations: [] };

describe('a consent record', () => {
  it('reads as the same consent', () => {
    const same = fc.property(histories, (consents) => {
      for (const consent of consents) expect(fromRecord(stored(consent))).toEqual(consent);
    });
    expect(() => fc.assert(same, { numRuns: 100 })).not.toThrow();
    const confirmed = confirm(waiting, { kind: 'she', witness: detective, at: later(1) });
    for (const consent of [minor, confirmed, withdraw(release, detective, noon)])
      expect(fromRecord(stored(consent))).toEqual(consent);
  });

  it('is refused with any key taken away, added or turned into something else, wherever it lies', () => {
    for (const consent of [release, minor, active('no', refusal()), withdraw(release, detective, noon)]) {
      const whole = stored(consent);
      for (const [place, damaged] of damages(whole)) {
        const read = (): Consent => fromRecord(damaged);
        expect([place, errorOf(read)]).toEqual([place, expect.any(ConsentError)]);
      }
    }
  });

  it.each<[string, (record: Json) => void]>([
    ['an unknown version', (record) => (record['version'] = 2)],
    ['a state that does not exist', (record) => (record['state'] = 'granted')],
    ['an expired state, which is never stored', (record) => (record['state'] = 'expired')],
    ['a withdrawal turned back by renaming the state', (record) => (record['state'] = 'withdrawn')],
    ['a prototype', (record) => Object.defineProperty(record, '__proto__', { value: {}, enumerable: true })],
    ['an end no permit has', (record) => (scopeOf(record)['end'] = { kind: 'until_lifted' })],
    ['a level of nothing', (record) => (scopeOf(record)['fields'] = [['person.birth_date', 0]])],
    [
      'a field twice',
      (record) =>
        (scopeOf(record)['fields'] = [
          ['a.b', 1],
          ['a.b', 2],
        ]),
    ],
    ['a field without a level', (record) => (scopeOf(record)['fields'] = [['a.b']])],
    ['every recipient', (record) => (scopeOf(record)['recipients'] = 'any')],
    ['no recipient', (record) => (scopeOf(record)['recipients'] = [])],
    ['too many recipients', (record) => (scopeOf(record)['recipients'] = Array.from({ length: 1_001 }, String))],
    ['a use of a release that is not for one disclosure', (record) => (record['used'] = { by: 'e', at: 1 })],
  ])('is refused with %s', (_, damage) => {
    const record = stored(release);
    damage(record);
    expect(() => fromRecord(record)).toThrow(ConsentError);
  });

  it('is refused, with an error of ours, whatever else is put in its place', () => {
    const refused = fc.property(
      fc.anything({ withNullPrototype: true }),
      (junk) => errorOf(() => fromRecord(junk)) instanceof ConsentError,
    );
    expect(() => fc.assert(refused, { numRuns: 300 })).not.toThrow();
  });

  it('is not written where it could not be read again', () => {
    const unreadable = {
      ...release,
      signing: signing({ informed: { explainedBy: advocate, notice: '', notAConditionOfService: true } }),
    };
    expect(() => toRecord(unreadable)).toThrow('the record.signing.informed.notice is not text');
  });

  it('is refused without repeating what it says', () => {
    const record = stored(release);
    record['person'] = { name: 'Mara Ellison' };
    expect(() => fromRecord(record)).toThrow('the record.person is not text');
    record['person'] = 'p';
    record['Mara Ellison'] = true;
    expect(() => fromRecord(record)).toThrow('the record has a key that does not belong there');
  });
});

function scopeOf(record: Json): Json {
  return (record['directive'] as { scope: Json }).scope;
}

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** The record with each key in turn removed, given a stranger beside it, or replaced by something of another type. */
function damages(whole: Json, place = ''): [string, Json][] {
  return Object.entries(whole).flatMap(([key, value]) => {
    const { [key]: _gone, ...rest } = whole;
    const here = `${place}.${key}`;
    const inside: [string, Json][] = isObject(value)
      ? damages(value, here).map(([where, damaged]) => [where, { ...whole, [key]: damaged }])
      : [];
    return [
      ...(key === 'informed' || key === 'signing' ? [] : [[`${here} removed`, rest] as [string, Json]]),
      [`${here} with a stranger`, { ...whole, [`${key}2`]: value }],
      [`${here} of another type`, { ...whole, [key]: value === null ? 1 : null }],
      ...inside,
    ];
  });
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
