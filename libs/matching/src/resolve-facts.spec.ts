import * as fc from 'fast-check';
import {
  type AgencyId,
  bandOf,
  type EntityClass,
  type FactName,
  type FactValue,
  type Instant,
  type Sector,
  UNKNOWN,
} from '#terms';
import type { Assertion, Stated, Towards } from './assertion.js';
import {
  age,
  asking,
  brother,
  clinician,
  confidential,
  court,
  DAY,
  deceased,
  declares,
  detectives,
  domesticViolence,
  emergency,
  factNamed,
  hospital,
  inspector,
  later,
  moreWords,
  noon,
  officer,
  police,
  reports,
  risk,
  said,
  separated,
  shelter,
  tie,
  tied,
} from './mara.fixture.js';
import { type Asker, type ResolvedFact, resolveFacts } from './resolve-facts.js';

const entityClass = 'entity_class' as FactName;

function resolved(
  assertions: readonly Assertion[],
  asker = asking(),
  at: Instant = noon,
): ReadonlyMap<FactName, ResolvedFact> {
  return resolveFacts({ assertions, asker, declared: new Map(), at, vocabulary: moreWords });
}
function valueOf(
  fact: FactName,
  assertions: readonly Assertion[],
  asker = asking(),
  at: Instant = noon,
): FactValue | undefined {
  return resolved(assertions, asker, at).get(fact)?.value;
}
const declaring = (declared: ReadonlyMap<FactName, FactValue>): ReadonlyMap<FactName, ResolvedFact> =>
  resolveFacts({ assertions: [], asker: asking(), declared, at: noon, vocabulary: moreWords });
const { unit: _unit, ...unitless } = asking();

const endOf = (...assertions: readonly Assertion[]): Instant | undefined =>
  resolved(assertions).get(confidential)?.until;
const secretUntil = (until: Instant, agency: AgencyId = shelter): Assertion =>
  said(confidential, 'yes', { agency, until });
const yes = (to: Towards): Assertion => said(tied, 'yes', { towards: to });
const no = (to: Towards): Assertion => said(tied, 'no', { towards: to });
const bornOn = (date: string): Assertion =>
  said(age, { date }, { agency: hospital, role: clinician, at: later(-365 * DAY) });
const event = (date: string, agency: AgencyId = court): Assertion => said(reports, { date }, { agency });
const on = (text: string): Instant => later(Date.parse(text) - noon);

