import type { Compiled, CompiledRule, Row } from '../src/compile.js';
import { byBitmaps, disagreement } from './evaluators.js';
import { FIELDS_OF_A_SITUATION, randomCases } from './random-cases.js';
import { smallVocabulary } from './random-policy.js';

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

describe('naive, bitmaps and the reference', () => {
  it('agree on random bundles and situations', () => expect(firstDisagreement(undefined, 25)).toBeUndefined());

  it.each(Object.entries(FAULTS))('disagree where %s', (_, spoil) => expect(firstDisagreement(spoil)).toBeDefined());
});
