import type { FieldName, RegimeName } from '#terms';
import { compile, type Compiled, type CompiledRule, type Row } from '../src/compile.js';
import { decideNaively } from '../src/decide-naively.js';
import { Engine } from '../src/engine.js';
import { parseSituation } from '../src/parse-situation.js';
import type { Situation } from '../src/situation.js';
import { byBitmaps, disagreement } from './evaluators.js';
import { FIELDS_OF_A_SITUATION, randomCases } from './random-cases.js';
import { smallVocabulary } from './random-policy.js';
import { smallBundle } from './small-policies.js';

const vocabulary = smallVocabulary();
const MOST_BUNDLES = 120;

function firstDisagreement(spoil?: (compiled: Compiled) => Compiled, bundles = MOST_BUNDLES): string | undefined {
  for (let number = 0; number < bundles; number += 1) {
    const { plain, bundle, situations } = randomCases(vocabulary, 7, number);
    const bitmaps = byBitmaps(bundle, spoil);
    for (const situation of situations.slice(0, 20)) {
      const found = disagreement(plain, vocabulary, bundle, bitmaps, situation, FIELDS_OF_A_SITUATION);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Faults that a table of bitmaps can have and the definition cannot. */
const FAULTS: { readonly [fault: string]: (compiled: Compiled) => Compiled } = {
  'an exception clears nothing': (compiled) => withRules(compiled, (rule) => ({ ...rule, exceptions: [0, 0] })),
  'only the first exception counts': (compiled) =>
    withRules(compiled, ({ exceptions: [from, to], ...rule }) => ({
      ...rule,
      exceptions: [from, Math.min(from + 1, to)],
    })),
  'what she said is asked of no row': (compiled) => withRows(compiled, (row) => ({ ...row, consent: 0 })),
  'the last bit of what she said is lost': (compiled) =>
    withRows(compiled, (row) => ({ ...row, consent: row.consent > 1 ? row.consent & ~1 : row.consent })),
  'what nobody knows lets live what the first value does': (compiled) => ({
    ...compiled,
    attributes: compiled.attributes.map((attribute) => ({
      ...attribute,
      unknown: attribute.byValue.values().next().value ?? attribute.unknown,
    })),
  }),
  'one attribute is left out': (compiled) => ({ ...compiled, attributes: compiled.attributes.slice(1) }),
  'rows beyond the first word are forgotten': (compiled) => ({
    ...compiled,
    attributes: compiled.attributes.map((attribute) => ({
      ...attribute,
      unknown: attribute.unknown.map((word, at) => (at === 0 ? word : 0)),
      byValue: new Map(
        [...attribute.byValue].map(([value, rows]) => [value, rows.map((word, at) => (at === 0 ? word : 0))]),
      ),
    })),
  }),
  'a regime governs what it does not name': (compiled) => ({
    ...compiled,
    governs: compiled.governs.map((governs) => ({ ...governs, fields: governs.fields.map(() => 1) })),
  }),
  'every agency is enrolled everywhere': (compiled) => ({
    ...compiled,
    governs: compiled.governs.map((governs) => ({ ...governs, enrolledOnly: false })),
  }),
  'breaking the glass is sharing': (compiled) => withRules(compiled, (rule) => ({ ...rule, lastResort: false })),
  'no share names its sender': (compiled) => withRules(compiled, (rule) => ({ ...rule, namesSender: false })),
};

function withRules(compiled: Compiled, change: (rule: CompiledRule) => CompiledRule): Compiled {
  return { ...compiled, rules: compiled.rules.map(change) };
}

function withRows(compiled: Compiled, change: (row: Row) => Row): Compiled {
  return { ...compiled, rows: compiled.rows.map(change) };
}

describe('one question after another', () => {
  const bundle = smallBundle({
    'us-health/a.yaml':
      'rules:\n- {rule: a, share: [identity], when: {consent: agreed}}\n- {rule: b, share: [location], names sender: yes}',
  });
  const [name, address, sender] = [
    'person.legal_name',
    'contact.actual_address',
    'envelope.sender',
  ] as readonly string[] as readonly [FieldName, FieldName, FieldName];
  const given = (more: string): Situation =>
    parseSituation(`{purpose: treatment, origins: us-health, ${more}}`, bundle);

  it('remembers nothing that anybody said, not even when the questions begin to be numbered anew', () => {
    const engine = new Engine(bundle, compile(bundle), 2 ** 31 - 4);
    const levels = ['agreed', 'not_asked', 'agreed', 'refused', 'agreed', 'not_asked', 'agreed', 'withdrawn'].map(
      (said) => engine.decide(given(`consent: ${said}`), [name]).fields.get(name)?.level,
    );
    expect(levels).toEqual([1, 0, 1, 0, 1, 0, 1, 0]);
  });

  it('answers other fields, other regimes and travelled values each for itself', () => {
    const engine = new Engine(bundle);
    const told = (situation: Situation, fields: readonly FieldName[]): unknown =>
      [...engine.decide(situation, fields).fields].map(([field, { level }]) => [field, level]);
    expect(told(given(''), [address, sender])).toEqual([
      [address, 3],
      [sender, 1],
    ]);
    expect(told({ ...given(''), origins: new Set() }, [address, sender])).toEqual([
      [address, 0],
      [sender, 0],
    ]);
    expect(told(given('travelled: {location: us-health}'), [address, sender])).toEqual([
      [address, 3],
      [sender, 1],
    ]);
    const gone: Situation = { ...given(''), travelled: new Map([[address, new Set(['gone' as RegimeName])]]) };
    expect(told(gone, [address, sender])).toEqual([
      [address, 0],
      [sender, 0],
    ]);
    expect(told(given('consent: agreed'), [sender, name, name])).toEqual([
      [sender, 1],
      [name, 1],
    ]);
    expect(told(given(''), [address, sender])).toEqual([
      [address, 3],
      [sender, 1],
    ]);
    expect(told(given(''), ['person.secret' as FieldName])).toEqual([['person.secret', 0]]);
    expect(told(given(''), [])).toEqual([]);
  });

  it('takes nothing from one list of fields to another, however many are asked in turns', () => {
    const engine = new Engine(bundle);
    const lists = Array.from({ length: 12 }, (_, n) => [address, ...Array.from({ length: n }, () => name), sender]);
    for (const round of [0, 1, 2])
      for (const [n, fields] of lists.entries()) {
        const origins = new Set((n + round) % 3 === 0 ? [] : ['us-health' as RegimeName]);
        const situation: Situation = { ...given('consent: agreed'), origins };
        expect(JSON.stringify([...engine.decide(situation, fields).fields])).toBe(
          JSON.stringify([...decideNaively(bundle, situation, fields).fields]),
        );
      }
  });

  it('answers the same when it has forgotten what it concluded before', () => {
    for (let drawn = 0; drawn < 8; drawn += 1) {
      const { bundle: random, situations } = randomCases(vocabulary, 11, drawn);
      const fields = FIELDS_OF_A_SITUATION;
      const forgetful = new Engine(random, compile(random), 0, 1);
      const remembers = new Engine(random);
      for (const situation of [...situations, ...situations])
        expect(JSON.stringify([...forgetful.decide(situation, fields).fields])).toBe(
          JSON.stringify([...remembers.decide(situation, fields).fields]),
        );
    }
  });

  it('gives what reads like any other map', () => {
    const { fields } = new Engine(bundle).decide(given(''), [address, name]);
    expect([fields.size, fields.has(address), fields.has(sender)]).toEqual([2, true, false]);
    expect([...fields.keys()]).toEqual([address, name]);
    expect([...fields.values()].map(({ level }) => level)).toEqual([3, 0]);
    const seen: string[] = [];
    fields.forEach(({ level }, field) => seen.push(`${field} ${level}`));
    expect(seen).toEqual([`${address} 3`, `${name} 0`]);
    expect(new Map(fields).get(address)?.granted).toEqual(['us-health/b']);
    expect(fields.get(sender)).toBeUndefined();
  });
});

describe('naive, bitmaps and the reference', () => {
  it('agree on random bundles and situations', () => expect(firstDisagreement(undefined, 25)).toBeUndefined());

  it.each(Object.entries(FAULTS))('disagree where %s', (_, spoil) => expect(firstDisagreement(spoil)).toBeDefined());
});
