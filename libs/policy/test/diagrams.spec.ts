import { decideNaively } from '../src/decide-naively.js';
import { Outcomes } from '../src/proof/outcomes.js';
import { FALSE, type Node } from '../src/proof/diagram.js';
import { Space } from '../src/proof/space.js';
import type { Bundle, Conditions, FactTest } from '../src/bundle.js';
import type { Level } from '#terms';
import { byDiagrams, levelsDisagree } from './evaluators.js';
import { FIELDS_OF_A_SITUATION, randomCases } from './random-cases.js';
import { smallVocabulary } from './random-policy.js';

const vocabulary = smallVocabulary();
const MOST_BUNDLES = 150;

type Made = (bundle: Bundle) => Outcomes;

function firstDisagreement(make: Made, bundles = MOST_BUNDLES): string | undefined {
  for (let number = 0; number < bundles; number += 1) {
    // Large bundles take long and show no fault that small ones do not.
    if (number % 8 === 0) continue;
    const { bundle, situations } = randomCases(vocabulary, 11, number);
    const diagrams = byDiagrams(make(bundle));
    for (const situation of situations.slice(0, 20)) {
      const found = levelsDisagree(
        decideNaively(bundle, situation, FIELDS_OF_A_SITUATION),
        diagrams(situation, FIELDS_OF_A_SITUATION),
        true,
      );
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

class NoExceptions extends Outcomes {
  protected override unlessCarries(): Node {
    return FALSE;
  }
}

class AgreementToAnything extends Outcomes {
  protected override agreesTo(
    wanted: Parameters<Outcomes['agreesTo']>[0],
    _: Level,
    said: Parameters<Outcomes['agreesTo']>[2],
  ): Node {
    return super.agreesTo(wanted, 1 as Level, said);
  }
}

class UnknownIsNo extends Outcomes {
  protected override holds(test: FactTest): Node {
    return super.holds({ ...test, unknownMeets: false });
  }
}

class FirstAlternativeOnly extends Outcomes {
  protected override whenCarries(
    conditions: Conditions,
    level: Level,
    said: Parameters<Outcomes['agreesTo']>[2],
  ): Node {
    return super.whenCarries({ ...conditions, any: conditions.any.slice(0, 1) }, level, said);
  }
}

const FAULTS: { readonly [fault: string]: typeof Outcomes } = {
  'an exception lifts nothing': NoExceptions,
  'an agreement is an agreement to everything': AgreementToAnything,
  'what nobody knows meets nothing': UnknownIsNo,
  'only the first alternative counts': FirstAlternativeOnly,
};

describe('diagrams and the definition', () => {
  it('agree on random bundles and situations', () =>
    expect(firstDisagreement((bundle) => new Outcomes(bundle, new Space([bundle])), 16)).toBeUndefined());

  it.each(Object.entries(FAULTS))('disagree where %s', (_, Faulty) =>
    expect(firstDisagreement((bundle) => new Faulty(bundle, new Space([bundle])))).toBeDefined(),
  );
});