describe('facts', () => {
  it('that nobody stated are absent; what enrolment knows of the asker is there', () => {
    expect(resolved([])).toEqual(
      new Map([
        ['sector', { value: 'police', by: [] }],
        ['role', { value: 'police_officer', by: [] }],
        ['entity_class', { value: [], by: [] }],
      ]),
    );
  });

  it('say as what a law prescribes the asker, as its enrolment does and nobody else', () => {
    const classes = new Set(['risk_assessment_entity', 'information_sharing_entity'] as EntityClass[]);
    expect(resolved([], asking({ entityClasses: classes })).get(entityClass)).toEqual({
      value: ['information_sharing_entity', 'risk_assessment_entity'],
      by: [],
    });
    expect(() => declaring(new Map([[entityClass, ['risk_assessment_entity']]]))).toThrow('not for a question to say');
  });

  it('are what was stated most protectively, and by whom', () => {
    const low = said(risk, 'high', { agency: hospital, role: clinician });
    const high = said(risk, 'medium', { agency: court });
    const too = said(risk, 'medium', { agency: shelter });
    expect(resolved([low, high, too]).get(risk)).toEqual({ value: 'medium', by: [court, shelter] });
    expect(resolved([too, high, low]).get(risk)).toEqual({ value: 'medium', by: [court, shelter] });
  });

  it('says when it ceases to hold: with the last of those who said it, and with the first word of several', () => {
    expect(endOf(secretUntil(later(DAY)))).toBe(later(DAY));
    expect(endOf(secretUntil(later(DAY)), secretUntil(later(2 * DAY), hospital))).toBe(later(2 * DAY));
    expect(endOf(secretUntil(later(DAY)), said(confidential, 'yes', { agency: hospital }))).toBeUndefined();
    // What did not decide does not count.
    const open = said(confidential, 'no', { agency: hospital, until: later(DAY) });
    expect(endOf(said(confidential, 'yes'), open)).toBeUndefined();
  });

  it('end when their statement ends, and begin with it where they open something', () => {
    const secret = said(confidential, 'yes', { at: later(DAY), until: later(2 * DAY) });
    const open = said(confidential, 'no', { at: later(DAY) });
    expect(valueOf(confidential, [open], asking(), noon)).toBeUndefined();
    expect(valueOf(confidential, [open], asking(), later(DAY))).toBe('no');
    // A slow clock must not overlook what protects.
    expect(valueOf(confidential, [secret, open], asking(), noon)).toBe('yes');
    expect(valueOf(confidential, [secret, open], asking(), later(2 * DAY - 1))).toBe('yes');
    expect(valueOf(confidential, [secret, open], asking(), later(2 * DAY))).toBe('no');
  });

  it('by the asker itself count only where they protect more than silence', () => {
    const own = { agency: police, role: officer } as const;
    expect(valueOf(risk, [said(risk, 'high', own)])).toBeUndefined();
    expect(valueOf(age, [said(age, '18 and over', own)])).toBeUndefined();
    expect(valueOf(confidential, [said(confidential, 'no', own)])).toBeUndefined();
    expect(valueOf(confidential, [said(confidential, 'yes', own)])).toBe('yes');
    expect(valueOf(deceased, [said(deceased, 'yes', own)])).toBe('yes');
    // The same words count where somebody else asks.
    expect(valueOf(risk, [said(risk, 'high', own)], asking({ agency: hospital, sector: 'health' as Sector }))).toBe(
      'high',
    );
  });

  it('that the vocabulary does not know are an error, not one protection fewer', () => {
    expect(() => resolved([said('hunted' as FactName, 'yes')])).toThrow('not in the vocabulary');
    expect(() => resolved([said(risk, 'extreme')])).toThrow('not in the vocabulary');
  });

  it('that a question declares are only those that a question may set', () => {
    const grounds = ['serious_imminent_threat'];
    const facts = declaring(
      new Map<FactName, FactValue>([
        [emergency, 'yes'],
        [declares, grounds],
      ]),
    );
    expect(facts.get(emergency)).toEqual({ value: 'yes', by: [police] });
    expect(facts.get(declares)).toEqual({ value: grounds, by: [police] });
    for (const [name, value] of [
      [tied, 'no'],
      [risk, 'high'],
      ['discloser_confirms' as FactName, grounds],
    ] as const)
      expect(() => declaring(new Map([[name, value]]))).toThrow('not for a question to say');
    expect(() => declaring(new Map([[emergency, 'perhaps']]))).toThrow('takes yes, no');
  });
});

describe('a tie', () => {
  const clearDvu = no({ agency: police, unit: domesticViolence });
  const tiedDetectives = yes({ agency: police, unit: detectives });
  const fromDetectives = asking({ unit: detectives, officer: brother });

  it('is resolved for each unit', () => {
    expect(valueOf(tied, [clearDvu, tiedDetectives])).toBe('no');
    expect(valueOf(tied, [clearDvu, tiedDetectives], fromDetectives)).toBe('yes');
    expect(valueOf(tied, [clearDvu, tiedDetectives], asking({ agency: hospital }))).toBeUndefined();
  });

  it('meets everyone who keeps the unit back', () => {
    expect(valueOf(tied, [clearDvu, tiedDetectives], unitless)).toBe('yes');
    expect(valueOf(tied, [clearDvu], unitless)).toBeUndefined();
    expect(valueOf(tied, [yes({ agency: police, officer: brother })], unitless)).toBe('yes');
  });

  it('of a whole agency meets all its units, whatever is said of one', () => {
    expect(valueOf(tied, [yes({ agency: police }), clearDvu])).toBe('yes');
    expect(valueOf(tied, [no({ agency: police })])).toBeUndefined();
  });

  it('of an officer meets that officer wherever he sits, and the unit named with him', () => {
    const ofBrother = yes({ agency: police, officer: brother });
    expect(valueOf(tied, [ofBrother], asking({ officer: brother }))).toBe('yes');
    expect(valueOf(tied, [ofBrother])).toBeUndefined();
    const ofHisUnit = yes({ agency: police, unit: detectives, officer: brother });
    expect(valueOf(tied, [ofHisUnit], asking({ officer: brother }))).toBe('yes');
    expect(valueOf(tied, [ofHisUnit], asking({ unit: detectives }))).toBe('yes');
    expect(valueOf(tied, [no({ agency: police, unit: domesticViolence, officer: brother })])).toBeUndefined();
  });

  it('is not cleared by the agency itself, but admitted by it', () => {
    const own = { agency: police, towards: { agency: police, unit: domesticViolence } } as const;
    expect(valueOf(tied, [said(tied, 'no', own)])).toBeUndefined();
    expect(valueOf(tied, [said(tied, 'yes', own), clearDvu])).toBe('yes');
  });

  it('in several words gathers what other agencies said', () => {
    const words = [
      said(tie, ['her_advocate'], { agency: hospital, towards: { agency: shelter } }),
      said(tie, ['her_shelter', 'her_advocate'], { agency: court, towards: { agency: shelter } }),
      said(tie, ['his_employer'], { agency: shelter, towards: { agency: shelter } }),
      said(tie, ['investigating_police'], { agency: court, towards: { agency: police } }),
    ];
    const fromShelter = asking({ agency: shelter, sector: 'victim_service' as Sector });
    expect(resolved(words, fromShelter).get(tie)).toEqual({
      value: ['her_shelter', 'her_advocate'],
      by: [court, hospital],
    });
  });
});

