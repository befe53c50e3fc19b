import type { Field } from '#terms';
import { type Bundle, CORE, type Limit, type Rule, type RuleId, type Share } from '../bundle.js';
import { FALSE, type Node, TRUE } from './diagram.js';
import { besideALetter, lettersOf } from './example.js';
import { isEnvelope, levelsOf, Outcomes } from './outcomes.js';
import { fieldsOf, holdsFor, replaced } from './rule-of-field.js';
import { Space } from './space.js';

/** A rule without which, in every situation, the same would leave under the same duties. */
export interface NeverMatters {
  readonly rule: RuleId;
  /**
   * `never holds`: no situation meets it. `redundant`: others of its kind do all that it does. `shadowed`: what it would
   * share is always kept back. `nothing to cut`: nothing that it keeps back would leave without it.
   */
  readonly why: 'never holds' | 'redundant' | 'shadowed' | 'nothing to cut';
  /** Those that make it so, where a few do. */
  readonly by: readonly RuleId[];
}

const MOST_NAMED = 3;
/** Among more than these nobody looks for the few that are to blame. */
const MOST_TRIED = 40;

/** The rules that could be left out, each for itself, and why. Two that do the same are both named. */
export function neverMatter(bundle: Bundle): readonly NeverMatters[] {
  const looking = new Looking(bundle);
  return bundle.rules.flatMap((rule) => looking.at(rule) ?? []);
}

class Looking {
  private outcomes: Outcomes;
  private letters: readonly Node[] | undefined;

  constructor(bundle: Bundle) {
    this.outcomes = new Outcomes(bundle, new Space([bundle]));
  }

  at(rule: Rule): NeverMatters | undefined {
    if (this.outcomes.space.diagram.isHalfFull) {
      const { bundle } = this.outcomes;
      this.outcomes = new Outcomes(bundle, new Space([bundle]));
      this.letters = undefined;
    }
    const { outcomes } = this;
    const fields = fieldsOf(outcomes, rule);
    if (fields.every((field) => levelsOf(field).every((level) => holdsFor(outcomes, rule, field, level) === FALSE)))
      return { rule: rule.id, why: 'never holds', by: [] };
    if (fields.some((field) => this.changes(rule, field)) || this.doesMore(rule, fields)) return undefined;
    return rule.kind === 'share' ? this.share(rule, fields) : this.limit(rule, fields);
  }

  /** Outside the situations in which it holds a rule changes nothing, and only these are worked out anew. */
  private changes(rule: Rule, field: Field): boolean {
    const { outcomes } = this;
    const { diagram } = outcomes.space;
    const without = replaced(outcomes.tableOf(field), rule, undefined);
    return levelsOf(field).some((level) => {
      const holds = holdsFor(outcomes, rule, field, level);
      if (holds === FALSE) return false;
      const now = diagram.and(outcomes.leaves(field, level), holds);
      const then = outcomes.leavesBy(field, level, without, holds);
      if (now === then) return false;
      return this.sealed(field, diagram.or(diagram.without(now, then), diagram.without(then, now))) !== FALSE;
    });
  }

  /** Who sent it matters only where there is something to send. */
  private sealed(field: Field, node: Node): Node {
    if (!isEnvelope(field)) return node;
    this.letters ??= lettersOf(this.outcomes);
    return besideALetter(node, this.letters, this.outcomes.space);
  }

  /** Duties, wording and alerts go with what it reaches, though it changes nothing of how far that goes. */
  private doesMore(rule: Rule, fields: readonly Field[]): boolean {
    if (rule.duties.length === 0 && rule.say === undefined && !rule.alert) return false;
    const { outcomes } = this;
    const { diagram } = outcomes.space;
    return fields.some((field) => {
      const governs = rule.regime === CORE ? TRUE : outcomes.governs(rule.regime, field);
      const levels = levelsOf(field);
      if (rule.kind === 'share')
        return levels.some((level) =>
          this.meets(holdsFor(outcomes, rule, field, level), governs, outcomes.leaves(field, level)),
        );
      const holds = diagram.any(levels.map((level) => holdsFor(outcomes, rule, field, level)));
      return rule.alert
        ? diagram.and(holds, governs) !== FALSE
        : this.meets(holds, governs, outcomes.leaves(field, levels[0]!));
    });
  }

