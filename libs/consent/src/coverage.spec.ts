import * as fc from 'fast-check';
import { instantOf } from '#terms';
import type { Consent } from './consent.js';
import { coverage, type CoverageAsk } from './coverage.js';
import { asks, histories, refusals } from './coverage.fixture.js';
import {
  active,
  advocate,
  atTheHospital,
  atThePolice,
  atTheShelter,
  birthDate,
  consentId,
  DAY,
  enrolment,
  hospital,
  injuries,
  investigation,
  later,
  level,
  noon,
  permit,
  planning,
  police,
  refusal,
  safePhone,
  shelter,
} from './mara.fixture.js';
import { type Covering, referenceCoverage } from './reference-coverage.fixture.js';
import { withdraw } from './transitions.js';

const ask: CoverageAsk = {
  discloser: hospital,
  recipient: shelter,
  purpose: planning,
  at: noon,
  fields: [birthDate, injuries, safePhone, enrolment],
  permitsOf: new Set([atTheHospital, atTheShelter]),
};
const release = active('release', permit());

const stateOf = (consents: readonly Consent[]): string | undefined =>
  coverage(consents, ask).fields.get(injuries)?.state;

describe('coverage', () => {
  it('agrees to each field she named, up to the level she named, and to nothing else', () => {
    expect(coverage([release], ask)).toEqual({
      fields: new Map([
        [birthDate, { state: 'agreed', level: 2, resting: ['release'], validUntil: later(90 * DAY) }],
        [injuries, { state: 'agreed', level: 1, resting: ['release'], validUntil: later(90 * DAY) }],
        [safePhone, { state: 'not_asked', level: 0, resting: [] }],
        [enrolment, { state: 'not_asked', level: 0, resting: [] }],
      ]),
      validUntil: later(90 * DAY),
    });
  });

  it.each<[string, Partial<CoverageAsk>]>([
    ['another discloser', { discloser: police }],
    ['another recipient', { recipient: police }],
    ['another purpose', { purpose: investigation }],
    ['persons at other ends of a chain of links', { permitsOf: new Set([atThePolice]) }],
    ['nobody', { permitsOf: new Set() }],
    ['the time before', { at: later(-1) }],
  ])('of a release does not reach %s', (_, other) => {
    const { fields } = coverage([release], { ...ask, ...other });
    expect([...fields.values()].every((field) => field.level === 0 && field.state !== 'agreed')).toBe(true);
  });

  it('takes the highest level among releases, and rests on the one that lasts longest', () => {
    const short = active('short', permit({ end: { kind: 'at', instant: later(7 * DAY) } }));
    const low = active('low', permit({ fields: new Map([[birthDate, level(1)]]) }));
    const once = active('once', permit({ end: { kind: 'once' } }));
    const { fields } = coverage([short, once, low, release], ask);
    expect(fields.get(birthDate)).toMatchObject({ level: 2, resting: ['release'], validUntil: later(90 * DAY) });
    // A release for one disclosure is not wasted where a lasting one says as much.
    expect(coverage([short, once, low], ask).fields.get(birthDate)?.resting).toEqual(['short']);
    expect(coverage([once, low], ask).fields.get(birthDate)?.resting).toEqual(['once']);
  });

  it('decides draft, pending, void and inert as not asked', () => {
    const { activeFrom: _from, confirmations, ...signed } = release;
    const directive = permit();
    const waiting: Consent[] = [
      { ...signed, directive, state: 'pending', confirmations },
      { ...signed, directive, state: 'inert', enrolledBy: advocate },
      { ...signed, directive, state: 'void', voidedAt: noon, voidedBy: advocate, reason: 'not_informed' },
      { state: 'draft', id: release.id, person: release.person, directive, preparedBy: advocate, preparedAt: noon },
    ];
    for (const consent of waiting) expect(coverage([consent], ask).fields.get(injuries)?.state).toBe('not_asked');
  });

  it('says withdrawn or expired where that is why', () => {
    const gone = withdraw(active('gone', permit()), advocate, noon);
    const over = active('over', permit({ end: { kind: 'at', instant: noon } }), { at: later(-DAY) });
    expect(stateOf([gone])).toBe('withdrawn');
    expect(stateOf([over])).toBe('expired');
    expect(stateOf([over, gone])).toBe('withdrawn');
    expect(stateOf([over, gone, release])).toBe('agreed');
  });

  it('counts a refusal of hers wherever she said it, and from before it was heard', () => {
    const no = active('no', refusal({ fields: [injuries] }), { person: atThePolice, at: later(DAY) });
    const { fields } = coverage([release, no], ask);
    expect(fields.get(injuries)).toEqual({ state: 'refused', level: 0, resting: ['no'] });
    expect(fields.get(birthDate)?.state).toBe('agreed');
  });

  describe('where a release names a refusal', () => {
    const no = active('no', refusal(), { at: later(-1) });
    const year = active('year', permit({ fields: new Map([[birthDate, level(2)]]), lifts: [consentId('no')] }));
    const whole = active('whole', permit({ fields: new Map([[birthDate, level(3)]]) }), { at: later(-2) });

    it('lifts it for what the release covers, and for no more', () => {
      const { fields } = coverage([no, year], ask);
      expect(fields.get(birthDate)).toMatchObject({ state: 'agreed', level: 2, resting: ['year'] });
      expect(fields.get(injuries)).toMatchObject({ state: 'refused', resting: ['no'] });
    });

    it('does not raise an older release, which did not name it, above what she agrees to now', () => {
      expect(coverage([whole, no, year], ask).fields.get(birthDate)).toMatchObject({ state: 'agreed', level: 2 });
    });

    it('lets the refusal stand again as soon as that release is withdrawn', () => {
      const after = coverage([whole, no, withdraw(year, advocate, noon)], ask);
      expect(after.fields.get(birthDate)?.state).toBe('refused');
    });

    it('needs every refusal to be named, by one release or another', () => {
      const again = active('again', refusal({ fields: [birthDate] }));
      expect(coverage([no, again, year], ask).fields.get(birthDate)).toMatchObject({
        state: 'refused',
        resting: ['again'],
      });
      const both = active('both', permit({ lifts: [consentId('again')] }));
      expect(coverage([no, again, year, both], ask).fields.get(birthDate)).toMatchObject({
        state: 'agreed',
        level: 2,
        resting: ['both', 'year'],
      });
    });

    it('cannot name one that she had not said yet', () => {
      const early = active('early', permit({ lifts: [consentId('no')] }), { at: later(-5) });
      expect(coverage([no, early], ask).fields.get(injuries)?.state).toBe('refused');
    });
  });

  describe('of the fact that an agency knows her', () => {
    const asked: CoverageAsk = { ...ask, discloser: shelter, recipient: hospital, fields: [enrolment] };

    it('follows from a release in the other direction', () => {
      expect(coverage([release], asked).fields.get(enrolment)).toEqual({
        state: 'agreed',
        level: 1,
        resting: ['release'],
        validUntil: later(90 * DAY),
      });
      expect(coverage([release], { ...asked, recipient: police }).fields.get(enrolment)?.state).toBe('not_asked');
      expect(coverage([release], { ...asked, purpose: investigation }).fields.get(enrolment)?.state).toBe('not_asked');
    });

    it('ends with that release', () => {
      const gone = withdraw(release, advocate, noon);
      expect(coverage([gone], asked).fields.get(enrolment)?.state).toBe('withdrawn');
    });

    it('does not follow where she refused it, or refused all that the release was for', () => {
      const unseen = active('unseen', refusal({ fields: [enrolment] }));
      expect(coverage([release, unseen], asked).fields.get(enrolment)?.state).toBe('refused');
      const nothingOut = active('nothing', refusal({ disclosers: [hospital], recipients: [shelter] }));
      expect(coverage([release, nothingOut], asked).fields.get(enrolment)?.level).toBe(0);
    });
  });

  it('refuses to choose between two versions of one consent', () => {
    expect(() => coverage([release, withdraw(release, advocate, noon)], ask)).toThrow('handed in twice');
  });
});