describe('time', () => {
  it.each([
    ['1991-04-30', '2026-11-22T12:00:00Z', '18 and over'],
    ['2008-11-23', '2026-11-23T11:59:59Z', '16 to 17'],
    ['2008-11-23', '2026-11-23T12:00:00Z', '18 and over'],
    ['2010-11-23', '2026-11-22T12:00:00Z', '13 to 15'],
    ['2014-06-01', '2026-11-22T12:00:00Z', 'under 13'],
    ['2008-02-29', '2026-03-01T11:59:59Z', '16 to 17'],
    ['2008-02-29', '2026-03-01T12:00:00Z', '18 and over'],
    ['2031-01-01', '2026-11-22T12:00:00Z', UNKNOWN],
  ])('makes a birth on %s, at %s, the band %s: nobody is older than on any clock', (date, at, band) => {
    expect(valueOf(age, [bornOn(date)], asking(), on(at))).toBe(band);
  });

  it('takes the more protective of two ages', () => {
    expect(valueOf(age, [bornOn('1991-04-30'), said(age, '16 to 17')])).toBe('16 to 17');
  });

  it('counts days since, and events within twelve months, the same day once', () => {
    expect(valueOf(separated, [said(separated, { date: '2026-11-01' })])).toBe('under 90');
    expect(valueOf(separated, [said(separated, { date: '2026-01-01' })])).toBe('90 and over');
    expect(valueOf(reports, [event('2026-11-22'), event('2026-03-02'), event('2026-03-02', hospital)])).toBe('1 to 2');
    expect(valueOf(reports, [event('2026-11-22'), event('2026-03-02'), event('2026-07-02', hospital)])).toBe(
      '3 and over',
    );
    expect(valueOf(reports, [event('2025-03-02'), event('2025-11-21')])).toBeUndefined();
    expect(valueOf(reports, [said(reports, { count: 4 }, { agency: court })])).toBe('3 and over');
  });

  it("does not count the asker's own events, which would open by counting", () => {
    const own = ['2026-01-02', '2026-02-02', '2026-03-02'].map((date) => said(reports, { date }, { agency: police }));
    expect(valueOf(reports, own)).toBeUndefined();
    expect(valueOf(reports, [...own, said(reports, { date: '2026-04-02' }, { agency: court })])).toBe('1 to 2');
  });
});

