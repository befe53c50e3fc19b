import type { Level } from '#terms';
import { type Bundle, CORE, type Rule, type RuleId } from '../bundle.js';
import { type Diagram, FALSE, type Node } from './diagram.js';
import { besideALetter, lettersOf } from './example.js';
import { lookingAt } from './looking-at.js';
import { Margins, type RuleOfFields } from './margins.js';
import { isEnvelope, Outcomes } from './outcomes.js';
import { holdsFor } from './rule-of-field.js';
import { Space } from './space.js';

/** A rule without which, in every situation, the same would leave under the same duties. */
export interface NeverMatters {
  readonly rule: RuleId;
  /**
   * `never met`: no situation meets its conditions. `always excepted`: where its conditions hold, its own `unless` does
   * too. `redundant`: others of its kind do all that it does. `shadowed`: what it would
   * share is always kept back. `nothing to cut`: nothing that it keeps back would leave without it.
   */
  readonly why: 'never met' | 'always excepted' | 'redundant' | 'shadowed' | 'nothing to cut';
  /** Those that make it so, where a few do. */
  readonly by: readonly RuleId[];
}

const MOST_NAMED = 3;
/** Among more than these nobody looks for the few that are to blame. */
const MOST_TRIED = 40;

/** The rules that could be left out, each for itself, and why. Two that do the same are both named. */
export function neverMatter(
  bundle: Bundle,
  outcomes = new Outcomes(bundle, new Space([bundle])),
): readonly NeverMatters[] {
  const looking = new Looking(outcomes);
  return bundle.rules.flatMap((rule) => lookingAt(rule, () => looking.at(rule)) ?? []);
}

/** Somewhere a rule holds, and others must hold all over it for the rule to be needless. */
interface Held {
  readonly of: RuleOfFields;
  readonly where: Node;
}

class Looking {
  private readonly outcomes: Outcomes;
  private readonly diagram: Diagram;
  private readonly margins: Margins;
  private letters: readonly Node[] | undefined;

  constructor(outcomes: Outcomes) {
    this.outcomes = outcomes;
    this.diagram = outcomes.space.diagram;
    this.margins = new Margins(outcomes);
  }

  at(rule: Rule): NeverMatters | undefined {
    const all = this.margins.ofRule(rule);
    if (all.every(({ holds }) => holds === FALSE)) {
      const isMet = this.outcomes.isMet(rule.conditions) !== FALSE;
      return { rule: rule.id, why: isMet ? 'always excepted' : 'never met', by: [] };
    }
    if (all.some((one) => this.settles(one)) || this.doesMore(rule, all)) return undefined;
    return { rule: rule.id, ...(rule.kind === 'share' ? this.share(rule, all) : this.limit(rule, all)) };
  }

  /** Whether anything would leave otherwise without it. */
  private settles({ fields: [field], holds, margin: { settled } }: RuleOfFields): boolean {
    if (!isEnvelope(field)) return this.diagram.meets(holds, settled);
    // Who sent it matters only where there is something to send.
    this.letters ??= lettersOf(this.outcomes);
    return besideALetter(this.diagram.and(holds, settled), this.letters, this.outcomes.space) !== FALSE;
  }

  /** Duties, wording and alerts go with what it reaches, though it changes nothing of how far that goes. */
  private doesMore(rule: Rule, all: readonly RuleOfFields[]): boolean {
    const { diagram, outcomes } = this;
    if (rule.duties.length === 0 && rule.say === undefined && !rule.alert) return false;
    if (rule.kind === 'share') return all.some(({ holds, margin }) => diagram.meets(holds, margin.leaving));
    return all.some(({ fields: [field], holds, margin: { governs } }) =>
      diagram.meets(holds, rule.alert ? governs : diagram.and(governs, outcomes.leaves(field, LEAST))),
    );
  }

  private share(rule: Rule, all: readonly RuleOfFields[]): Omit<NeverMatters, 'rule'> {
    const alone = this.heldIn(all, ({ margin }) => margin.single);
    if (alone.length === 0) {
      const held = this.heldIn(all, ({ margin }) => margin.governs);
      return { why: 'redundant', by: this.fewest(held, this.others(rule, all, 'share')) };
    }
    return { why: 'shadowed', by: this.fewest(alone, this.others(rule, all, 'limit')) };
  }

  private limit(rule: Rule, all: readonly RuleOfFields[]): Omit<NeverMatters, 'rule'> {
    if (this.heldIn(all, ({ margin }) => margin.single).length > 0) return { why: 'nothing to cut', by: [] };
    const held = this.heldIn(all, ({ margin }) => margin.governs);
    return { why: 'redundant', by: this.fewest(held, this.others(rule, all, 'limit')) };
  }

  private heldIn(all: readonly RuleOfFields[], within: (of: RuleOfFields) => Node): readonly Held[] {
    return all
      .map((of) => ({ of, where: this.diagram.and(of.holds, within(of)) }))
      .filter(({ where }) => where !== FALSE);
  }

  /** Rules of its regime, and limits of core, that name one of the fields and hold somewhere where it does. */
  private others(rule: Rule, all: readonly RuleOfFields[], kind: Rule['kind']): readonly Rule[] {
    const { diagram, outcomes } = this;
    const near = new Set<Rule>();
    for (const { fields, level, holds } of all) {
      const { shares, limits } = outcomes.tableOf(fields[0]);
      const lists = kind === 'share' ? [shares.get(rule.regime)] : [limits.get(CORE), limits.get(rule.regime)];
      for (const { rule: other } of lists.flatMap((list): readonly { readonly rule: Rule }[] => list ?? [])) {
        if (other === rule || near.has(other)) continue;
        diagram.spend(1);
        if (diagram.meets(holds, holdsFor(outcomes, other, fields[0], level))) near.add(other);
        if (near.size > MOST_TRIED) return [];
      }
    }
    return [...near].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** One of them that is enough, or as few as are left when each that is not needed goes; none where many are needed. */
  private fewest(held: readonly Held[], others: readonly Rule[]): readonly RuleId[] {
    const { diagram, outcomes } = this;
    const covered = others.map((other) =>
      held.map(({ of: { fields, level } }) => holdsFor(outcomes, other, fields[0], level)),
    );
    const areEnough = (some: readonly (readonly Node[])[]): boolean =>
      held.every(({ where }, at) => diagram.implies(where, diagram.any(some.map((nodes) => nodes[at] ?? FALSE))));
    const alone = others.find((_, at) => areEnough([covered[at] ?? []]));
    if (alone !== undefined) return [alone.id];
    if (!areEnough(covered)) return [];
    // What holds of those still to be looked at, from each on.
    const rest: (readonly Node[])[] = [held.map(() => FALSE)];
    for (const nodes of covered.toReversed())
      rest.unshift(nodes.map((node, at) => diagram.or(node, rest[0]?.[at] ?? FALSE)));
    let kept: readonly Node[] = held.map(() => FALSE);
    const needed: RuleId[] = [];
    for (const [place, other] of others.entries()) {
      if (areEnough([kept, rest[place + 1] ?? []])) continue;
      needed.push(other.id);
      kept = kept.map((node, at) => diagram.or(node, covered[place]?.[at] ?? FALSE));
    }
    return needed.length > MOST_NAMED ? [] : needed;
  }
}

const LEAST = 1 as Level;