const real: Covering = (consents, asked) => coverage(consents, asked).fields;
const RUNS = { numRuns: 300 };

interface Law {
  readonly hold: (covering: Covering) => void;
  readonly isBrokenBy: (covering: Covering) => boolean;
}
function law<T>(given: fc.Arbitrary<T>, holds: (covering: Covering, given: T) => boolean): Law {
  return {
    hold: (covering) =>
      fc.assert(
        fc.property(given, (one) => holds(covering, one)),
        RUNS,
      ),
    isBrokenBy: (covering) =>
      fc.check(
        fc.property(given, (one) => holds(covering, one)),
        { numRuns: 3_000, seed: 7 },
      ).failed,
  };
}
const isNowhereHigher = (after: ReturnType<Covering>, before: ReturnType<Covering>): boolean =>
  [...after].every(([field, covered]) => covered.level <= (before.get(field)?.level ?? -1));
const isSame = (a: ReturnType<Covering>, b: ReturnType<Covering>): boolean =>
  JSON.stringify([...a]) === JSON.stringify([...b]);

/** What must hold of anything that calls itself coverage. */
const laws = {
  'says what the slow reference says': law(fc.tuple(histories, asks), (covering, [consents, asked]) =>
    [...covering(consents, asked)].every(([field, { state, level: covered }]) => {
      const meant = referenceCoverage(consents, asked, field);
      return state === meant.state && covered === meant.level;
    }),
  ),
  'never widens by a further refusal': law(
    fc.tuple(histories, refusals, asks),
    (covering, [consents, directive, asked]) => {
      const no = active('new', directive, { at: asked.at });
      return isNowhereHigher(covering([...consents, no], asked), covering(consents, asked));
    },
  ),
  'never widens by a withdrawal': law(fc.tuple(histories, fc.nat(), asks), (covering, [consents, index, asked]) => {
    const releases = consents.filter((consent) => consent.directive.kind === 'permit');
    const chosen = releases[index % Math.max(1, releases.length)];
    const after = consents.map((one) => (one === chosen ? withdraw(one, advocate, asked.at) : one));
    return isNowhereHigher(covering(after, asked), covering(consents, asked));
  }),
  'never depends on the order of directives': law(
    fc.tuple(histories, asks, fc.nat()),
    (covering, [consents, asked, turn]) => {
      const cut = turn % Math.max(1, consents.length);
      const turned = [...consents.slice(cut), ...consents.slice(0, cut)];
      const said = covering(consents, asked);
      return isSame(covering(turned, asked), said) && isSame(covering(consents.toReversed(), asked), said);
    },
  ),
} as const;