/** The meaning, slowly: of all words, from the most protective on, the first that some statement carries. */
function reference(fact: FactName, assertions: readonly Assertion[], asker: Asker, at: Instant): FactValue | undefined {
  const { protectiveOrder, ifNobodyHasSaid, ofAsker } = factNamed(fact);
  const silence = protectiveOrder.indexOf(String(ifNobodyHasSaid));
  return protectiveOrder.find((word, rank) =>
    assertions.some((one) => {
      const isProtective = rank < silence;
      if (one.fact !== fact || (one.until !== undefined && at >= one.until)) return false;
      if (wordOf(one.value, at) !== word) return false;
      if (!isProtective && (one.by.agency === asker.agency || one.at > at)) return false;
      if (!ofAsker) return true;
      const { towards } = one;
      if (towards === undefined || towards.agency !== asker.agency) return towards === undefined && isProtective;
      const named = [towards.unit, towards.officer].filter((each) => each !== undefined);
      const mine = [asker.unit, asker.officer];
      return isProtective
        ? named.length === 0 || asker.unit === undefined || named.some((each) => mine.includes(each))
        : towards.unit !== undefined && named.every((each) => mine.includes(each));
    }),
  );
}

function wordOf(value: Stated, at: Instant): string {
  if (typeof value === 'string') return value;
  if (!('date' in value)) return UNKNOWN;
  // Birthdays counted one by one, on a clock twelve hours behind.
  const clock = new Date(at - 12 * 60 * 60 * 1000);
  const birth = new Date(value.date);
  let years = 0;
  while (Date.UTC(birth.getUTCFullYear() + years + 1, birth.getUTCMonth(), birth.getUTCDate()) <= clock.getTime())
    years += 1;
  return bandOf(factNamed(age), years);
}

const agencies = fc.constantFrom(police, police, shelter, hospital);
const towards: fc.Arbitrary<Towards> = fc.record(
  {
    agency: fc.constantFrom(police, police, police, hospital),
    unit: fc.constantFrom(domesticViolence, detectives),
    officer: fc.constantFrom(inspector, brother),
  },
  { requiredKeys: ['agency'] },
);
const statement: fc.Arbitrary<Assertion> = fc
  .record({
    what: fc.oneof(
      fc.record({ fact: fc.constant(tied), value: fc.constantFrom('yes', 'no', 'no'), towards }),
      fc.record({ fact: fc.constant(confidential), value: fc.constantFrom('yes', 'no') }),
      fc.record({ fact: fc.constant(risk), value: fc.constantFrom('standard', 'medium', 'high') }),
      fc.record({
        fact: fc.constant(age),
        value: fc.oneof(
          fc.constantFrom('13 to 15', '18 and over'),
          fc.constantFrom('1991-04-30', '2008-11-23', '2012-01-01').map((date) => ({ date })),
        ),
      }),
    ),
    agency: agencies,
    times: fc.record(
      { at: fc.constantFrom(-1, 0, 1).map(later), until: fc.constantFrom(0, 1, DAY).map(later) },
      { requiredKeys: ['at'] },
    ),
  })
  .map(({ what: { fact, value, ...rest }, agency, times }) => said(fact, value, { agency, ...rest, ...times }));
const statements = fc.array(statement, { maxLength: 7 });
const askers: fc.Arbitrary<Asker> = fc
  .record({
    unit: fc.constantFrom(domesticViolence, detectives, undefined),
    officer: fc.constantFrom(inspector, brother),
  })
  .map(({ unit, officer: who }) => ({ ...unitless, officer: who, ...(unit === undefined ? {} : { unit }) }));
const asked = fc.tuple(statements, askers, fc.constantFrom(0, 1, DAY).map(later));
const FACTS = [tied, confidential, risk, age];

