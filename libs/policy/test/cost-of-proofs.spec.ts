import { parseBundle } from '../src/parse-bundle.js';
import { coverage } from '../src/proof/coverage.js';
import { Diagram, USUAL_BOUNDS } from '../src/proof/diagram.js';
import { Exceptions } from '../src/proof/exceptions.js';
import { neverMatter } from '../src/proof/never-matters.js';
import { Outcomes } from '../src/proof/outcomes.js';
import { prove } from '../src/proof/prove.js';
import { Space } from '../src/proof/space.js';
import { shippedFiles, shippedVocabulary } from './shipped-policies.js';

const bundle = parseBundle(shippedFiles(), shippedVocabulary());

/** Of what may be used, how much is, in percent. */
function used({ size, steps }: Diagram): number {
  return 100 * Math.max(size / USUAL_BOUNDS.nodes, steps / USUAL_BOUNDS.steps);
}

describe('what the shipped policies take of what strangers may', () => {
  it('is little for proving', () => {
    const diagram = new Diagram();
    prove(bundle, diagram);
    expect(used(diagram)).toBeLessThan(20);
  });

  it('is little for checking', () => {
    const diagram = new Diagram();
    const outcomes = new Outcomes(bundle, new Space([bundle], diagram));
    neverMatter(bundle, outcomes);
    const exceptions = new Exceptions(outcomes);
    for (const rule of bundle.rules) if (rule.kind === 'limit') exceptions.outOfReach(rule);
    expect(used(diagram)).toBeLessThan(10);
  });

  it('leaves nothing unlooked at of what could be struck out', () => {
    const diagram = new Diagram();
    const { deletions, stopped } = coverage(bundle, diagram);
    expect(stopped).toBeUndefined();
    expect(deletions).toBeGreaterThan(2_000);
    // Twice as much may be used.
    expect(used(diagram)).toBeLessThan(100);
  });
});
