import type { FactName, FactValue, FieldName, Level, Purpose, RegimeName } from '#terms';
import { smallBundle, vocabulary } from '../test/small-policies.js';
import { decide } from './decide.js';
import { governing } from './governing.js';
import { parseSituation } from './parse-situation.js';
import type { Situation } from './situation.js';

const NAME = 'person.legal_name' as FieldName;
const BORN = 'person.birth_date' as FieldName;
const ADDRESS = 'contact.actual_address' as FieldName;
const SENDER = 'envelope.sender' as FieldName;
const ENROLMENT = 'service.enrolment' as FieldName;

/** Levels by name, for a situation written as in cases, under rules of us-health (and of core, and other files). */
function levels(
  { rules = '', core = '', files = {} }: { rules?: string; core?: string; files?: { readonly [path: string]: string } },
  given: string | Situation,
  fields: readonly FieldName[] = [NAME, BORN, ADDRESS],
): readonly string[] {
  const bundle = smallBundle({
    ...(rules && { 'us-health/a.yaml': `rules:\n${rules}` }),
    ...(core && { 'core/a.yaml': `rules:\n${core}` }),
    ...files,
  });
  const usual = parseSituation('{purpose: treatment, origins: us-health}', bundle);
  const situation = typeof given === 'string' ? parseSituation(`{${given}}`, bundle, usual) : given;
  const decision = decide(bundle, situation, fields);
  return fields.map(
    (name) => vocabulary.fields.get(name)?.scale[decision.fields.get(name)?.level ?? -1] ?? 'no such level',
  );
}

describe('whoever is said to be enrolled in core', () => {
  it.each(['core', 'no-such-regime'])('(as in %s, which no agency can be) tells nothing', (name) => {
    const rules = '- {rule: a, share: [identity]}';
    const core = '- {rule: b, withhold: [location]}';
    const everywhere = smallBundle({ 'us-health/a.yaml': `rules:\n${rules}`, 'core/a.yaml': `rules:\n${core}` });
    const enrolled = parseSituation('{purpose: treatment, origins: us-health}', everywhere);
    const origins = new Set<RegimeName>([...enrolled.origins, name as RegimeName]);
    expect(levels({ rules, core }, enrolled)).toEqual(['full', 'full', 'nothing']);
    expect(levels({ rules, core }, { ...enrolled, origins })).toEqual(['nothing', 'nothing', 'nothing']);
    const travelled = new Map([[NAME, new Set([name as RegimeName])]]);
    expect(levels({ rules, core }, { ...enrolled, travelled })).toEqual(['nothing', 'full', 'nothing']);
  });
});

describe('a share', () => {
  const authorised = '- {rule: a, share: [identity], when: {consent: agreed}}';

  it('grants each field as far as she agreed, and no other', () => {
    expect(levels({ rules: authorised }, 'consent: {person.birth_date: agreed to year, location: agreed}')).toEqual([
      'nothing',
      'year',
      'nothing',
    ]);
  });

  it.each(['not_asked', 'refused', 'withdrawn', 'expired', 'inert'])(
    'that asks for agreement grants nothing where she is %s',
    (state) => {
      expect(levels({ rules: authorised }, `consent: ${state}`)).toEqual(['nothing', 'nothing', 'nothing']);
    },
  );

  it('that asks for something else than agreement is not bounded by one', () => {
    const rules = '- {rule: a, share: [identity], when: {consent: [agreed, not_asked]}}';
    expect(levels({ rules }, 'consent: {person.birth_date: agreed to year}')).toEqual(['full', 'year', 'nothing']);
    expect(levels({ rules }, 'consent: inert')).toEqual(['full', 'full', 'nothing']);
  });

  it('with alternatives goes as far as the one that carries furthest', () => {
    const rules =
      '- {rule: a, share: [identity], when any: [{consent: agreed}, {discloser_confirms: required_by_law}]}';
    expect(levels({ rules }, 'consent: {identity: agreed, person.birth_date: agreed to year}')).toEqual([
      'full',
      'year',
      'nothing',
    ]);
    expect(
      levels({ rules }, 'discloser_confirms: required_by_law, consent: {person.birth_date: agreed to year}'),
    ).toEqual(['full', 'full', 'nothing']);
  });

  it('fails on what nobody knows, and its exception holds on it', () => {
    expect(levels({ rules: '- {rule: a, share: [identity], when: {risk: high}}' }, 'risk: unknown')[0]).toBe('nothing');
    expect(levels({ rules: '- {rule: a, share: [identity], unless: [{risk: high}]}' }, 'risk: unknown')[0]).toBe(
      'nothing',
    );
    expect(levels({ rules: '- {rule: a, share: [identity], unless: [{risk: high}]}' }, 'risk: standard')[0]).toBe(
      'full',
    );
  });

  it('of everything does not share who sends it, nor that she is known', () => {
    const fields = [NAME, SENDER, ENROLMENT];
    expect(levels({ rules: '- {rule: a, share: [everything]}' }, '', fields)).toEqual(['full', 'nothing', 'nothing']);
    expect(
      levels({ rules: '- {rule: a, share: [everything, envelope.sender, service.enrolment]}' }, '', fields),
    ).toEqual(['full', 'full', 'full']);
  });
});

