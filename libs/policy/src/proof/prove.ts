import { type Field, type FieldName, FULL, type Level, NOTHING } from '#terms';
import type { Bundle, PolicyPromise } from '../bundle.js';
import { Diagram, FALSE, type Node } from './diagram.js';
import { type Example, exampleOf, lettersOf, besideALetter } from './example.js';
import { lookingAt } from './looking-at.js';
import { isEnvelope, Outcomes } from './outcomes.js';
import { Space } from './space.js';

/** What is known of one promise after every situation was looked at. */
export interface Proof {
  readonly promise: PolicyPromise;
  readonly holds: boolean;
  /** In how many situations of one field it says something. None: it says nothing at all. */
  readonly speaksOf: bigint;
  /** In how many of them one of its fields breaks it. */
  readonly brokenIn: bigint;
  /** The fields that break it, in how many situations each, and one of them. `explain` shows why. */
  readonly broken: readonly BrokenField[];
}

export interface BrokenField {
  readonly field: FieldName;
  readonly brokenIn: bigint;
  readonly example: Example;
}

/**
 * Holds every promise against every situation: a `never share` over every combination of the bundle's regimes, an `always
 * share` where its regime alone governs, with core.
 *
 * @example
 * prove(bundle).filter(({ holds }) => !holds).map(({ broken }) => broken[0]?.example.given);
 * // ['{origins: us-health, purpose: treatment, sector: police, perpetrator_at_requester: yes}']
 */
export function prove(bundle: Bundle, diagram = new Diagram()): readonly Proof[] {
  const outcomes = new Outcomes(bundle, new Space([bundle], diagram));
  return new Prover(outcomes).proofs(bundle.promises);
}

/** Of one bundle, or of what it would be with another rule. */
export class Prover {
  private readonly outcomes: Outcomes;
  private letters: readonly Node[] | undefined;

  constructor(outcomes: Outcomes) {
    this.outcomes = outcomes;
  }

  proofs(promises: readonly PolicyPromise[]): readonly Proof[] {
    return promises.map((promise) => lookingAt(promise, () => this.proof(promise)));
  }

  private proof(promise: PolicyPromise): Proof {
    const { space } = this.outcomes;
    const { diagram } = space;
    const { fields } = this.outcomes.bundle.vocabulary;
    const promised = [...promise.fields.keys()].flatMap((name) => fields.get(name) ?? []);
    const broken: BrokenField[] = [];
    const everywhere: Node[] = [];
    for (const field of promised) {
      const node = this.breaks(promise, field);
      if (node === FALSE) continue;
      everywhere.push(node);
      broken.push({ field: field.name, brokenIn: space.count(node), example: this.example(promise, field, node) });
    }
    const fullest = Math.max(1, ...promised.map(FULL)) as Level;
    const speaksOf = diagram.and(this.speaksOf(promise), space.situationsOf(fullest));
    return {
      promise,
      holds: broken.length === 0,
      speaksOf: space.count(speaksOf),
      brokenIn: space.count(diagram.any(everywhere)),
      broken,
    };
  }

  /** Where one field of it breaks a promise. */
  private breaks(promise: PolicyPromise, field: Field): Node {
    const { outcomes } = this;
    const { space } = outcomes;
    const { diagram } = space;
    const speaks = diagram.and(this.speaksOf(promise), space.situationsOf(FULL(field)));
    if (promise.kind === 'always share') {
      const least = promise.fields.get(field.name) ?? NOTHING;
      const short = least > NOTHING ? diagram.without(speaks, outcomes.leaves(field, least)) : FALSE;
      return isEnvelope(field) ? diagram.or(short, this.withoutALetter(speaks, promise.fields)) : short;
    }
    const leaves = promise.byLastResort
      ? outcomes.breaksTheGlass(field, promise.regime)
      : outcomes.leaves(field, 1 as Level);
    const broken = diagram.and(speaks, leaves);
    if (broken === FALSE || !isEnvelope(field)) return broken;
    this.letters ??= lettersOf(outcomes);
    return besideALetter(broken, this.letters, space);
  }

  /** Where the envelope has nothing to go with, since none of the values promised along with it need go. */
  private withoutALetter(speaks: Node, promised: ReadonlyMap<FieldName, Level>): Node {
    const { space, bundle } = this.outcomes;
    const { diagram, consent } = space;
    const stays = [...bundle.vocabulary.fields.values()]
      .filter((field) => promised.has(field.name) && !isEnvelope(field))
      .map((field) =>
        diagram.possibly(
          diagram.without(space.situationsOf(FULL(field)), this.outcomes.leaves(field, 1 as Level)),
          consent.firstBit,
        ),
      );
    return diagram.all([speaks, ...stays]);
  }

  private speaksOf(promise: PolicyPromise): Node {
    const { outcomes } = this;
    const speaks = outcomes.speaksOf(promise.conditions);
    return promise.kind === 'always share' ? outcomes.space.diagram.and(speaks, outcomes.alone(promise.of)) : speaks;
  }

  /** INVARIANT: the definition says of the situation what the proof says; nobody is sent after what is not there. */
  private example(promise: PolicyPromise, field: Field, node: Node): Example {
    const example = exampleOf(this.outcomes, node, field);
    const isBroken =
      example !== undefined &&
      (promise.kind === 'never share'
        ? example.level > NOTHING
        : isEnvelope(field) || example.level < (promise.fields.get(field.name) ?? NOTHING));
    if (!isBroken) throw new Error(`the proof and the definition do not agree on ${field.name}`);
    return example;
  }
}
