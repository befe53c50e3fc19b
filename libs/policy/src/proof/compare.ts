import { type Field, type FieldName, FULL, type Level, levelName, NOTHING } from '#terms';
import {
  type Bundle,
  type LimitOfField,
  type Regime,
  type Rule,
  type RulesOfField,
  type ShareOfField,
} from '../bundle.js';
import { decideNaively, judge } from '../decide-naively.js';
import { Hearing } from '../hearing.js';
import { type Attached, attachedIn, attachedTo, type AttachedWhere, bringTheSame, keyOf } from './attached.js';
import { byRegimes, type UnderRegimes } from './by-regimes.js';
import { cover } from './cover.js';
import { type Bounds, Diagram, FALSE, type Node, TRUE, USUAL_BOUNDS } from './diagram.js';
import { besideALetter, type Example, exampleOf, lettersOf } from './example.js';
import { inWords } from './in-words.js';
import { isEnvelope, levelsOf, Outcomes } from './outcomes.js';
import { sameConditions, sameEffect, sameList, sameSet, sameTest } from './same-rule.js';
import { Space } from './space.js';

/** Of some fields, the situations in which something else comes of them than before. */
export interface Difference {
  /** They differ in the same situations. */
  readonly fields: readonly FieldName[];
  readonly what: What;
  /** Of one of the fields. */
  readonly situations: bigint;
  /** By the regimes that bind the data, the fewest first: what is so where they do. */
  readonly under: readonly Under[];
  /** Under further combinations of regimes, of which no more is said. */
  readonly beyond: readonly { readonly bindings: readonly string[]; readonly situations: bigint }[];
}

export type What =
  /** It leaves further, or less far. */
  | { readonly kind: 'level'; readonly steps: readonly Step[] }
  /** It leaves as before or not, and something comes with it no longer, or did not before. */
  | { readonly kind: 'attached'; readonly gone: readonly Attached[]; readonly come: readonly Attached[] };

export interface Under {
  /** Which combinations of regimes, in words; one empty where that makes no difference. */
  readonly bindings: readonly string[];
  readonly situations: bigint;
  /** What is so in all of them. */
  readonly common: string;
  /** What is so besides, in some of them. Empty: nothing more. */
  readonly groups: readonly { readonly words: string; readonly situations: bigint }[];
  /** Situations in no group. */
  readonly others: bigint;
  /** In the words of the bundle after it, or before it where something is lost; `level` is what leaves then. */
  readonly example: Example;
}

/** From one level to another, by the names of the fields' scale. */
export interface Step {
  readonly from: string;
  readonly to: string;
  readonly situations: bigint;
}

export interface Comparison {
  /** More leaves, or as much under fewer duties, unseen, unasked, or without breaking the glass. */
  readonly widenings: readonly Difference[];
  readonly narrowings: readonly Difference[];
  /** The wording alone. */
  readonly wordings: readonly Difference[];
  /** Fields whose scale is not what it was. */
  readonly notCompared: readonly FieldName[];
}

/** Two bundles, and each difference in words: where a rule for every field is struck out, dozens of them. */
const BOUNDS: Bounds = { ...USUAL_BOUNDS, steps: 12_000_000 };
const MOST_GROUPS = 6;
const MOST_COMBINATIONS = 4;

/**
 * The situations in which something else comes of two bundles, all of them, widenings first. Only what rules that changed
 * could touch is worked out.
 *
 * @example
 * compare(before, after).widenings.map(({ fields, under }) => [fields, under[0]?.bindings, under[0]?.common]);
 * // [['contact.safe_phone'], ['bound by us-health alone'], 'for emergency; the agency that asks is of the sector police']
 */
export function compare(before: Bundle, after: Bundle): Comparison {
  const comparing = new Comparing(before, after);
  const differences = comparing.differences();
  const those = (wanted: Direction): readonly Difference[] =>
    differences.filter(({ direction }) => direction === wanted).map(({ difference }) => difference);
  return {
    widenings: those('wider'),
    narrowings: those('narrower'),
    wordings: those('worded otherwise'),
    notCompared: comparing.notCompared,
  };
}

type Direction = 'wider' | 'narrower' | 'worded otherwise';

interface Moved {
  readonly from: Level;
  readonly to: Level;
  readonly node: Node;
}

