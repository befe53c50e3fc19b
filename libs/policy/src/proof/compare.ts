import { type Field, type FieldName, FULL, type Level, levelName, NOTHING } from '#terms';
import {
  type Bundle,
  type LimitOfField,
  type Regime,
  type Rule,
  type RuleId,
  type RulesOfField,
  type ShareOfField,
} from '../bundle.js';
import { decideNaively } from '../decide-naively.js';
import { cover, type Stretch } from './cover.js';
import { FALSE, type Node, TRUE } from './diagram.js';
import { besideALetter, type Example, exampleOf, lettersOf } from './example.js';
import { inWords } from './in-words.js';
import { isEnvelope, levelsOf, Outcomes } from './outcomes.js';
import { sameConditions, sameEffect, sameList, sameSet, sameTest } from './same-rule.js';
import { type Choice, Space } from './space.js';

/** Of some fields, the situations in which they leave further, or less far, than before. */
export interface Difference {
  /** They differ in the same situations. */
  readonly fields: readonly FieldName[];
  readonly steps: readonly Step[];
  /** Of one of the fields. */
  readonly situations: bigint;
  /** What is so in all situations in which one regime alone binds the data; in all, where there are no such. */
  readonly common: string;
  /** What is so besides, in some of them. Empty: nothing more. */
  readonly groups: readonly { readonly words: string; readonly situations: bigint }[];
  /** Situations in no group: among them those in which several regimes bind the data. */
  readonly others: bigint;
  /** In the words of the bundle after it, or before it where less leaves; `level` is what leaves then. */
  readonly example: Example;
}

/** From one level to another, by the names of the fields' scale. */
export interface Step {
  readonly from: string;
  readonly to: string;
  readonly situations: bigint;
}

export interface Comparison {
  readonly widenings: readonly Difference[];
  readonly narrowings: readonly Difference[];
  /** Rules whose duties, wording or alerts changed, or which break the glass where they did not. */
  readonly otherwise: readonly RuleId[];
  /** Fields whose scale is not what it was. */
  readonly notCompared: readonly FieldName[];
}

const MOST_GROUPS = 6;

/**
 * The situations in which two bundles let different things go, all of them, widenings first. Only what rules that changed
 * could touch is worked out.
 *
 * @example
 * compare(before, after).widenings.map(({ fields, common }) => [fields, common]);
 * // [['contact.safe_phone'], 'bound by us-health alone; for emergency; the agency that asks is of the sector police']
 */
export function compare(before: Bundle, after: Bundle): Comparison {
  const comparing = new Comparing(before, after);
  const differences = comparing.differences();
  return {
    widenings: differences.filter(({ isWider }) => isWider).map(({ difference }) => difference),
    narrowings: differences.filter(({ isWider }) => !isWider).map(({ difference }) => difference),
    otherwise: otherwise(before, after),
    notCompared: comparing.notCompared,
  };
}

interface Moved {
  readonly from: Level;
  readonly to: Level;
  readonly node: Node;
}

interface Found {
  readonly fields: Field[];
  readonly isWider: boolean;
  readonly moved: readonly Moved[];
}

class Comparing {
  private readonly before: Bundle;
  private readonly after: Bundle;
  private readonly space: Space;
  private readonly was: Outcomes;
  private readonly is: Outcomes;
  /** Whether both mean the same by the same words, so that a rule that did not change holds where it held. */
  private readonly isOneLanguage: boolean;
  private readonly unchanged = new Map<Rule, Rule>();
  private letters: readonly Node[] | undefined;
  readonly notCompared: readonly FieldName[];

  constructor(before: Bundle, after: Bundle) {
    this.before = before;
    this.after = after;
    this.space = new Space([before, after]);
    this.was = new Outcomes(before, this.space);
    this.is = new Outcomes(after, this.space);
    this.isOneLanguage = sameLanguage(before, after);
    const byId = new Map(before.rules.map((rule) => [rule.id, rule]));
    for (const rule of after.rules) {
      const old = byId.get(rule.id);
      if (old !== undefined && sameEffect(old, rule) && sameConditions(old.conditions, rule.conditions))
        this.unchanged.set(rule, old);
    }
    this.notCompared = [...after.vocabulary.fields.values()]
      .filter(({ name, scale }) => {
        const old = before.vocabulary.fields.get(name);
        return old !== undefined && old.scale.join('\n') !== scale.join('\n');
      })
      .map(({ name }) => name);
  }