describe('a limit', () => {
  const shared = '- {rule: s, share: [identity, location]}';

  it('cuts to its level, and the least level wins', () => {
    const rules = `${shared}\n- {rule: l, at most: {person.birth_date: year}}\n- {rule: m, at most: {person.birth_date: age_band}}`;
    expect(levels({ rules }, '')).toEqual(['full', 'age_band', 'full']);
  });

  const limit = (word: string): string =>
    `${shared}\n- {rule: l, withhold: [location], when: {perpetrator_at_requester: ${word}}}`;

  it('is met by what nobody knows, unless it asks for a known value', () => {
    expect(levels({ rules: limit('yes') }, '')[2]).toBe('nothing');
    expect(levels({ rules: limit('known yes') }, '')[2]).toBe('full');
    expect(levels({ rules: limit('known yes') }, 'perpetrator_at_requester: yes')[2]).toBe('nothing');
    expect(levels({ rules: limit('yes') }, 'perpetrator_at_requester: no')[2]).toBe('full');
  });

  it('yields by its own exception only, never on what nobody knows', () => {
    const rules = `${shared}\n- {rule: l, withhold: [location], unless: [{risk: high, purpose: treatment}]}`;
    expect(levels({ rules }, 'risk: high')[2]).toBe('full');
    expect(levels({ rules }, 'risk: unknown')[2]).toBe('nothing');
    expect(levels({ rules }, 'risk: high, sector: police')[2]).toBe('full');
  });

  it('whose exception rests on her agreement yields as far as she agreed', () => {
    const rules = `${shared}\n- {rule: l, withhold: [location], unless: [{consent: agreed}]}`;
    expect(levels({ rules }, 'consent: {contact.actual_address: agreed to region}')[2]).toBe('region');
    expect(levels({ rules }, 'consent: {location: agreed}')[2]).toBe('full');
    expect(levels({ rules }, '')[2]).toBe('nothing');
  });

  it('of core cuts every regime', () => {
    expect(
      levels(
        { rules: shared, core: '- {rule: l, withhold: [everything], with: {sector: employer}}' },
        'sector: employer',
      ),
    ).toEqual(['nothing', 'nothing', 'nothing']);
  });
});

