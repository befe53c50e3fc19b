import type { RegimeName } from '#terms';
import { CORE, type Limit, type RulesOfField } from '../bundle.js';
import type { Node } from './diagram.js';
import type { Outcomes } from './outcomes.js';

/** What an `unless` could ever be of use to. It shares nothing by itself: where no share could hold with it, somebody thinks it does. */
export class Exceptions {
  private readonly outcomes: Outcomes;
  /** Where some share of a regime (of any, for core) is met, by the rules that it is looked up in. */
  private readonly met = new Map<RulesOfField, Map<RegimeName, Node>>();

  constructor(outcomes: Outcomes) {
    this.outcomes = outcomes;
  }

  /** The places in a limit's `unless`, from 0, of exceptions under which no share of any of its fields is ever met. */
  outOfReach(limit: Limit): readonly number[] {
    const { outcomes } = this;
    const { diagram } = outcomes.space;
    if (limit.conditions.unless.length === 0) return [];
    const tables = new Set([...limit.fields.keys()].flatMap((name) => outcomes.bundle.byField.get(name) ?? []));
    const shared = diagram.any([...tables].map((table) => this.isShared(table, limit.regime)));
    const reached = diagram.and(outcomes.isMet(limit.conditions), shared);
    return outcomes
      .exceptionsOf(limit.conditions)
      .flatMap((exception, place) => (diagram.meets(exception, reached) ? [] : [place]));
  }

  private isShared(table: RulesOfField, of: RegimeName): Node {
    const { outcomes } = this;
    const { diagram } = outcomes.space;
    const byRegime = this.met.get(table) ?? new Map<RegimeName, Node>();
    this.met.set(table, byRegime);
    const before = byRegime.get(of);
    if (before !== undefined) return before;
    const shares = of === CORE ? [...table.shares.values()].flat() : (table.shares.get(of) ?? []);
    diagram.spend(shares.length);
    const made = diagram.any(shares.map(({ rule }) => outcomes.isMet(rule.conditions)));
    byRegime.set(of, made);
    return made;
  }
}
