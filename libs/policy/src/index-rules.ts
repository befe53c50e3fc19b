import { type Field, type FieldName, FULL, type Level, type RegimeName, type Vocabulary } from '#terms';
import type { LimitOfField, Rule, RulesOfField, ShareOfField } from './bundle.js';

/**
 * For each field, the rules that name it, by regime: nothing but a table of contents. Fields of which every rule says the
 * same have the very same table, so that what is decided of one holds for the others.
 */
export function indexRules(rules: readonly Rule[], vocabulary: Vocabulary): ReadonlyMap<FieldName, RulesOfField> {
  const sender = vocabulary.fields.get('envelope.sender' as FieldName);
  const alike = fieldsAlike(rules, vocabulary, sender);
  // One field of each kind has the table made; the others have the same one.
  const tables = new Map<number, Table>();
  const first = new Map<FieldName, Table>();
  for (const [name, kind] of alike) {
    if (tables.has(kind)) continue;
    const table: Table = { shares: new Map(), limits: new Map() };
    tables.set(kind, table);
    first.set(name, table);
  }
  for (const rule of rules) {
    for (const [name, level] of rule.fields) {
      const table = first.get(name);
      if (table === undefined) continue;
      if (rule.kind === 'limit') under(table.limits, rule.regime).push({ rule, level });
      else under(table.shares, rule.regime).push({ rule, level });
    }
    if (sender !== undefined && rule.kind === 'share' && rule.namesSender) {
      const table = first.get(sender.name);
      if (table) under(table.shares, rule.regime).push({ rule, level: FULL(sender), accompanies: rule.fields });
    }
  }
  return new Map([...alike].map(([name, kind]) => [name, tables.get(kind) ?? NO_RULES]));
}

interface Table {
  readonly shares: Map<RegimeName, ShareOfField[]>;
  readonly limits: Map<RegimeName, LimitOfField[]>;
}

const NO_RULES: RulesOfField = { shares: new Map(), limits: new Map() };

/** A number for each field, the same for two of which every rule says the same: each rule parts those that it names. */
function fieldsAlike(
  rules: readonly Rule[],
  { fields }: Vocabulary,
  sender: Field | undefined,
): ReadonlyMap<FieldName, number> {
  const kinds = new Map<FieldName, number>();
  for (const field of fields.values()) kinds.set(field.name, field === sender ? -1 : FULL(field));
  let made = Math.max(0, ...kinds.values());
  for (const rule of rules) {
    const parted = new Map<number, Map<Level, number>>();
    for (const [name, level] of rule.fields) {
      const kind = kinds.get(name);
      if (kind === undefined) continue;
      const byLevel = parted.get(kind) ?? new Map<Level, number>();
      parted.set(kind, byLevel);
      const own = byLevel.get(level) ?? (made += 1);
      byLevel.set(level, own);
      kinds.set(name, own);
    }
  }
  return kinds;
}

function under<Item>(table: Map<RegimeName, Item[]>, regime: RegimeName): Item[] {
  const items = table.get(regime) ?? [];
  table.set(regime, items);
  return items;
}