describe('breaking the glass', () => {
  const rules =
    '- {rule: ordinary, share: [{person.birth_date: year}]}\n- {rule: glass, share: [identity], when: {emergency_declared: yes}, last resort: yes, duties: [expires_1h]}';

  it('counts only where no ordinary share reaches', () => {
    const bundle = smallBundle({
      'us-health/a.yaml': `rules:\n${rules}`,
      'core/a.yaml': 'rules:\n- {rule: l, at most: {person.birth_date: year}, when: {deceased: no}}',
    });
    const situation = parseSituation('{purpose: emergency, origins: us-health, emergency_declared: yes}', bundle);
    const { fields, duties } = decide(bundle, situation, [NAME, BORN]);
    expect(fields.get(NAME)).toMatchObject({
      level: 1,
      granted: ['us-health/glass'],
      lastResort: true,
      duties: ['expires_1h'],
    });
    // Cut to the year, which the ordinary share reaches: the glass was broken for nothing here.
    expect(fields.get(BORN)).toMatchObject({
      level: 2,
      granted: ['us-health/ordinary'],
      cut: ['core/l'],
      lastResort: false,
      duties: [],
    });
    expect(duties).toEqual(['expires_1h']);
  });

  it('is cut by every limit', () => {
    const withLimit = `${rules}\n- {rule: l, withhold: [identity], when: {perpetrator_at_requester: yes}}`;
    expect(levels({ rules: withLimit }, 'emergency_declared: yes')[0]).toBe('nothing');
    expect(levels({ rules: withLimit }, 'emergency_declared: yes, perpetrator_at_requester: no')[0]).toBe('full');
  });
});

describe('regimes', () => {
  const files = {
    'us-health/a.yaml': 'rules:\n- {rule: s, share: [identity]}',
    'us-shelters/regime.yaml':
      'regime: us-shelters\ntitle: Shelters\ngoverns:\n- {origins: enrolled here, fields: everything}',
    'us-shelters/a.yaml': 'rules:\n- {rule: s, share: [{person.birth_date: year}]}',
    'us-orders/regime.yaml':
      'regime: us-orders\ntitle: Orders\ngoverns:\n- {origins: every agency, fields: [legal_matter], under: {deceased: yes}}',
  };

  it('agree as far as the strictest that governs', () => {
    expect(levels({ files }, 'origins: [us-health, us-shelters]')).toEqual(['nothing', 'year', 'nothing']);
  });

  it('travel with a value, whoever passes it on', () => {
    expect(levels({ files }, 'travelled: {person.legal_name: us-shelters}')).toEqual(['nothing', 'full', 'nothing']);
  });

  it('govern the sender as they govern any value it comes with', () => {
    const named = { ...files, 'us-health/a.yaml': 'rules:\n- {rule: s, share: [identity], names sender: yes}' };
    expect(levels({ files: named }, '', [BORN, SENDER])).toEqual(['full', 'full']);
    expect(levels({ files: named }, 'travelled: {person.legal_name: us-shelters}', [BORN, SENDER])).toEqual([
      'full',
      'nothing',
    ]);
  });

  it('that do not govern a field are silent; a field that none governs stays', () => {
    const narrow = {
      ...files,
      'us-health/regime.yaml':
        'regime: us-health\ntitle: Health\ngoverns:\n- {origins: enrolled here, fields: [person.legal_name]}',
    };
    expect(levels({ files: narrow }, '')).toEqual(['full', 'nothing', 'nothing']);
    const bundle = smallBundle(narrow);
    expect(governing(bundle, parseSituation('{purpose: treatment, origins: us-health}', bundle), BORN)).toEqual([]);
  });

  it('govern where nobody knows whether they do', () => {
    const charge = 'legal_case.charge' as FieldName;
    const open = { ...files, 'us-health/a.yaml': 'rules:\n- {rule: s, share: [legal_matter]}' };
    expect(levels({ files: open }, 'deceased: no', [charge])).toEqual(['full']);
    expect(levels({ files: open }, 'deceased: unknown', [charge])).toEqual(['nothing']);
  });

  it('that the bundle does not have grant nothing', () => {
    const situation: Situation = {
      origins: new Set(['us-health', 'gone'] as RegimeName[]),
      travelled: new Map(),
      purpose: 'treatment' as Purpose,
      facts: new Map(),
      consent: new Map(),
    };
    expect(levels({ files }, situation)).toEqual(['nothing', 'nothing', 'nothing']);
    expect(levels({ files }, { ...situation, origins: new Set() })).toEqual(['nothing', 'nothing', 'nothing']);
  });
});

