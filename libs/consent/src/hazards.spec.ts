import type { Consent } from './consent.js';
import { coverage, type CoverageAsk } from './coverage.js';
import { fromRecord, toRecord } from './consent-record.js';
import {
  active,
  atTheHospital,
  atTheShelter,
  birthDate,
  DAY,
  hospital,
  injuries,
  later,
  level,
  noon,
  permit,
  planning,
  refusal,
  safePhone,
  shelter,
} from './mara.fixture.js';

const ask: CoverageAsk = {
  discloser: hospital,
  recipient: shelter,
  purpose: planning,
  at: later(2 * DAY),
  fields: [birthDate, injuries, safePhone],
  permitsOf: new Set([atTheHospital, atTheShelter]),
};
const statesOf = (consents: readonly Consent[], at = ask.at): (string | undefined)[] =>
  [birthDate, injuries].map((field) => coverage(consents, { ...ask, at }).fields.get(field)?.state);

/** Five ways in which a consent service of another project fails open or shut; design page "peers", section A. */
describe('hazard of another consent service:', () => {
  it('1. newest wins: a later broad permit does not erase an earlier specific refusal', () => {
    const no = active('no', refusal({ fields: [injuries] }));
    const broad = active('broad', permit(), { at: later(DAY) });
    expect(statesOf([no, broad])).toEqual(['agreed', 'refused']);
    expect(statesOf([broad, no])).toEqual(['agreed', 'refused']);
  });

  it('2. equal dates: list order decides nothing', () => {
    const said = [
      active('no', refusal({ fields: [injuries] })),
      active('yes', permit()),
      active('less', permit({ fields: new Map([[birthDate, level(1)]]) })),
    ];
    const first = coverage(said, ask);
    for (const order of [
      said.toReversed(),
      [...said.slice(1), ...said.slice(0, 1)],
      [...said.slice(2), ...said.slice(0, 2)],
    ])
      expect(coverage(order, ask)).toEqual(first);
    expect(statesOf(said)).toEqual(['agreed', 'refused']);
  });

  it('3. an actor nobody can look up: the directive is not dropped, which would leave older permits standing', () => {
    const older = active('older', permit());
    const brotherInLaw = { what: 'recipient', text: "my brother-in-law's office" } as const;
    const no = active('no', refusal({ recipients: [], fields: [injuries], unresolved: [brotherInLaw] }), {
      at: later(1),
    });
    expect(statesOf([older, no])).toEqual(['agreed', 'refused']);
    const unclearField = active('no', refusal({ fields: [], unresolved: [{ what: 'field', text: 'that photo' }] }));
    expect(statesOf([older, unclearField])).toEqual(['refused', 'refused']);
    const unclearPermit = active('yes', permit({ unresolved: [brotherInLaw] }));
    expect(statesOf([unclearPermit])).toEqual(['not_asked', 'not_asked']);
  });

  it('3b. a stored refusal that cannot be read is an error, never one refusal fewer', () => {
    const stored = JSON.parse(JSON.stringify(toRecord(active('no', refusal()))));
    expect(() => fromRecord({ ...stored, directive: { ...stored.directive, kind: 'deny' } })).toThrow(
      'the record.directive.kind is none of permit, refuse',
    );
  });

  it('4. a date-only end lasts through that day, on the clocks of the case', () => {
    const until = permit({ end: { kind: 'date', date: '2026-12-24', timeZone: 'America/New_York' } });
    const release = active('release', until);
    const during = Date.parse('2026-12-25T04:59:59.999Z') - noon;
    expect(statesOf([release], later(during))).toEqual(['agreed', 'agreed']);
    expect(statesOf([release], later(during + 1))).toEqual(['expired', 'expired']);
  });

  it('5. "only these" and "not these" both hold', () => {
    const only = active('only', permit());
    const notThese = active('not-these', refusal({ fields: [injuries, safePhone] }));
    const { fields } = coverage([only, notThese], ask);
    expect([birthDate, injuries, safePhone].map((field) => fields.get(field)?.state)).toEqual([
      'agreed',
      'refused',
      'refused',
    ]);
  });
});