/** One thing that differs, of fields of which all of it is the same. */
interface Found {
  readonly fields: Field[];
  readonly direction: Direction;
  readonly node: Node;
  readonly what:
    | { readonly kind: 'level'; readonly moved: readonly Moved[] }
    | { readonly kind: 'attached'; readonly gone: readonly Attached[]; readonly come: readonly Attached[] };
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
    this.space = new Space([before, after], new Diagram(BOUNDS));
    this.was = new Outcomes(before, this.space);
    this.is = new Outcomes(after, this.space);
    this.isOneLanguage = sameLanguage(before, after);
    const byId = new Map(before.rules.map((rule) => [rule.id, rule]));
    for (const rule of after.rules) {
      const old = byId.get(rule.id);
      if (
        old !== undefined &&
        sameEffect(old, rule) &&
        bringTheSame(old, rule) &&
        sameConditions(old.conditions, rule.conditions)
      )
        this.unchanged.set(rule, old);
    }
    this.notCompared = [...after.vocabulary.fields.values()]
      .filter(({ name, scale }) => {
        const old = before.vocabulary.fields.get(name);
        return old !== undefined && old.scale.join('\n') !== scale.join('\n');
      })
      .map(({ name }) => name);
  }

  differences(): readonly { readonly direction: Direction; readonly difference: Difference }[] {
    const found = new Map<string, Found>();
    const fields = new Map([...this.before.vocabulary.fields, ...this.after.vocabulary.fields]);
    for (const field of fields.values()) {
      if (this.notCompared.includes(field.name)) continue;
      for (const one of this.ofField(field)) {
        const key = `${field.scale.join()} ${keyOfFound(one)}`;
        const alike = found.get(key);
        if (alike === undefined) found.set(key, one);
        else alike.fields.push(field);
      }
    }
    return [...found.values()]
      .map((one) => ({ direction: one.direction, difference: this.described(one) }))
      .toSorted(
        ({ difference: a }, { difference: b }) =>
          Number(a.what.kind === 'attached') - Number(b.what.kind === 'attached') ||
          Number(b.situations - a.situations),
      );
  }

  private ofField(field: Field): readonly Found[] {
    const { space } = this;
    const { diagram } = space;
    const region = this.regionOf(field);
    if (region === FALSE) return [];
    const [old, now] = this.tables(field);
    // `is` reads rules that did not change through `was`, which has worked them out already.
    const after = this.isOneLanguage ? this.was : this.is;
    const within = diagram.and(region, space.situationsOf(FULL(field)));
    const exactly = (outcomes: Outcomes, table: RulesOfField): readonly Node[] => {
      const leaves = levelsOf(field).map((level) => outcomes.leavesBy(field, level, table, within));
      return [within, ...leaves].map((node, level) => diagram.without(node, leaves[level] ?? FALSE));
    };
    const [was, is] = [exactly(this.was, old), exactly(after, now)];
    const moved: Moved[] = [];
    for (const [from, here] of was.entries())
      for (const [to, there] of is.entries()) {
        if (from === to) continue;
        const node = this.sealed(field, diagram.and(here, there));
        if (node !== FALSE) moved.push({ from: from as Level, to: to as Level, node });
      }
    const steps = [true, false].flatMap((isWider): readonly Found[] => {
      const own = moved.filter(({ from, to }) => to > from === isWider);
      if (own.length === 0) return [];
      const node = diagram.any(own.map((one) => one.node));
      return [
        { fields: [field], direction: isWider ? 'wider' : 'narrower', node, what: { kind: 'level', moved: own } },
      ];
    });
    const attached = [
      attachedTo(this.was, field, old, was, within),
      attachedTo(after, field, now, is, within),
    ] as const;
    return [...steps, ...this.attachedOtherwise(field, attached, [was, is])];
  }

  /** What comes with the field no longer, or did not before. Where it begins or ceases to leave that says all. */
  private attachedOtherwise(
    field: Field,
    [was, is]: readonly [ReadonlyMap<string, AttachedWhere>, ReadonlyMap<string, AttachedWhere>],
    [exactlyWas, exactlyIs]: readonly [readonly Node[], readonly Node[]],
  ): readonly Found[] {
    const { diagram } = this.space;
    const both = diagram.and(diagram.any(exactlyWas.slice(1)), diagram.any(exactlyIs.slice(1)));
    const neither = diagram.and(exactlyWas[0] ?? FALSE, exactlyIs[0] ?? FALSE);
    const compared: { readonly [kind in Attached['kind']]: Node } = {
      duty: both,
      'last resort': both,
      say: diagram.or(both, neither),
      alert: TRUE,
      'tell upon': TRUE,
    };
    const found = new Map<string, { gone: Attached[]; come: Attached[]; direction: Direction; node: Node }>();
    for (const key of new Set([...was.keys(), ...is.keys()])) {
      const attached = (was.get(key) ?? is.get(key))?.attached;
      if (attached === undefined) continue;
      const [before, after] = [was.get(key)?.node ?? FALSE, is.get(key)?.node ?? FALSE];
      if (before === after) continue;
      for (const [isGone, raw] of [
        [true, diagram.without(before, after)],
        [false, diagram.without(after, before)],
      ] as const) {
        const node = this.sealed(field, diagram.and(raw, compared[attached.kind]));
        if (node === FALSE) continue;
        const direction = directionOf(attached, isGone);
        const alike = found.get(`${direction} ${node}`) ?? { gone: [], come: [], direction, node };
        (isGone ? alike.gone : alike.come).push(attached);
        found.set(`${direction} ${node}`, alike);
      }
    }
    return [...found.values()].map(({ gone, come, direction, node }) => ({
      fields: [field],
      direction,
      node,
      what: { kind: 'attached', gone, come },
    }));
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
      // Also where there is nothing for it to cut, since what it brings along comes there too.
      ...limits.map((limit: LimitOfField) => was.forbids({ ...limit, level: NOTHING }, FULL(field))),
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

  private described({ fields, node, what, direction }: Found): Difference {
    const { space } = this;
    const [field] = fields as [Field, ...Field[]];
    const parts = byRegimes(space, node);
    return {
      fields: fields.map(({ name }) => name),
      what:
        what.kind === 'attached'
          ? what
          : {
              kind: 'level',
              steps: what.moved.map(({ from, to, node: own }) => ({
                from: levelName(field, from),
                to: levelName(field, to),
                situations: space.count(own),
              })),
            },
      situations: space.count(node),
      under: parts.slice(0, MOST_COMBINATIONS).map((part) => this.underThese(field, part, what, direction)),
      beyond: parts
        .slice(MOST_COMBINATIONS)
        .map(({ bindings, node: own }) => ({ bindings, situations: space.count(own) })),
    };
  }

  private underThese(
    field: Field,
    { bindings, bound, node }: UnderRegimes,
    what: Found['what'],
    direction: Direction,
  ): Under {
    const { space } = this;
    const domain = space.diagram.and(space.situationsOf(FULL(field)), bound);
    const { common, stretches } = cover(space, node, domain, MOST_GROUPS);
    const situations = space.count(node);
    const groups = stretches.map(({ stretch, situations: count }) => ({
      words: inWords(stretch, field),
      situations: count,
    }));
    return {
      bindings,
      situations,
      common: inWords(common, field),
      groups: groups.length === 1 && groups[0]?.words === '' ? [] : groups,
      others: groups.reduce((left, group) => left - group.situations, situations),
      example:
        what.kind === 'level'
          ? this.exampleOfLevel(field, node, what.moved)
          : this.exampleOfAttached(field, node, what, direction),
    };
  }

  /** The furthest step there. INVARIANT: both definitions say of the example what was found. */
  private exampleOfLevel(field: Field, node: Node, all: readonly Moved[]): Example {
    const { diagram } = this.space;
    const here = all
      .map((one) => ({ ...one, node: diagram.and(one.node, node) }))
      .filter((one) => one.node !== FALSE)
      .toSorted((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from));
    const [{ from, to, node: own }] = here as [Moved, ...Moved[]];
    const example = this.example(field, own, to > from);
    const was = levelIn(this.before, example, field);
    const is = levelIn(this.after, example, field);
    if (!isEnvelope(field) && (was !== from || is !== to)) throw disagreement(field);
    return { ...example, level: is };
  }

  /** INVARIANT: as above. */
  private exampleOfAttached(
    field: Field,
    node: Node,
    { gone, come }: Found['what'] & { readonly kind: 'attached' },
    direction: Direction,
  ): Example {
    const example = this.example(field, node, direction === 'narrower' || gone.length === 0);
    const [was, is] = [this.before, this.after].map((bundle) => attachedAt(bundle, example, field));
    const holds =
      gone.every((one) => was?.has(keyOf(one)) === true && is?.has(keyOf(one)) === false) &&
      come.every((one) => is?.has(keyOf(one)) === true && was?.has(keyOf(one)) === false);
    if (!isEnvelope(field) && !holds) throw disagreement(field);
    return { ...example, level: levelIn(this.after, example, field) };
  }

  private example(field: Field, node: Node, isSaidAfter: boolean): Example {
    const example = exampleOf(isSaidAfter ? this.is : this.was, node, field, [isSaidAfter ? this.before : this.after]);
    if (example === undefined) throw new Error(`no situation differs for ${field.name}`);
    return example;
  }
}