describe('the envelope', () => {
  it('goes with a value or not at all', () => {
    const rules = '- {rule: s, share: [identity, envelope.sender]}';
    expect(levels({ rules }, '', [SENDER])).toEqual(['nothing']);
    expect(levels({ rules }, '', [ADDRESS, SENDER])).toEqual(['nothing', 'nothing']);
    expect(levels({ rules }, '', [NAME, SENDER])).toEqual(['full', 'full']);
  });

  it('names the sender where the rule that does so grants something', () => {
    const rules =
      '- {rule: s, share: [identity], when: {consent: agreed}, names sender: yes}\n- {rule: t, share: [location]}';
    expect(levels({ rules }, 'consent: {person.birth_date: agreed to year}', [BORN, SENDER])).toEqual(['year', 'full']);
    expect(levels({ rules }, '', [ADDRESS, SENDER])).toEqual(['full', 'nothing']);
  });
});

describe('what no policy foresaw', () => {
  const strange: FactValue[] = ['', 'yes please', 'known yes', '__proto__', ['yes', 'no'], ['nothing'], []];

  it.each(strange.map((value) => [value] as const))(
    'a fact that says %j opens nothing and meets every limit',
    (value) => {
      const bundle = smallBundle({
        'us-health/a.yaml':
          'rules:\n- {rule: s, share: [person.legal_name], when: {deceased: [yes, no]}}\n- {rule: t, share: [location]}\n- {rule: l, withhold: [location], when: {deceased: yes}}',
      });
      const situation: Situation = {
        origins: new Set(['us-health' as RegimeName]),
        travelled: new Map(),
        purpose: 'treatment' as Purpose,
        facts: new Map([['deceased' as FactName, value]]),
        consent: new Map(),
      };
      const { fields } = decide(bundle, situation, [NAME, ADDRESS]);
      expect([fields.get(NAME)?.level, fields.get(ADDRESS)?.level]).toEqual([0, 0]);
    },
  );

  it('a field, a purpose and an agreement that nobody knows open nothing', () => {
    const bundle = smallBundle({
      'us-health/a.yaml':
        'rules:\n- {rule: s, share: [identity], when: {consent: agreed}}\n- {rule: t, share: [location], for purpose: [treatment]}',
    });
    const situation: Situation = {
      origins: new Set(['us-health' as RegimeName]),
      travelled: new Map(),
      purpose: 'gossip' as Purpose,
      facts: new Map(),
      consent: new Map([
        [NAME, { state: 'agreed', level: Number.NaN as Level }],
        [BORN, { state: 'agreed', level: 99 as Level }],
      ]),
    };
    const { fields } = decide(bundle, situation, [NAME, BORN, ADDRESS, 'person.secret' as FieldName]);
    expect([...fields.values()].map(({ level }) => level)).toEqual([0, 3, 0, 0]);
  });
});

describe('duties and wording', () => {
  const rules = `
- {rule: a, share: [identity], when: {consent: agreed}, duties: [no_redisclosure_notice], say: She agreed.}
- {rule: b, share: [{person.birth_date: age_band}], duties: [minimum_necessary]}
- {rule: l, at most: {person.birth_date: year}, duties: [keep_from_perpetrator], say: The day is not told.}
- {rule: w, withhold: [location], duties: [notify_privacy_officer], say: Ask the advocate.}
- {rule: o, share: [location]}`;
  const bundle = smallBundle({ 'us-health/a.yaml': `rules:${rules}` });

  it('come from the shares that reach the result and the limits that match', () => {
    const { fields, duties } = decide(
      bundle,
      parseSituation('{purpose: treatment, origins: us-health, consent: agreed}', bundle),
      [BORN, ADDRESS],
    );
    expect(fields.get(BORN)).toEqual({
      level: 2,
      granted: ['us-health/a'],
      cut: ['us-health/l'],
      duties: ['no_redisclosure_notice', 'keep_from_perpetrator'],
      say: ['She agreed.', 'The day is not told.'],
      lastResort: false,
      alerts: [],
    });
    expect(fields.get(ADDRESS)).toMatchObject({
      level: 0,
      granted: [],
      cut: ['us-health/w'],
      say: ['Ask the advocate.'],
      duties: ['notify_privacy_officer'],
    });
    // What was not released brings no duty to whoever asked.
    expect(duties).toEqual(['no_redisclosure_notice', 'keep_from_perpetrator']);
  });

  it('come from every share that reaches it', () => {
    const { fields } = decide(
      bundle,
      parseSituation(
        '{purpose: treatment, origins: us-health, consent: {person.birth_date: agreed to age_band}}',
        bundle,
      ),
      [BORN],
    );
    expect(fields.get(BORN)).toMatchObject({ level: 1, granted: ['us-health/a', 'us-health/b'], cut: [] });
  });
});