type Resolving = (fact: FactName, assertions: readonly Assertion[], asker: Asker, at: Instant) => FactValue | undefined;
/** How much a value opens: its place in the order, silence standing where the vocabulary puts it. */
function opening(fact: FactName, value: FactValue | undefined): number {
  const { protectiveOrder, ifNobodyHasSaid } = factNamed(fact);
  return protectiveOrder.indexOf(String(value ?? ifNobodyHasSaid));
}
function law<T>(given: fc.Arbitrary<T>, holds: (resolving: Resolving, given: T) => boolean) {
  return (resolving: Resolving): boolean =>
    !fc.check(
      fc.property(given, (one) => holds(resolving, one)),
      { numRuns: 600, seed: 7 },
    ).failed;
}
const laws = {
  'says what the slow reference says': law(asked, (resolving, [assertions, asker, at]) =>
    FACTS.every((fact) => resolving(fact, assertions, asker, at) === reference(fact, assertions, asker, at)),
  ),
  'never depends on the order of statements': law(asked, (resolving, [assertions, asker, at]) =>
    FACTS.every(
      (fact) => resolving(fact, assertions, asker, at) === resolving(fact, assertions.toReversed(), asker, at),
    ),
  ),
  "never opens by the asker's own word": law(
    fc.tuple(asked, statement),
    (resolving, [[assertions, asker, at], own]) => {
      const further = [...assertions, { ...own, by: { agency: asker.agency, role: asker.role } }];
      return FACTS.every(
        (fact) =>
          opening(fact, resolving(fact, further, asker, at)) <= opening(fact, resolving(fact, assertions, asker, at)),
      );
    },
  ),
  'never opens by keeping the unit back': law(asked, (resolving, [assertions, asker, at]) => {
    const { unit: _kept, ...without } = asker;
    return FACTS.every(
      (fact) =>
        opening(fact, resolving(fact, assertions, without, at)) <=
        opening(fact, resolving(fact, assertions, asker, at)),
    );
  }),
  'never lets a further statement outweigh a more protective one': law(
    fc.tuple(asked, statement),
    (resolving, [[assertions, asker, at], further]) =>
      FACTS.every((fact) => {
        const before = resolving(fact, assertions, asker, at);
        const after = resolving(fact, [...assertions, further], asker, at);
        return before === undefined || opening(fact, after) <= opening(fact, before);
      }),
  ),
} as const;

const notBy = (asker: Asker, assertions: readonly Assertion[]): Assertion[] =>
  assertions.filter((one) => one.by.agency !== asker.agency);
const wrong: readonly [string, keyof typeof laws, Resolving][] = [
  [
    'believes the newest',
    'never depends on the order of statements',
    (fact, all, asker, at) => valueOf(fact, all.slice(-1), asker, at),
  ],
  [
    'believes the asker',
    "never opens by the asker's own word",
    (fact, all, asker, at) =>
      valueOf(
        fact,
        all.map((one) => ({ ...one, by: { ...one.by, agency: court } })),
        asker,
        at,
      ),
  ],
  [
    'hears nothing the asker admits',
    'says what the slow reference says',
    (fact, all, asker, at) => valueOf(fact, notBy(asker, all), asker, at),
  ],
  [
    'takes a missing unit for any unit',
    'never opens by keeping the unit back',
    (fact, all, asker, at) => valueOf(fact, all, { ...asker, unit: asker.unit ?? domesticViolence }, at),
  ],
  [
    'lets clearing one unit clear the agency',
    'says what the slow reference says',
    (fact, all, asker, at) =>
      valueOf(
        fact,
        all.map((one) =>
          one.value === 'no' && one.towards && asker.unit
            ? { ...one, towards: { ...one.towards, unit: asker.unit } }
            : one,
        ),
        asker,
        at,
      ),
  ],
  [
    'forgets that statements end',
    'says what the slow reference says',
    (fact, all, asker) => valueOf(fact, all, asker, later(-1)),
  ],
  [
    'lets many outweigh one',
    'never lets a further statement outweigh a more protective one',
    (fact, all, asker, at) =>
      valueOf(
        fact,
        all.filter((one) => one.fact === fact).length > 2 ? all.filter((one) => one.value !== 'yes') : all,
        asker,
        at,
      ),
  ],
];

describe('resolving facts, whatever was said', () => {
  it.each(Object.entries(laws))('%s', (_, holdsFor) => {
    expect(holdsFor(valueOf)).toBe(true);
  });

  it.each(wrong)('negative control: one that %s is caught', (_, name, resolving) => {
    expect(laws[name](resolving)).toBe(false);
  });

  it('is tried where it matters: random statements reach every answer', () => {
    const seen = new Set(
      fc
        .sample(asked, { numRuns: 400, seed: 7 })
        .flatMap(([assertions, asker, at]) =>
          FACTS.map((fact) => `${fact} ${String(valueOf(fact, assertions, asker, at))}`),
        ),
    );
    for (const answer of [
      `${tied} yes`,
      `${tied} no`,
      `${tied} undefined`,
      `${age} 13 to 15`,
      `${age} 18 and over`,
      `${risk} high`,
    ])
      expect([answer, seen.has(answer)]).toEqual([answer, true]);
  });
});
