import type { Field, Level, RegimeName } from '#terms';
import { CORE, type Rule } from '../bundle.js';
import { type Diagram, FALSE, type Node, TRUE } from './diagram.js';
import { levelsOf, type Outcomes } from './outcomes.js';
import { fieldsOf, holdsFor } from './rule-of-field.js';

/** One level of some fields of which every rule and regime says the same, before what any one rule makes of it. */
export interface RuleOfFields {
  readonly fields: readonly [Field, ...Field[]];
  readonly level: Level;
  /** Where the rule holds. */
  readonly holds: Node;
  readonly margin: Margin;
}

/** Where at least one of some rules holds, and where at least two do. */
interface Often {
  readonly once: Node;
  readonly twice: Node;
}
const NEVER: Often = { once: FALSE, twice: FALSE };

/** One level of one field (and all that are like it): what each regime says of it. */
interface Said {
  readonly governs: Node;
  readonly shares: Often;
  readonly limits: Often;
  /** Where the regime lets it go, or has nothing to say. */
  readonly allows: Node;
}

export class Margins {
  readonly outcomes: Outcomes;
  private readonly diagram: Diagram;
  private readonly said = new Map<string, ReadonlyMap<RegimeName, Said>>();
  private readonly margins = new Map<string, Margin>();

  constructor(outcomes: Outcomes) {
    this.outcomes = outcomes;
    this.diagram = outcomes.space.diagram;
  }

  /** A rule field by field and level by level, those alike together. */
  ofRule(rule: Rule): readonly RuleOfFields[] {
    const { outcomes } = this;
    const alike = Map.groupBy(fieldsOf(outcomes, rule), (field) => outcomes.keyOf(field));
    return [...alike.values()].flatMap((fields) => {
      const [field, ...others] = fields;
      if (field === undefined) return [];
      return levelsOf(field).map((level) => ({
        fields: [field, ...others] as const,
        level,
        holds: holdsFor(outcomes, rule, field, level),
        margin: this.of(rule, field, level),
      }));
    });
  }

  private of({ regime, kind }: Rule, field: Field, level: Level): Margin {
    const key = `${this.outcomes.keyOf(field)} ${level} ${kind} ${regime}`;
    const before = this.margins.get(key);
    if (before !== undefined) return before;
    const all = this.ofRegimes(field, level);
    const made = new Margin(this.outcomes, { field, level, regime, kind, all });
    this.margins.set(key, made);
    return made;
  }

  /** Core, and every regime that ever governs the field. */
  private ofRegimes(field: Field, level: Level): ReadonlyMap<RegimeName, Said> {
    const { diagram, outcomes } = this;
    const key = `${outcomes.keyOf(field)} ${level}`;
    const before = this.said.get(key);
    if (before !== undefined) return before;
    const made = new Map<RegimeName, Said>();
    for (const regime of [CORE, ...outcomes.space.regimeNames]) {
      const governs = regime === CORE ? TRUE : outcomes.governs(regime, field);
      if (governs === FALSE) continue;
      const { shares, limits } = outcomes.tableOf(field);
      const often = (items: readonly { readonly rule: Rule }[] = []): Often =>
        this.often([...new Set(items.map(({ rule }) => rule))].map((rule) => holdsFor(outcomes, rule, field, level)));
      const [sharing, limiting] = [often(shares.get(regime)), often(limits.get(regime))];
      const lets = diagram.without(regime === CORE ? TRUE : sharing.once, limiting.once);
      const allows = diagram.or(diagram.not(governs), lets);
      made.set(regime, { governs, shares: sharing, limits: limiting, allows });
    }
    this.said.set(key, made);
    return made;
  }

  /** Pair by pair, so that large functions meet late. */
  private often(nodes: readonly Node[]): Often {
    const { diagram } = this;
    diagram.spend(nodes.length);
    let left: readonly Often[] = nodes.filter((node) => node !== FALSE).map((once) => ({ once, twice: FALSE }));
    while (left.length > 1) {
      const joined: Often[] = [];
      for (let at = 0; at < left.length; at += 2) joined.push(this.joined(left[at]!, left[at + 1] ?? NEVER));
      left = joined;
    }
    return left[0] ?? NEVER;
  }

  private joined(a: Often, b: Often): Often {
    const { diagram } = this;
    return {
      once: diagram.or(a.once, b.once),
      twice: diagram.any([a.twice, b.twice, diagram.and(a.once, b.once)]),
    };
  }
}

interface Place {
  readonly field: Field;
  readonly level: Level;
  readonly regime: RegimeName;
  readonly kind: Rule['kind'];
  readonly all: ReadonlyMap<RegimeName, Said>;
}

/**
 * What it makes of one level of a field that one rule more or less of a regime and kind holds, whichever rule it is. Worked
 * out once for all rules of that regime and kind: nothing has to be worked out anew without each of them.
 */
export class Margin {
  private readonly outcomes: Outcomes;
  private readonly diagram: Diagram;
  private readonly place: Place;
  private readonly own: Said;
  private known: { single?: Node; settled?: Node; open?: Node; leaving?: Node } = {};

  constructor(outcomes: Outcomes, place: Place) {
    this.outcomes = outcomes;
    this.diagram = outcomes.space.diagram;
    this.place = place;
    this.own = place.all.get(place.regime) ?? NOTHING_SAID;
  }

  get governs(): Node {
    return this.own.governs;
  }

  /** Where the regime governs and the field leaves. */
  get leaving(): Node {
    const { field, level } = this.place;
    return (this.known.leaving ??= this.diagram.and(this.outcomes.leaves(field, level), this.own.governs));
  }

  /**
   * Where the regime governs, and the one of them that holds, if any, is the only one. A limit of core is as good as
   * another of the regime.
   */
  get single(): Node {
    return (this.known.single ??= this.worksOutSingle());
  }

  private worksOutSingle(): Node {
    const { diagram, own } = this;
    const { regime, kind, all } = this.place;
    if (kind === 'share') return diagram.without(own.governs, own.shares.twice);
    const single = diagram.without(own.governs, own.limits.twice);
    return regime === CORE ? single : diagram.without(single, all.get(CORE)?.limits.once ?? FALSE);
  }

  /** Where the only one of them that holds settles it: without it a share's field would stay, and a limit's would leave. */
  get settled(): Node {
    return (this.known.settled ??= this.worksOutSettled());
  }

  private worksOutSettled(): Node {
    const { diagram, own } = this;
    const { regime, kind } = this.place;
    if (kind === 'share') return diagram.without(this.leaving, own.shares.twice);
    const only = diagram.without(own.limits.once, own.limits.twice);
    return this.wereItNotForThem(regime === CORE ? only : diagram.and(only, own.shares.once));
  }

  /** Where none of them settles it yet: with one more a share's field would leave, and a limit's would stay. */
  get open(): Node {
    return (this.known.open ??= this.worksOutOpen());
  }

  private worksOutOpen(): Node {
    const { diagram, own } = this;
    if (this.place.kind === 'limit') return this.leaving;
    const none = diagram.without(diagram.not(own.shares.once), own.limits.once);
    return this.wereItNotForThem(none);
  }

  /** Where the regime governs, and all others let it go. */
  private wereItNotForThem(within: Node): Node {
    const { diagram, own, outcomes } = this;
    const { regime, field, all } = this.place;
    let left = diagram.and(diagram.and(within, own.governs), outcomes.isGoverned(field));
    for (const [name, { allows }] of all) if (name !== regime) left = diagram.and(left, allows);
    return left;
  }
}

const NOTHING_SAID: Said = { governs: FALSE, shares: NEVER, limits: NEVER, allows: TRUE };