describe('an alert', () => {
  const bundle = smallBundle({
    'us-health/a.yaml':
      'rules:\n- {rule: glass, share: [person.legal_name], for purpose: [emergency], last resort: yes, alert: yes}\n- {rule: quiet, share: [location]}',
    'core/a.yaml':
      'rules:\n- {rule: tied, withhold: [everything], when: {perpetrator_at_requester: known yes}, alert: yes}',
  });
  const alerts = (given: string): readonly string[] =>
    decide(bundle, parseSituation(`{origins: us-health, ${given}}`, bundle), [NAME, ADDRESS]).alerts;

  it('is raised by a share that something rests on, and by a limit that matches, though there was nothing to cut', () => {
    expect(alerts('purpose: emergency')).toEqual(['us-health/glass']);
    expect(alerts('purpose: treatment')).toEqual([]);
    expect(alerts('purpose: emergency, perpetrator_at_requester: yes')).toEqual(['core/tied']);
  });
});

it('tells upon an event nothing that the rule does not share anyway', () => {
  const told =
    '- {rule: s, share: [person.legal_name], tell upon: person.legal_name, with: {sector: police}, for purpose: [treatment]}';
  const rule = smallBundle({ 'us-health/a.yaml': `rules:\n${told}` }).rules[0];
  expect(rule).toMatchObject({ kind: 'share', tellUpon: ['person.legal_name'] });
  expect(levels({ rules: told }, 'sector: police')).toEqual(['full', 'nothing', 'nothing']);
  expect(levels({ rules: told }, 'sector: court')).toEqual(['nothing', 'nothing', 'nothing']);
});

const shareFor = (role: string): string => `- {rule: s, share: [identity], when: {subject_role: ${role}}}`;
const limitFor = (role: string): string =>
  `- {rule: s, share: [identity]}\n- {rule: l, withhold: [identity], when: {subject_role: ${role}}}`;

