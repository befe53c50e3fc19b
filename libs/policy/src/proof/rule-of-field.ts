import { type Field, type FieldName, FULL, type Level, type RegimeName } from '#terms';
import { type Conditions, type Rule, type RulesOfField } from '../bundle.js';
import { type Diagram, FALSE, type Node } from './diagram.js';
import { levelsOf, type Outcomes } from './outcomes.js';

const ALWAYS: Conditions = { when: { facts: [] }, any: [], unless: [] };

/**
 * What one rule does to one level of some fields, apart from all other rules: they leave where they would without the rule,
 * and where the rule holds as where it always did. Of the fields every rule says the same.
 */
export interface RuleOfFields {
  readonly fields: readonly Field[];
  readonly level: Level;
  /** Where the rule holds. */
  readonly holds: Node;
  /** Where the field would leave without it. */
  readonly without: Node;
  /** Where it would leave if the rule held everywhere. */
  readonly always: Node;
}

/** Level by level, where the rule can matter at all. */
export function ruleOfFields(outcomes: Outcomes, rule: Rule, all: readonly Field[]): readonly RuleOfFields[] {
  const alike = Map.groupBy(all, (field) => outcomes.keyOf(field));
  return [...alike.values()].flatMap((fields) => {
    const [field] = fields;
    if (field === undefined) return [];
    const table = outcomes.tableOf(field);
    return levelsOf(field).flatMap((level) => {
      const holds = holdsFor(outcomes, rule, field, level);
      if (holds === FALSE) return [];
      const without = outcomes.leavesBy(field, level, replaced(table, rule, undefined));
      const always = outcomes.leavesBy(field, level, replaced(table, rule, { ...rule, conditions: ALWAYS }));
      return without === always ? [] : [{ fields, level, holds, without, always }];
    });
  });
}

/** Where a rule grants the field the level, or keeps it back. */
export function holdsFor(outcomes: Outcomes, rule: Rule, field: Field, level: Level): Node {
  const own = rule.fields.get(field.name);
  if (rule.kind === 'limit') return own === undefined ? FALSE : outcomes.forbids({ rule, level: own }, level);
  const { diagram } = outcomes.space;
  const granted = own === undefined ? FALSE : outcomes.grants({ rule, level: own }, field, level);
  if (field.name !== SENDER || !rule.namesSender) return granted;
  return diagram.or(granted, outcomes.grants({ rule, level: FULL(field), accompanies: rule.fields }, field, level));
}

/** Where the field leaves if the rule holds there and nowhere else. */
export function leavesWhere(
  { without, always }: RuleOfFields,
  holds: Node,
  kind: Rule['kind'],
  diagram: Diagram,
): Node {
  return kind === 'share'
    ? diagram.or(without, diagram.and(always, holds))
    : diagram.or(always, diagram.without(without, holds));
}

/** The fields that a rule speaks of, and the sender where it names that. */
export function fieldsOf({ bundle }: Outcomes, rule: Rule): readonly Field[] {
  const names = new Set<FieldName>(rule.fields.keys());
  if (rule.kind === 'share' && rule.namesSender) names.add(SENDER);
  return [...names].flatMap((name) => bundle.vocabulary.fields.get(name) ?? []);
}

/** What is said of a field if one rule said something else, or nothing. */
export function replaced(table: RulesOfField, rule: Rule, instead: Rule | undefined): RulesOfField {
  const replace = <Item extends { readonly rule: Rule }>(
    lists: ReadonlyMap<RegimeName, readonly Item[]>,
  ): ReadonlyMap<RegimeName, readonly Item[]> =>
    new Map(
      [...lists].map(([regime, items]) => [
        regime,
        regime === rule.regime
          ? items.flatMap((item) =>
              item.rule !== rule ? [item] : instead === undefined ? [] : [{ ...item, rule: instead }],
            )
          : items,
      ]),
    );
  return { shares: replace(table.shares), limits: replace(table.limits) };
}

const SENDER = 'envelope.sender' as FieldName;
