import * as fc from 'fast-check';
import { Diagram, FALSE, type Node, TRUE } from './diagram.js';

type Formula = readonly ['bit', number] | readonly ['and' | 'or' | 'without', Formula, Formula];

const BITS = 5;
const formulas = fc.letrec<{ formula: Formula; bit: Formula; pair: Formula }>((tie) => ({
  formula: fc.oneof({ maxDepth: 5 }, tie('bit'), tie('pair')),
  bit: fc.tuple(fc.constant('bit' as const), fc.nat(BITS - 1)),
  pair: fc.tuple(fc.constantFrom('and', 'or', 'without'), tie('formula'), tie('formula')),
})).formula;

function build(diagram: Diagram, formula: Formula): Node {
  if (formula[0] === 'bit') return diagram.node(formula[1], FALSE, TRUE);
  return diagram[formula[0]](build(diagram, formula[1]), build(diagram, formula[2]));
}

function isTrue(formula: Formula, bits: Uint8Array): boolean {
  if (formula[0] === 'bit') return bits[formula[1]] === 1;
  const [a, b] = [isTrue(formula[1], bits), isTrue(formula[2], bits)];
  return formula[0] === 'and' ? a && b : formula[0] === 'or' ? a || b : a && !b;
}

const assignments = Array.from({ length: 1 << BITS }, (_, code) =>
  Uint8Array.from({ length: BITS }, (__, bit) => (code >>> bit) & 1),
);

describe('a diagram', () => {
  it('says what its formula says, and is the same node as every formula that says the same', () => {
    fc.assert(
      fc.property(formulas, formulas, (one, other) => {
        const diagram = new Diagram();
        const [a, b] = [build(diagram, one), build(diagram, other)];
        for (const bits of assignments) expect(diagram.holds(a, bits)).toBe(isTrue(one, bits));
        expect(a === b).toBe(assignments.every((bits) => isTrue(one, bits) === isTrue(other, bits)));
        expect(diagram.implies(a, b)).toBe(assignments.every((bits) => !isTrue(one, bits) || isTrue(other, bits)));
      }),
      { numRuns: 30 },
    );
  });

  it('forgets bits, and asks others instead', () => {
    fc.assert(
      fc.property(formulas, fc.nat(BITS), (formula, from) => {
        const diagram = new Diagram();
        const node = build(diagram, formula);
        const possible = diagram.possibly(node, from);
        const later = diagram.shifted(node, from, 7);
        for (const bits of assignments) {
          const alike = assignments.filter((other) => other.slice(0, from).join() === bits.slice(0, from).join());
          expect(diagram.holds(possible, bits)).toBe(alike.some((other) => isTrue(formula, other)));
          const moved = Uint8Array.from([...bits.slice(0, from), ...new Uint8Array(7), ...bits.slice(from)]);
          expect(diagram.holds(later, moved)).toBe(isTrue(formula, bits));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('stops where it would outgrow its memory', () => {
    // Which of two words of sixteen bits is the same, asked one word after the other: as many nodes as words.
    const diagram = new Diagram({ nodes: 10_000, steps: 1_000_000 });
    const bit = (at: number): Node => diagram.node(at, FALSE, TRUE);
    const same = (at: number): Node =>
      diagram.or(diagram.and(bit(at), bit(at + 16)), diagram.without(diagram.not(bit(at)), bit(at + 16)));
    expect(() => diagram.all(Array.from({ length: 16 }, (_, at) => same(at)))).toThrow(
      expect.objectContaining({ name: 'PolicyError', code: 'POLICY_TOO_INTRICATE' }),
    );
    expect(diagram.size).toBeLessThanOrEqual(10_000);
  });
});