describe('coverage, whatever she said', () => {
  it.each(Object.entries(laws))('%s', (_, holds) => {
    expect(() => holds.hold(real)).not.toThrow();
  });

  it('rests on consents that carry it alone', () => {
    const carries = fc.property(histories, asks, (consents, asked) =>
      [...real(consents, asked)].every(([field, { state, level: covered, resting = [] }]) => {
        if (state !== 'agreed') return true;
        const kept = consents.filter((one) => one.directive.kind === 'refuse' || resting.includes(one.id));
        return real(kept, asked).get(field)?.level === covered;
      }),
    );
    expect(() => fc.assert(carries, RUNS)).not.toThrow();
  });

  it('holds, at no lower a level, until the instant it names', () => {
    const lasts = fc.property(histories, asks, (consents, asked) =>
      [...coverage(consents, asked).fields].every(([field, { validUntil, level: covered }]) => {
        if (validUntil === undefined) return covered === 0;
        const lastMoment = coverage(consents, { ...asked, at: instantOf(validUntil - 1) }).fields.get(field);
        return validUntil > asked.at && (lastMoment?.level ?? -1) >= covered;
      }),
    );
    expect(() => fc.assert(lasts, RUNS)).not.toThrow();
  });

  it('is tried where it matters: random histories reach every state often', () => {
    const seen = new Map<string, number>();
    for (const [consents, asked] of fc.sample(fc.tuple(histories, asks), { numRuns: 500, seed: 7 }))
      for (const { state } of real(consents, asked).values()) seen.set(state, (seen.get(state) ?? 0) + 1);
    for (const state of ['agreed', 'refused', 'withdrawn', 'expired', 'not_asked'])
      expect([state, (seen.get(state) ?? 0) >= 20]).toEqual([state, true]);
  });
});

/** Coverage as others got it wrong. Each must be caught by the law beside it, or that law guards nothing. */
const wrong: readonly [string, keyof typeof laws, Covering][] = [
  [
    'lets the newest directive win',
    'says what the slow reference says',
    (consents, asked) => real(consents.toSorted((a, b) => saidAt(b) - saidAt(a)).slice(0, 1), asked),
  ],
  [
    'lets the first of a list win',
    'never depends on the order of directives',
    (consents, asked) => real(consents.slice(0, 1), asked),
  ],
  [
    'drops a directive it cannot resolve',
    'says what the slow reference says',
    (consents, asked) =>
      real(
        consents.filter((one) => one.directive.scope.unresolved.length === 0),
        asked,
      ),
  ],
  [
    'passes over words it cannot resolve',
    'says what the slow reference says',
    (consents, asked) => real(consents.map(withoutUnresolved), asked),
  ],
  [
    'forgets refusals once there are three',
    'never widens by a further refusal',
    (consents, asked) =>
      real(
        consents.filter((one) => !isRefusal(one)).length + 3 <= consents.length
          ? consents.filter((one) => !isRefusal(one))
          : consents,
        asked,
      ),
  ],
  [
    'counts withdrawn releases',
    'says what the slow reference says',
    (consents, asked) =>
      real(
        consents.map((one) => (one.state === 'withdrawn' ? revived(one) : one)),
        asked,
      ),
  ],
  [
    'withdraws refusals together with a release',
    'never widens by a withdrawal',
    (consents, asked) =>
      real(
        consents.some((one) => one.state === 'withdrawn') ? consents.filter((one) => !isRefusal(one)) : consents,
        asked,
      ),
  ],
];

function saidAt(consent: Consent): number {
  return consent.state === 'draft' ? consent.preparedAt : (consent.signing?.recordedAt ?? 0);
}
function isRefusal(consent: Consent): boolean {
  return consent.directive.kind === 'refuse';
}
function withoutUnresolved(consent: Consent): Consent {
  const scope = { ...consent.directive.scope, unresolved: [] };
  return { ...consent, directive: { ...consent.directive, scope } } as Consent;
}
function revived(consent: Consent): Consent {
  return active(consent.id, consent.directive, { at: later(-DAY), person: consent.person });
}

describe('negative control: coverage that', () => {
  it.each(wrong)('%s is caught', (_, name, covering) => {
    expect(laws[name].isBrokenBy(covering)).toBe(true);
  });
});