function levelIn(bundle: Bundle, { situation }: Example, field: Field): Level {
  const asked = isEnvelope(field) ? [...bundle.vocabulary.fields.keys()] : [field.name];
  return decideNaively(bundle, situation, asked).fields.get(field.name)?.level ?? NOTHING;
}

function attachedAt(bundle: Bundle, { situation }: Example, field: Field): ReadonlySet<string> {
  const decided = decideNaively(bundle, situation, [field.name]).fields.get(field.name);
  return decided === undefined ? new Set() : attachedIn(decided, judge(new Hearing(bundle, situation), field));
}

function disagreement(field: Field): Error {
  return new Error(`the comparison and the definition do not agree on ${field.name}`);
}

function keyOfFound({ direction, node, what }: Found): string {
  return what.kind === 'level'
    ? `${direction} ${what.moved.map(({ from, to, node: own }) => `${from} ${to} ${own}`).join()}`
    : `${direction} ${node} ${JSON.stringify([what.gone.map(keyOf).toSorted(), what.come.map(keyOf).toSorted()])}`;
}

/** Whoever receives as much under fewer duties, unseen or unasked has been given more. */
function directionOf(attached: Attached, isGone: boolean): Direction {
  switch (attached.kind) {
    case 'duty':
    case 'alert':
    case 'last resort':
      return isGone ? 'wider' : 'narrower';
    case 'tell upon':
      return isGone ? 'narrower' : 'wider';
    case 'say':
      return 'worded otherwise';
    default:
      return attached satisfies never;
  }
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
