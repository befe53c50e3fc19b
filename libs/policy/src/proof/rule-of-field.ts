import { type Field, type FieldName, FULL, type Level } from '#terms';
import type { Rule } from '../bundle.js';
import { FALSE, type Node } from './diagram.js';
import type { Outcomes } from './outcomes.js';

/** Where a rule grants the field the level, or keeps it back. */
export function holdsFor(outcomes: Outcomes, rule: Rule, field: Field, level: Level): Node {
  const own = rule.fields.get(field.name);
  if (rule.kind === 'limit') return own === undefined ? FALSE : outcomes.forbids({ rule, level: own }, level);
  const { diagram } = outcomes.space;
  const granted = own === undefined ? FALSE : outcomes.grants({ rule, level: own }, field, level);
  if (field.name !== SENDER || !rule.namesSender) return granted;
  return diagram.or(granted, outcomes.grants({ rule, level: FULL(field), accompanies: rule.fields }, field, level));
}

/** The fields that a rule speaks of, and the sender where it names that. */
export function fieldsOf({ bundle }: Outcomes, rule: Rule): readonly Field[] {
  const names = new Set<FieldName>(rule.fields.keys());
  if (rule.kind === 'share' && rule.namesSender) names.add(SENDER);
  return [...names].flatMap((name) => bundle.vocabulary.fields.get(name) ?? []);
}

const SENDER = 'envelope.sender' as FieldName;