  differences(): readonly { readonly isWider: boolean; readonly difference: Difference }[] {
    const found = new Map<string, Found>();
    const fields = new Map([...this.before.vocabulary.fields, ...this.after.vocabulary.fields]);
    for (const field of fields.values()) {
      if (this.notCompared.includes(field.name)) continue;
      const all = this.ofField(field);
      for (const isWider of [true, false]) {
        const moved = all.filter(({ from, to }) => to > from === isWider);
        if (moved.length === 0) continue;
        const key = `${field.scale.join()} ${moved.map(({ from, to, node }) => `${from} ${to} ${node}`).join()}`;
        const alike = found.get(key);
        if (alike === undefined) found.set(key, { fields: [field], isWider, moved });
        else alike.fields.push(field);
      }
    }
    return [...found.values()]
      .map((one) => ({ isWider: one.isWider, difference: this.described(one) }))
      .toSorted((a, b) => Number(b.difference.situations - a.difference.situations));
  }

  private ofField(field: Field): readonly Moved[] {
    const { space } = this;
    const { diagram } = space;
    const region = this.regionOf(field);
    if (region === FALSE) return [];
    const [old, now] = this.tables(field);
    // `is` reads rules that did not change through `was`, which has worked them out already.
    const after = this.isOneLanguage ? this.was : this.is;
    const exactly = (outcomes: Outcomes, table: RulesOfField): readonly Node[] => {
      const leaves = levelsOf(field).map((level) => outcomes.leavesBy(field, level, table, region));
      return [region, ...leaves].map((node, level) => diagram.without(node, leaves[level] ?? FALSE));
    };
    const [was, is] = [exactly(this.was, old), exactly(after, now)];
    const domain = space.situationsOf(FULL(field));
    const found: Moved[] = [];
    for (const [from, here] of was.entries())
      for (const [to, there] of is.entries()) {
        if (from === to) continue;
        const node = this.sealed(field, diagram.all([here, there, domain]));
        if (node !== FALSE) found.push({ from: from as Level, to: to as Level, node });
      }
    return found;
  }

  /** Where a rule that changed says something of the field. */
  private regionOf(field: Field): Node {
    if (!this.isOneLanguage) return TRUE;
    const { was, space } = this;
    const [old, now] = this.tables(field);
    const shares = changedIn(itemsOf(old.shares), itemsOf(now.shares));
    const limits = changedIn(itemsOf(old.limits), itemsOf(now.limits));
    return space.diagram.any([
      ...shares.map((share: ShareOfField) => was.grants(share, field, 1 as Level)),
      ...limits.map((limit: LimitOfField) => was.forbids(limit, FULL(field))),
    ]);
  }

  /** Rules that did not change are the same objects in both. */
  private tables(field: Field): readonly [RulesOfField, RulesOfField] {
    const old = this.was.tableOf(field);
    const now = this.is.tableOf(field);
    return [old, this.isOneLanguage ? { shares: this.asBefore(now.shares), limits: this.asBefore(now.limits) } : now];
  }

  private asBefore<Item extends { readonly rule: Rule }>(
    lists: ReadonlyMap<Rule['regime'], readonly Item[]>,
  ): ReadonlyMap<Rule['regime'], readonly Item[]> {
    return new Map(
      [...lists].map(([regime, items]) => [
        regime,
        items.map((item) => ({ ...item, rule: this.unchanged.get(item.rule) ?? item.rule })),
      ]),
    );
  }

  /** Who sent it goes with a value, before or after. */
  private sealed(field: Field, node: Node): Node {
    if (!isEnvelope(field) || node === FALSE) return node;
    this.letters ??= [...new Set([...lettersOf(this.was), ...lettersOf(this.is)])];
    return besideALetter(node, this.letters, this.space);
  }

