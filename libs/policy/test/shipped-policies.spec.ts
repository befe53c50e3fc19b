import { check } from '../src/check.js';
import { parseBundle } from '../src/parse-bundle.js';
import { coverage } from '../src/proof/coverage.js';
import { coverageBesides } from '../src/proof/struck-besides.js';
import { prove } from '../src/proof/prove.js';
import { testCases } from '../src/test-cases.js';
import { shippedFiles, shippedVocabulary } from './shipped-policies.js';

describe('the shipped policies', () => {
  const bundle = parseBundle(shippedFiles(), shippedVocabulary());

  it('hold in every one of their cases, and break no promise there', () => {
    const results = testCases(bundle);
    expect(results.length).toBeGreaterThan(50);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
  });

  it('keep every promise in every situation', () => {
    const proofs = prove(bundle);
    expect(proofs.length).toBeGreaterThan(10);
    expect(proofs.filter(({ holds, speaksOf }) => !holds || speaksOf === 0n)).toEqual([]);
  });

  it('have no rule that cannot matter, and no rule without a case', () => {
    expect(check(bundle).filter(({ code }) => code !== 'UNCONFIRMED')).toEqual([]);
  });

  it('have no word that could be struck out unnoticed', () => {
    const { deletions, unnoticed } = coverage(bundle);
    expect(deletions).toBeGreaterThan(1_000);
    expect(unnoticed.map(({ rule, what }) => `${rule}: ${JSON.stringify(what)}`)).toEqual([]);
  });

  it('have no duty, wording or alert that could, nor anything that a regime governs', () => {
    const { deletions, unnoticed } = coverageBesides(bundle);
    expect(deletions).toBeGreaterThan(100);
    expect(unnoticed.map(({ of, what }) => `${of}: ${JSON.stringify(what)}`)).toEqual([]);
  });

  it('cite a source and carry a title in every rule', () => {
    for (const { id, source, title } of bundle.rules)
      expect({ id, source, title }).toEqual({
        id,
        source: expect.stringMatching(/\S/),
        title: expect.stringMatching(/\S/),
      });
  });
});