describe('a person treated as another', () => {
  const files = {
    'us-health/regime.yaml': `regime: us-health
title: Health
governs:
- {origins: enrolled here, fields: everything}
treated as:
- {subject_role: adolescent_using_violence, for purpose: [risk_assessment], as: perpetrator}
- {subject_role: adolescent_using_violence, for purpose: everything else, as: child}
- {subject_role: perpetrator, for purpose: [audit], as: third_party}
`,
  };
  const decided = (rules: string, given: string): string | undefined => levels({ rules, files }, given)[0];
  const adolescent = 'subject_role: adolescent_using_violence';

  it('is let through by a share of the role they are treated as, and by no other', () => {
    expect(decided(shareFor('perpetrator'), `${adolescent}, purpose: risk_assessment`)).toBe('full');
    expect(decided(shareFor('child'), `${adolescent}, purpose: risk_assessment`)).toBe('nothing');
    expect(decided(shareFor('adolescent_using_violence'), `${adolescent}, purpose: risk_assessment`)).toBe('nothing');
    expect(decided(shareFor('child'), `${adolescent}, purpose: treatment`)).toBe('full');
  });

  it('comes under a limit of every role they hold or are treated as', () => {
    expect(decided(limitFor('adolescent_using_violence'), `${adolescent}, purpose: risk_assessment`)).toBe('nothing');
    expect(decided(limitFor('perpetrator'), `${adolescent}, purpose: risk_assessment`)).toBe('nothing');
    expect(decided(limitFor('child'), `${adolescent}, purpose: risk_assessment`)).toBe('full');
  });

  it('is not treated twice', () => {
    expect(decided(shareFor('third_party'), `${adolescent}, purpose: audit`)).toBe('nothing');
    expect(decided(shareFor('third_party'), 'subject_role: perpetrator, purpose: audit')).toBe('full');
    expect(decided(shareFor('perpetrator'), 'subject_role: perpetrator, purpose: audit')).toBe('nothing');
  });

  it('of whom nobody has said what they are comes under every limit and no share', () => {
    expect(decided(shareFor('perpetrator'), '')).toBe('nothing');
    expect(decided(limitFor('survivor'), '')).toBe('nothing');
    expect(decided(limitFor('survivor'), 'subject_role: none')).toBe('full');
  });

  it('is as core and other regimes know them, who treat nobody as another', () => {
    const core = '- {rule: l, withhold: [identity], when: {subject_role: child}}';
    const rules = '- {rule: s, share: [identity]}';
    expect(levels({ rules, core, files }, `${adolescent}, purpose: treatment`)[0]).toBe('full');
    expect(levels({ rules, core, files }, 'subject_role: [survivor, child]')[0]).toBe('nothing');
  });

  it('for a purpose that nobody knows opens nothing and comes under all that they could be treated as', () => {
    const situation: Situation = {
      origins: new Set(['us-health' as RegimeName]),
      travelled: new Map(),
      purpose: 'gossip' as Purpose,
      facts: new Map([['subject_role' as FactName, ['adolescent_using_violence']]]),
      consent: new Map(),
    };
    for (const role of ['perpetrator', 'child', 'adolescent_using_violence']) {
      expect(levels({ rules: shareFor(role), files }, situation)[0]).toBe('nothing');
      expect(levels({ rules: limitFor(role), files }, situation)[0]).toBe('nothing');
    }
  });
});

it('reads a stretch of ages as the bands that lie in it', () => {
  const rules = '- {rule: s, share: [identity], when: {age: 13 to 17}}';
  const each = ['12', '13', '15', '16', '17', '18', 'unknown'].map((age) => levels({ rules }, `age: ${age}`)[0]);
  expect(each).toEqual(['nothing', 'full', 'full', 'full', 'full', 'nothing', 'nothing']);
});

it('looks at each fact and each word of hers once for forty fields and eighty rules', () => {
  const fields = [...vocabulary.fields.keys()].slice(0, 40);
  const rules = Array.from({ length: 80 }, (_, index) => {
    const category = [...vocabulary.categories.keys()][index % 13];
    return index % 5 === 0
      ? `- {rule: r${index}, withhold: [${category}], when: {perpetrator_at_requester: yes, risk: high}}`
      : `- {rule: r${index}, share: [${category}], with: {sector: [health, police]}, for purpose: [treatment], when: {consent: agreed, age: under 18}}`;
  });
  const bundle = smallBundle({ 'us-health/a.yaml': `rules:\n${rules.join('\n')}` });
  const situation = parseSituation(
    '{purpose: treatment, origins: us-health, sector: health, age: 14, consent: agreed, perpetrator_at_requester: no}',
    bundle,
  );
  const facts = new Counted(situation.facts);
  const consent = new Counted(situation.consent);
  decide(bundle, { ...situation, facts, consent }, fields);
  expect(consent.most).toBe(1);
  expect(facts.most).toBe(1);
});

/** A map that knows how often it was looked into for one and the same key. */
class Counted<Key, Value> extends Map<Key, Value> {
  readonly #asked = new Map<Key, number>();

  override get(key: Key): Value | undefined {
    this.#asked.set(key, (this.#asked.get(key) ?? 0) + 1);
    return super.get(key);
  }

  get most(): number {
    return Math.max(...this.#asked.values());
  }
}
