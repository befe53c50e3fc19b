import * as fc from 'fast-check';
import { type Field, type FieldName, FULL } from '#terms';
import { type Bundle } from '../src/bundle.js';
import { decide } from '../src/decide.js';
import { decideNaively, judge } from '../src/decide-naively.js';
import { Hearing } from '../src/hearing.js';
import { parseBundle } from '../src/parse-bundle.js';
import { parseSituation } from '../src/parse-situation.js';
import { compare, type Step, type What } from '../src/proof/compare.js';
import { attachedIn, keyOf } from '../src/proof/attached.js';
import { FALSE, type Node } from '../src/proof/diagram.js';
import { isEnvelope, levelsOf, Outcomes } from '../src/proof/outcomes.js';
import type { Situation } from '../src/situation.js';
import { Space } from '../src/proof/space.js';
import { type PlainBundle, written } from './plain-policy.js';
import { randomBundle, randomLimit, randomShare, randomSituation, smallVocabulary } from './random-policy.js';
import { smallBundle, smallFiles, vocabulary } from './small-policies.js';

const few = smallVocabulary();

/** Level by level and everywhere, with nothing left out for not having changed. */
function differencesEverywhere(before: Bundle, after: Bundle): readonly string[] {
  const space = new Space([before, after]);
  const { diagram } = space;
  return [...few.fields.values()].flatMap((field) => {
    if (isEnvelope(field)) return [];
    const domain = space.situationsOf(FULL(field));
    const [was, is] = [before, after].map((bundle) => {
      const outcomes = new Outcomes(bundle, space);
      const leaves = levelsOf(field).map((level) => outcomes.leaves(field, level));
      return [domain, ...leaves].map((node, level) => diagram.without(node, leaves[level] ?? FALSE));
    }) as [Node[], Node[]];
    return was.flatMap((here, from) =>
      is.flatMap((there, to) => {
        const count = space.count(diagram.all([here, there, domain]));
        return from === to || count === 0n ? [] : [`${field.name} ${from} ${to} ${count}`];
      }),
    );
  });
}

function said(what: What): string {
  if (what.kind === 'level') return what.steps.map(({ from, to }) => `${from} ${to}`).join();
  return [...what.gone.map((one) => `no longer ${keyOf(one)}`), ...what.come.map((one) => `now ${keyOf(one)}`)].join();
}

function attachedAt(bundle: Bundle, situation: Situation, field: Field): ReadonlySet<string> {
  const decided = decideNaively(bundle, situation, [field.name]).fields.get(field.name);
  if (decided === undefined) return new Set();
  const attached = attachedIn(decided, judge(new Hearing(bundle, situation), field));
  return decided.level > 0 ? new Set([...attached, 'leaves']) : attached;
}

function stepsOf(what: What): readonly Step[] {
  return what.kind === 'level' ? what.steps : [];
}

function levelOf(name: FieldName, level: string): number {
  return few.fields.get(name)?.scale.indexOf(level) ?? -1;
}

const changes = fc.record({
  plain: randomBundle(few),
  share: randomShare(few),
  limit: randomLimit(few),
  where: fc.constantFrom('us-health', 'us-shelters'),
  what: fc.constantFrom('add a share', 'add a limit', 'drop a rule', 'replace a rule', 'govern otherwise'),
});

function changed({
  plain,
  share,
  limit,
  where,
  what,
}: typeof changes extends fc.Arbitrary<infer Drawn> ? Drawn : never): PlainBundle {
  const regime = plain.regimes[where]!;
  const rules = {
    'add a share': [...regime.rules, share],
    'add a limit': [...regime.rules, limit],
    'drop a rule': regime.rules.slice(1),
    'replace a rule': [...regime.rules.slice(1), { ...share, rule: regime.rules[0]?.rule ?? share.rule }],
    'govern otherwise': regime.rules,
  }[what];
  const governs =
    what === 'govern otherwise' ? [{ origins: 'every agency' as const, fields: ['everything'] }] : regime.governs;
  return { ...plain, regimes: { ...plain.regimes, [where]: { ...regime, rules, governs } } };
}

const rules = (more: string): { readonly [path: string]: string } => ({
  'us-health/a.yaml': `
rules:
- {rule: a, share: [identity], for purpose: [treatment], when: {consent: agreed}}
- {rule: b, at most: {person.birth_date: year}, when: {age: under 18}}
${more}`,
});

const oneShare = (more: string) =>
  rules(
    `- {rule: c, share: [contact.email], with: {sector: police}, for purpose: [treatment], when: {risk: high}${more}}`,
  );

