import * as fc from 'fast-check';
import { type FieldName, FULL } from '#terms';
import { type Bundle } from '../src/bundle.js';
import { decide } from '../src/decide.js';
import { parseBundle } from '../src/parse-bundle.js';
import { parseSituation } from '../src/parse-situation.js';
import { compare } from '../src/proof/compare.js';
import { FALSE, type Node } from '../src/proof/diagram.js';
import { isEnvelope, levelsOf, Outcomes } from '../src/proof/outcomes.js';
import { Space } from '../src/proof/space.js';
import { type PlainBundle, written } from './plain-policy.js';
import { randomBundle, randomLimit, randomShare, smallVocabulary } from './random-policy.js';
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

describe('compare', () => {
  it('finds every situation that differs, and no other', () => {
    let found = 0;
    fc.assert(
      fc.property(changes, (drawn) => {
        const [before, after] = [drawn.plain, changed(drawn)].map((plain) => parseBundle(written(plain), few));
        const { widenings, narrowings } = compare(before!, after!);
        const told = [...widenings, ...narrowings].flatMap(({ fields, steps }) =>
          fields
            .filter((name) => !name.startsWith('envelope.'))
            .flatMap((name) =>
              steps.map(
                ({ from, to, situations }) => `${name} ${levelOf(name, from)} ${levelOf(name, to)} ${situations}`,
              ),
            ),
        );
        for (const { groups, others, situations } of [...widenings, ...narrowings]) {
          const inGroups = groups.reduce((sum, group) => sum + group.situations, others);
          expect([others >= 0n, groups.length === 0 || inGroups === situations]).toEqual([true, true]);
        }
        found += told.length;
        expect(told.toSorted()).toEqual([...differencesEverywhere(before!, after!)].toSorted());
      }),
      { numRuns: 15, seed: 4 },
    );
    expect(found).toBeGreaterThan(8);
  });

  it('says who gains what in words, how often, and with an example', () => {
    const before = smallBundle(rules(''));
    const after = smallBundle(
      rules(
        '- {rule: c, share: [contact.email], with: {sector: [police, health]}, when: {tie: her_shelter, risk: high}}',
      ),
    );
    const { widenings, narrowings, otherwise } = compare(before, after);
    expect([narrowings, otherwise]).toEqual([[], []]);
    expect(widenings).toMatchObject([
      {
        fields: ['contact.email'],
        steps: [{ from: 'nothing', to: 'full' }],
        common:
          'the danger is assessed as high; the agency that asks is of the sector police or health; tie includes her shelter',
        groups: [],
        others: 0n,
      },
    ]);
    const [{ example }] = widenings as [(typeof widenings)[number]];
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
    const { widenings, narrowings, otherwise } = compare(before, after);
    const told = [...widenings, ...narrowings].map(
      ({ fields, steps, common }) =>
        `${fields.join()} ${steps.map(({ from, to }) => `${from} ${to}`).join()}: ${common}`,
    );
    expect(told).toEqual([
      'person.birth_date year full: for treatment; the age (hers, or that of the child) is 16 to 17; she has said of it: agreed to full',
      'person.birth_date year age_band: for treatment; the age (hers, or that of the child) is under 16 or unknown; she has said of it: agreed to year or more',
    ]);
    expect(otherwise).toEqual(['us-health/a']);
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
      { fields: ['contact.email'], common: 'of deceased: nobody has said', groups: [] },
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
    const [difference] = compare(before, after).widenings;
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
