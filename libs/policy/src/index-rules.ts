import { type Field, type FieldName, FULL, type RegimeName, type Vocabulary } from '#terms';
import type { LimitOfField, Rule, RulesOfField, ShareOfField } from './bundle.js';

/**
 * For each field, the rules that name it, by regime: nothing but a table of contents. Fields of which every rule says the
 * same have the very same table, so that what is decided of one holds for the others.
 */
export function indexRules(rules: readonly Rule[], vocabulary: Vocabulary): ReadonlyMap<FieldName, RulesOfField> {
  const sender = vocabulary.fields.get('envelope.sender' as FieldName);
  const tables = new Map<string, RulesOfField>();
  const byField = new Map<FieldName, RulesOfField>();
  for (const field of vocabulary.fields.values()) {
    const said = [field === sender, FULL(field), ...rules.map((rule) => rule.fields.get(field.name) ?? '')].join();
    const table = tables.get(said) ?? rulesOf(field, field === sender, rules);
    tables.set(said, table);
    byField.set(field.name, table);
  }
  return byField;
}

function rulesOf(field: Field, isSender: boolean, rules: readonly Rule[]): RulesOfField {
  const shares = new Map<RegimeName, ShareOfField[]>();
  const limits = new Map<RegimeName, LimitOfField[]>();
  for (const rule of rules) {
    const level = rule.fields.get(field.name);
    if (rule.kind === 'limit') {
      if (level !== undefined) under(limits, rule.regime).push({ rule, level });
    } else {
      if (level !== undefined) under(shares, rule.regime).push({ rule, level });
      if (isSender && rule.namesSender)
        under(shares, rule.regime).push({ rule, level: FULL(field), accompanies: rule.fields });
    }
  }
  return { shares, limits };
}

function under<Item>(table: Map<RegimeName, Item[]>, regime: RegimeName): Item[] {
  const items = table.get(regime) ?? [];
  table.set(regime, items);
  return items;
}