  private described({ fields, moved }: Found): Difference {
    const { space } = this;
    const { diagram } = space;
    const [field] = fields as [Field, ...Field[]];
    const node = diagram.any(moved.map((one) => one.node));
    const domain = space.situationsOf(FULL(field));
    const single = diagram.and(domain, space.underOneRegime);
    const isOneRegime = diagram.and(node, single) !== FALSE;
    const regimes = isOneRegime ? space.regimeNames : undefined;
    const { common, stretches } = cover(space, node, isOneRegime ? single : domain, MOST_GROUPS);
    const situations = space.count(node);
    const groups = stretches.map(({ stretch, situations: count }) => ({
      words: inWords(withRegimesOf(stretch, common), field, regimes),
      situations: count,
    }));
    const [first] = moved.toSorted((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from)) as [Moved, ...Moved[]];
    return {
      fields: fields.map(({ name }) => name),
      steps: moved.map(({ from, to, node: own }) => ({
        from: levelName(field, from),
        to: levelName(field, to),
        situations: space.count(own),
      })),
      situations,
      common: inWords(common, field, regimes),
      groups: groups.length === 1 && groups[0]?.words === '' ? [] : groups,
      others: groups.reduce((left, group) => left - group.situations, situations),
      example: this.example(field, first),
    };
  }

  /** INVARIANT: both definitions say of the example what was found. */
  private example(field: Field, { from, to, node }: Moved): Example {
    const example = exampleOf(to > from ? this.is : this.was, node, field, [to > from ? this.before : this.after]);
    if (example === undefined) throw new Error(`no situation differs for ${field.name}`);
    const levelBy = (bundle: Bundle): Level => {
      const asked = isEnvelope(field) ? [...bundle.vocabulary.fields.keys()] : [field.name];
      return decideNaively(bundle, example.situation, asked).fields.get(field.name)?.level ?? NOTHING;
    };
    const [was, is] = [levelBy(this.before), levelBy(this.after)];
    if (!isEnvelope(field) && (was !== from || is !== to))
      throw new Error(`the comparison and the definition do not agree on ${field.name}`);
    return { ...example, level: is };
  }
}

function isRegime([{ subject }]: readonly [Choice, unknown]): boolean {
  return subject.kind === 'regime';
}

/** Which regimes it may be is said with what all have in common, and where some have less, of what is left. */
function withRegimesOf(stretch: Stretch, common: Stretch): Stretch {
  return [...stretch].some(isRegime) ? new Map([...[...common].filter(isRegime), ...stretch]) : stretch;
}

function itemsOf<Item>(lists: ReadonlyMap<unknown, readonly Item[]>): readonly Item[] {
  return [...lists.values()].flat();
}

/** What is in one of the two only. */
function changedIn<Item extends { readonly rule: Rule; readonly level: Level }>(
  old: readonly Item[],
  now: readonly Item[],
): readonly Item[] {
  const [before, after] = [byRule(old), byRule(now)];
  const isIn = (items: ReadonlyMap<Rule, readonly Item[]>, { rule, level }: Item): boolean =>
    items.get(rule)?.some((other) => other.level === level) === true;
  return [...old.filter((item) => !isIn(after, item)), ...now.filter((item) => !isIn(before, item))];
}

function byRule<Item extends { readonly rule: Rule }>(items: readonly Item[]): ReadonlyMap<Rule, readonly Item[]> {
  return Map.groupBy(items, ({ rule }) => rule);
}

function sameLanguage(a: Bundle, b: Bundle): boolean {
  if (a.vocabulary !== b.vocabulary && a.vocabulary.digest !== b.vocabulary.digest) return false;
  return (
    a.regimes.size === b.regimes.size &&
    [...a.regimes].every(([name, regime]) => sameRegime(regime, b.regimes.get(name)))
  );
}

function sameRegime(a: Regime, b: Regime | undefined): boolean {
  if (b === undefined) return false;
  return sameList(
    a.governs,
    b.governs,
    (one, other) =>
      one.origins === other.origins && sameSet(one.fields, other.fields) && sameList(one.under, other.under, sameTest),
  );
}

/** What may change besides how far something leaves. */
function otherwise(before: Bundle, after: Bundle): readonly RuleId[] {
  const byId = new Map(before.rules.map((rule) => [rule.id, rule]));
  return after.rules.flatMap((rule) => {
    const old = byId.get(rule.id);
    return old !== undefined && besides(old) !== besides(rule) ? [rule.id] : [];
  });
}

function besides(rule: Rule): string {
  const { duties, say, alert } = rule;
  return [...duties.toSorted(), say ?? '', String(alert), rule.kind === 'share' ? String(rule.lastResort) : ''].join(
    '\n',
  );
}