/** Two regimes, either of which may bind the data. */
const beside = (more: string) => ({
  'us-shelters/regime.yaml':
    'regime: us-shelters\ntitle: Shelters\ngoverns: [{origins: enrolled here, fields: everything}]',
  'us-shelters/a.yaml': 'rules:\n- {rule: release, share: [contact_details], when: {consent: agreed}}',
  ...rules(more),
});

describe('compare', () => {
  it('finds every situation that differs, and no other', () => {
    let found = 0;
    fc.assert(
      fc.property(changes, (drawn) => {
        const [before, after] = [drawn.plain, changed(drawn)].map((plain) => parseBundle(written(plain), few));
        const { widenings, narrowings } = compare(before!, after!);
        const told = [...widenings, ...narrowings].flatMap(({ fields, what }) =>
          fields
            .filter((name) => !name.startsWith('envelope.'))
            .flatMap((name) =>
              stepsOf(what).map(
                ({ from, to, situations }) => `${name} ${levelOf(name, from)} ${levelOf(name, to)} ${situations}`,
              ),
            ),
        );
        for (const { situations, under, beyond } of [...widenings, ...narrowings]) {
          expect([...under, ...beyond].reduce((sum, one) => sum + one.situations, 0n)).toBe(situations);
          for (const one of under) {
            const inGroups = one.groups.reduce((sum, group) => sum + group.situations, one.others);
            expect([one.others >= 0n, one.groups.length === 0 || inGroups === one.situations]).toEqual([true, true]);
          }
        }
        found += told.length;
        expect(told.toSorted()).toEqual([...differencesEverywhere(before!, after!)].toSorted());
      }),
      { numRuns: 15, seed: 4 },
    );
    expect(found).toBeGreaterThan(8);
  });

  it('finds what comes with a field no longer, or did not before', () => {
    let [missed, expected] = [0, 0];
    fc.assert(
      fc.property(changes, fc.array(randomSituation(few), { minLength: 40, maxLength: 40 }), (drawn, situations) => {
        const [before, after] = [drawn.plain, changed(drawn)].map((plain) => parseBundle(written(plain), few));
        const { widenings, narrowings, wordings } = compare(before!, after!);
        const told = new Set(
          [...widenings, ...narrowings, ...wordings].flatMap(({ fields, what }) =>
            fields.map((field) => `${field} ${said(what)}`),
          ),
        );
        for (const situation of situations)
          for (const field of few.fields.values()) {
            if (isEnvelope(field)) continue;
            const [was, is] = [before!, after!].map((bundle) => attachedAt(bundle, situation, field));
            for (const key of ['alert', 'duty do_not_publish', 'duty expires_1h', 'last resort']) {
              // Where it begins or ceases to leave, nothing more needs to be said of a duty.
              if (was!.has(key) === is!.has(key)) continue;
              if (key !== 'alert' && !(was!.has('leaves') && is!.has('leaves'))) continue;
              expected += 1;
              const words = `${was!.has(key) ? 'no longer' : 'now'} ${key}`;
              if (![...told].some((one) => one.startsWith(`${field.name} `) && one.includes(words))) missed += 1;
            }
          }
      }),
      { numRuns: 25, seed: 8 },
    );
    expect(missed).toBe(0);
    expect(expected).toBeGreaterThan(20);
  });

  it('says of a duty that fell away who receives as much without it, and shows one', () => {
    const before = smallBundle(
      oneShare(', duties: [do_not_publish, expires_1h], say: Read this., alert: yes, tell upon: contact.email'),
    );
    const after = smallBundle(oneShare(', duties: [expires_1h], last resort: yes'));
    const { widenings, narrowings, wordings } = compare(before, after);
    expect([widenings, narrowings, wordings].map((all) => all.map(({ what }) => said(what)))).toEqual([
      ['no longer duty do_not_publish,no longer alert'],
      ['no longer tell upon,now last resort'],
      ['no longer say Read this.'],
    ]);
    const { example, common } = widenings[0]!.under[0]!;
    expect(common).toBe('for treatment; the danger is assessed as high; the agency that asks is of the sector police');
    const name = 'contact.email' as FieldName;
    const duties = [before, after].map(
      (bundle) => decide(bundle, parseSituation(example.given, bundle), [name]).fields.get(name)?.duties,
    );
    expect(duties).toEqual([['do_not_publish', 'expires_1h'], ['expires_1h']]);
  });

  it('says what is so where several regimes bind the data, and which', () => {
    const before = smallBundle(beside(''));
    const after = smallBundle(beside('- {rule: c, share: [contact.email], when: {risk: high}}'));
    const [difference] = compare(before, after).widenings;
    expect(difference?.under.map(({ bindings, common }) => `${bindings.join()}: ${common}`)).toEqual([
      'bound by us-health alone: the danger is assessed as high',
      'bound by us-health and us-shelters: the danger is assessed as high; she has said of it: agreed',
    ]);
    for (const { example } of difference?.under ?? []) {
      const name = 'contact.email' as FieldName;
      const levels = [before, after].map(
        (bundle) => decide(bundle, parseSituation(example.given, bundle), [name]).fields.get(name)?.level,
      );
      expect(levels).toEqual([0, 1]);
    }
  });

  it('says who gains what in words, how often, and with an example', () => {
    const before = smallBundle(rules(''));
    const after = smallBundle(
      rules(
        '- {rule: c, share: [contact.email], with: {sector: [police, health]}, when: {tie: her_shelter, risk: high}}',
      ),
    );
    const { widenings, narrowings, wordings } = compare(before, after);
    expect([narrowings, wordings]).toEqual([[], []]);
    expect(widenings).toMatchObject([
      {
        fields: ['contact.email'],
        what: { kind: 'level', steps: [{ from: 'nothing', to: 'full' }] },
        under: [
          {
            common:
              'the danger is assessed as high; the agency that asks is of the sector police or health; tie includes her shelter',
            groups: [],
            others: 0n,
          },
        ],
        beyond: [],
      },
    ]);
    const { example } = widenings[0]!.under[0]!;
    expect(example.given).toBe(
      '{origins: us-health, purpose: safety_planning, risk: high, sector: police, tie: her_shelter}',
    );
    const name = 'contact.email' as FieldName;
    const levels = [before, after].map(
      (bundle) => decide(bundle, parseSituation(example.given, bundle), [name]).fields.get(name)?.level,
    );
    expect(levels).toEqual([0, 1]);
  });

  it('puts what she agreed to, narrower bands and duties into words too', () => {
    const before = smallBundle(rules(''));
    const after = smallBundle({
      'us-health/a.yaml': `
rules:
- {rule: a, share: [identity], for purpose: [treatment], when: {consent: agreed}, duties: [do_not_publish]}
- {rule: b, at most: {person.birth_date: age_band}, when: {age: under 16}}
`,
    });
    const { widenings, narrowings } = compare(before, after);
    const told = [...widenings, ...narrowings].map(
      ({ fields, what, under }) => `${fields.join()} ${said(what)}: ${under.map(({ common }) => common).join()}`,
    );
    expect(told).toEqual([
      'person.birth_date year full: for treatment; the age (hers, or that of the child) is 16 to 17; she has said of it: agreed to full',
      'person.birth_date year age_band: for treatment; the age (hers, or that of the child) is under 16 or unknown; she has said of it: agreed to year or more',
      ...[
        'person.birth_date',
        'person.death_date',
        'person.alias,protection_order.protected_persons',
        'person.legal_name,person.gender_identity,person.language,person.ethnicity,person.immigration_status,person.orientation',
      ].map((fields) => `${fields} now duty do_not_publish: for treatment; she has said of it: agreed`),
    ]);
  });

  it('notices what holds if nobody has said', () => {
    const before = smallBundle(rules('- {rule: c, share: [contact.email], when: {deceased: yes}}'));
    const after = parseBundle(smallFiles(rules('- {rule: c, share: [contact.email], when: {deceased: yes}}')), {
      ...vocabulary,
      digest: 'another',
      facts: new Map(
        [...vocabulary.facts].map(([name, fact]) => [
          name,
          name === 'deceased' ? { ...fact, ifNobodyHasSaid: 'yes' } : fact,
        ]),
      ),
    });
    const { widenings } = compare(before, after);
    expect(widenings).toMatchObject([
      { fields: ['contact.email'], under: [{ common: 'of deceased: nobody has said', groups: [] }] },
    ]);
  });

  it('says apart what is so in some of the situations only', () => {
    const before = smallBundle(rules(''));
    const after = smallBundle(
      rules(`- rule: c
  share: [contact.email]
  with: {sector: police}
  when any: [{risk: high}, {tie: [her_shelter, her_advocate], deceased: no}]
  unless: [{tie: [his_employer, his_programme]}]
`),
    );
    const [difference] = compare(before, after).widenings[0]?.under ?? [];
    expect(difference?.common).toBe(
      'tie includes neither his employer nor his programme; the agency that asks is of the sector police',
    );
    expect(difference?.groups.map(({ words }) => words).toSorted()).toEqual([
      'the danger is assessed as high',
      'tie includes her advocate; it is ruled out that she has died',
      'tie includes her shelter; it is ruled out that she has died',
    ]);
  });
});