  private meets(...nodes: readonly Node[]): boolean {
    return this.outcomes.space.diagram.all(nodes) !== FALSE;
  }

  private share(rule: Share, fields: readonly Field[]): NeverMatters {
    const { outcomes } = this;
    const { diagram } = outcomes.space;
    const others = outcomes.bundle.rules.filter(
      (other): other is Share => other.kind === 'share' && other !== rule && other.regime === rule.regime,
    );
    const missing = (by: readonly Share[]): boolean =>
      fields.some((field) =>
        levelsOf(field).some((level) => {
          const own = diagram.and(holdsFor(outcomes, rule, field, level), outcomes.governs(rule.regime, field));
          return !diagram.implies(own, diagram.any(by.map((other) => holdsFor(outcomes, other, field, level))));
        }),
      );
    if (!missing(others))
      return { rule: rule.id, why: 'redundant', by: fewest(this.near(others, rule, fields), missing) };
    const limits = outcomes.bundle.rules.filter(
      (other): other is Limit => other.kind === 'limit' && (other.regime === CORE || other.regime === rule.regime),
    );
    const escapes = (by: readonly Limit[]): boolean =>
      fields.some((field) =>
        levelsOf(field).some((level) => {
          const own = diagram.and(holdsFor(outcomes, rule, field, level), outcomes.governs(rule.regime, field));
          const granted = diagram.any(others.map((other) => holdsFor(outcomes, other, field, level)));
          const kept = diagram.any(by.map((other) => holdsFor(outcomes, other, field, level)));
          return !diagram.implies(own, diagram.or(granted, kept));
        }),
      );
    return {
      rule: rule.id,
      why: 'shadowed',
      by: escapes(limits) ? [] : fewest(this.near(limits, rule, fields), escapes),
    };
  }

  /** Those that ever hold where the rule does. */
  private near<Kind extends Rule>(others: readonly Kind[], rule: Rule, fields: readonly Field[]): readonly Kind[] {
    const { outcomes } = this;
    const own = fields.flatMap((field) =>
      levelsOf(field).map((level) => ({ field, level, holds: holdsFor(outcomes, rule, field, level) })),
    );
    return others.filter((other) =>
      own.some(({ field, level, holds }) => this.meets(holds, holdsFor(outcomes, other, field, level))),
    );
  }

  private limit(rule: Limit, fields: readonly Field[]): NeverMatters {
    const { outcomes } = this;
    const { diagram } = outcomes.space;
    const others = outcomes.bundle.rules.filter(
      (other): other is Limit =>
        other.kind === 'limit' && other !== rule && (other.regime === CORE || other.regime === rule.regime),
    );
    const cuts = (by: readonly Limit[]): boolean =>
      fields.some((field) =>
        levelsOf(field).some((level) => {
          const governs = rule.regime === CORE ? TRUE : outcomes.governs(rule.regime, field);
          const own = diagram.and(holdsFor(outcomes, rule, field, level), governs);
          return !diagram.implies(own, diagram.any(by.map((other) => holdsFor(outcomes, other, field, level))));
        }),
      );
    return cuts(others)
      ? { rule: rule.id, why: 'nothing to cut', by: [] }
      : { rule: rule.id, why: 'redundant', by: fewest(this.near(others, rule, fields), cuts) };
  }
}

/** One of them that is enough, or as few as are left when each that is not needed goes; none named where many are needed. */
function fewest<Kind extends Rule>(
  others: readonly Kind[],
  isMissing: (by: readonly Kind[]) => boolean,
): readonly RuleId[] {
  if (others.length > MOST_TRIED) return [];
  const alone = others.find((other) => !isMissing([other]));
  if (alone !== undefined) return [alone.id];
  let needed = others;
  for (const other of others) {
    const without = needed.filter((one) => one !== other);
    if (!isMissing(without)) needed = without;
  }
  return needed.length > MOST_NAMED ? [] : needed.map(({ id }) => id);
}
