import type { Conditions, Conjunction, FactTest, Rule, Treatment } from '../bundle.js';

/** Whether two rules say the same of when they hold. */
export function sameConditions(a: Conditions, b: Conditions): boolean {
  return (
    sameConjunction(a.when, b.when) &&
    sameList(a.any, b.any, sameConjunction) &&
    sameList(a.unless, b.unless, sameConjunction)
  );
}

/** Whether two rules let or keep the same fields, as far, wherever they hold. */
export function sameEffect(a: Rule, b: Rule): boolean {
  return (
    a.kind === b.kind &&
    a.regime === b.regime &&
    a.fields.size === b.fields.size &&
    [...a.fields].every(([field, level]) => b.fields.get(field) === level) &&
    (a.kind === 'limit' || b.kind === 'limit' || a.namesSender === b.namesSender)
  );
}

function sameConjunction(a: Conjunction, b: Conjunction): boolean {
  return (
    sameList(a.facts, b.facts, sameTest) &&
    sameSet(a.consent, b.consent) &&
    sameSet(a.purposes?.words, b.purposes?.words) &&
    a.purposes?.unknownMeets === b.purposes?.unknownMeets
  );
}

export function sameTest(a: FactTest, b: FactTest): boolean {
  if (a.fact !== b.fact || a.unknownMeets !== b.unknownMeets || a.treated?.to !== b.treated?.to) return false;
  return sameSet(a.words, b.words) && sameList(a.treated?.treatments ?? [], b.treated?.treatments ?? [], sameTreatment);
}

function sameTreatment(a: Treatment, b: Treatment): boolean {
  if (a.role !== b.role || a.as !== b.as) return false;
  if (a.purposes === 'everything else' || b.purposes === 'everything else') return a.purposes === b.purposes;
  return sameSet(a.purposes, b.purposes);
}

export function sameSet<Item>(a: ReadonlySet<Item> | undefined, b: ReadonlySet<Item> | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.size !== b.size) return false;
  for (const item of a) if (!b.has(item)) return false;
  return true;
}

export function sameList<Item>(a: readonly Item[], b: readonly Item[], same: (a: Item, b: Item) => boolean): boolean {
  return a === b || (a.length === b.length && a.every((item, at) => same(item, b[at]!)));
}
