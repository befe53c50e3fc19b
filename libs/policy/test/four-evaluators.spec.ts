import type { Level } from '#terms';
import type { Bundle, Conditions, FactTest, Regime, Rule } from '../src/bundle.js';
import { CORE } from '../src/bundle.js';
import { decideNaively } from '../src/decide-naively.js';
import { indexRules } from '../src/index-rules.js';
import { FALSE, type Node } from '../src/proof/diagram.js';
import { Outcomes } from '../src/proof/outcomes.js';
import { Space } from '../src/proof/space.js';
import { boundarySituations, randomFrom } from './boundary-points.js';
import { byCedar } from './cedar.js';
import { byBitmaps, byDiagrams, diagramsOf, disagreement, type Evaluator, type LevelEvaluator } from './evaluators.js';
import { FIELDS_OF_A_SITUATION, randomCases } from './random-cases.js';
import { smallVocabulary } from './random-policy.js';

const vocabulary = smallVocabulary();

interface Held {
  readonly others?: (bundle: Bundle) => { readonly [name: string]: LevelEvaluator };
  readonly definition?: (bundle: Bundle) => Evaluator;
}

/** Half of the situations at the edges of what leaves, where a fault shows first. */
function firstDisagreement({ others, definition }: Held, bundles: number, situationsOfEach = 20): string | undefined {
  for (let number = 1; number <= bundles; number += 1) {
    const { plain, bundle, situations } = randomCases(vocabulary, 11, number * 8 - 3);
    const edges = boundarySituations(diagramsOf(bundle), situations, situationsOfEach / 2, randomFrom(number));
    const [bitmaps, held, defined] = [byBitmaps(bundle), others?.(bundle), definition?.(bundle)];
    for (const situation of [...edges, ...situations.slice(0, situationsOfEach / 2)]) {
      const fields = FIELDS_OF_A_SITUATION;
      const found = disagreement(plain, vocabulary, bundle, bitmaps, situation, fields, held, defined);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

type Said = Parameters<Outcomes['agreesTo']>[2];

class NoExceptions extends Outcomes {
  protected override unlessCarries(): Node {
    return FALSE;
  }
}

class AgreementToAnything extends Outcomes {
  protected override agreesTo(wanted: Parameters<Outcomes['agreesTo']>[0], _: Level, said: Said): Node {
    return super.agreesTo(wanted, 1 as Level, said);
  }
}

class UnknownIsNo extends Outcomes {
  protected override holds(test: FactTest): Node {
    return super.holds({ ...test, unknownMeets: false });
  }
}

class FirstAlternativeOnly extends Outcomes {
  protected override whenCarries(conditions: Conditions, level: Level, said: Said): Node {
    return super.whenCarries({ ...conditions, any: conditions.any.slice(0, 1) }, level, said);
  }
}

const throughDiagrams =
  (Made: typeof Outcomes) =>
  (bundle: Bundle): { readonly diagrams: LevelEvaluator } => ({
    diagrams: byDiagrams(new Made(bundle, new Space([bundle]))),
  });

const throughCedar =
  (spoil?: (policies: string) => string) =>
  (bundle: Bundle): { readonly cedar: LevelEvaluator } => ({ cedar: byCedar(bundle, spoil) });

const throughDefinition =
  (change: (rule: Rule) => Rule | undefined) =>
  (bundle: Bundle): Evaluator => {
    const rules = bundle.rules.flatMap((rule) => change(rule) ?? []);
    const changed = { ...bundle, rules, byField: indexRules(rules, vocabulary) };
    return (situation, fields) => decideNaively(changed, situation, fields);
  };

describe('diagrams', () => {
  it('agree with the definition', () =>
    expect(firstDisagreement({ others: throughDiagrams(Outcomes) }, 6)).toBeUndefined());

  it.each([
    ['an exception lifts nothing', NoExceptions],
    ['an agreement is an agreement to everything', AgreementToAnything],
    ['what nobody knows meets nothing', UnknownIsNo],
    ['only the first alternative counts', FirstAlternativeOnly],
  ])('do not where %s', (_, Faulty) =>
    expect(firstDisagreement({ others: throughDiagrams(Faulty) }, 60)).toBeDefined(),
  );
});

describe("Cedar's engine", () => {
  it('agrees with the definition', () => expect(firstDisagreement({ others: throughCedar() }, 3, 4)).toBeUndefined());

  it.each([
    ['its limits are left out', (policies: string) => policies.replaceAll(/^forbid .*$/gm, '')],
    ['its exceptions are left out', (policies: string) => policies.replaceAll(/ unless \{.*\};$/gm, ';')],
    ['what nobody knows meets nothing', (policies: string) => policies.replaceAll('"unknown"', '"never said"')],
    [
      'an agreement is an agreement to everything',
      (policies: string) => policies.replaceAll(/agreed >= [\w.]+/g, 'agreed >= 1'),
    ],
  ])('does not where %s', (_, spoil) =>
    expect(firstDisagreement({ others: throughCedar(spoil) }, 60, 4)).toBeDefined(),
  );
});

describe('the definition', () => {
  it.each<[string, (rule: Rule) => Rule | undefined]>([
    ['core is forgotten', (rule) => (rule.regime === CORE ? undefined : rule)],
    ['exceptions are', (rule) => ({ ...rule, conditions: { ...rule.conditions, unless: [] } })],
    ['breaking the glass is sharing', (rule) => (rule.kind === 'share' ? { ...rule, lastResort: false } : rule)],
  ])('does not pass where %s', (_, change) =>
    expect(firstDisagreement({ definition: throughDefinition(change) }, 40)).toBeDefined(),
  );

  it('does not where core is a regime to be enrolled in', () => {
    const core: Regime = { name: CORE, title: 'Safety', governs: [], treatments: [] };
    const definition = (bundle: Bundle): Evaluator => {
      const changed = { ...bundle, regimes: new Map([[CORE, core], ...bundle.regimes]) };
      return (situation, fields) => decideNaively(changed, situation, fields);
    };
    expect(firstDisagreement({ definition }, 80)).toBeDefined();
  });
});
