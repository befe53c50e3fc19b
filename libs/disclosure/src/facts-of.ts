import type { Bundle, Rule } from '#policy';
import type { FactName, FieldName } from '#terms';

/** The facts that a rule turns on. */
export function factsOfRule({ conditions: { when, any, unless } }: Rule): readonly FactName[] {
  return [when, ...any, ...unless].flatMap(({ facts }) => facts.map(({ fact }) => fact));
}

/** The facts that any rule about a field turns on: all that what comes of it may rest on. */
export function factsOfField({ byField }: Bundle, field: FieldName): ReadonlySet<FactName> {
  const rules = byField.get(field);
  const all = [...(rules?.shares.values() ?? []), ...(rules?.limits.values() ?? [])].flat();
  return new Set(all.flatMap(({ rule }) => factsOfRule(rule)));
}
