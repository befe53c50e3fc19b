import type { Field } from '#terms';
import { type Bundle, CORE, type Limit, type Rule, type RuleId, type Share } from '../bundle.js';
import { FALSE, type Node, TRUE } from './diagram.js';
import { besideALetter, lettersOf } from './example.js';
import { isEnvelope, levelsOf, Outcomes } from './outcomes.js';
import { fieldsOf, holdsFor, leavesWhere, type RuleOfFields, ruleOfFields } from './rule-of-field.js';
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
    const apart = ruleOfFields(outcomes, rule, fields);
    if (apart.some((one) => this.changes(one, rule)) || this.doesMore(rule, fields)) return undefined;
    return rule.kind === 'share' ? this.share(rule, fields) : this.limit(rule, fields);
  }

  private changes(one: RuleOfFields, rule: Rule): boolean {
    const { diagram } = this.outcomes.space;
    const now = leavesWhere(one, one.holds, rule.kind, diagram);
    if (now === one.without) return false;
    const [field] = one.fields;
    return (
      field === undefined ||
      this.sealed(field, diagram.or(diagram.without(now, one.without), diagram.without(one.without, now))) !== FALSE
    );
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
    if (!missing(others)) return { rule: rule.id, why: 'redundant', by: fewest(others, missing) };
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
    return { rule: rule.id, why: 'shadowed', by: escapes(limits) ? [] : fewest(limits, escapes) };
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
      : { rule: rule.id, why: 'redundant', by: fewest(others, cuts) };
  }
}

/** One of them that is enough, or as few as are left when each that is not needed goes; none named where many are needed. */
function fewest<Kind extends Rule>(
  others: readonly Kind[],
  isMissing: (by: readonly Kind[]) => boolean,
): readonly RuleId[] {
  const alone = others.find((other) => !isMissing([other]));
  if (alone !== undefined) return [alone.id];
  let needed = others;
  for (const other of others) {
    const without = needed.filter((one) => one !== other);
    if (!isMissing(without)) needed = without;
  }
  return needed.length > MOST_NAMED ? [] : needed.map(({ id }) => id);
}
