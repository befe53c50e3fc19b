import { type Field, type FieldName, FULL, type Level, NOTHING, type RegimeName } from '#terms';
import type { Bundle, Case, NeverShare, Place, PolicyPromise, Rule, RuleId, RulesOfField } from '../bundle.js';
import { decide } from '../decide.js';
import { PolicyError } from '../error.js';
import { indexRules } from '../index-rules.js';
import { type Deletion, deletionsOf } from './deletions.js';
import { type Bounds, Diagram, FALSE, type Node, USUAL_BOUNDS } from './diagram.js';
import { besideALetter, lettersOf } from './example.js';
import { lookingAt } from './looking-at.js';
import { Margins, type RuleOfFields } from './margins.js';
import { hasGlass, isEnvelope, Outcomes } from './outcomes.js';
import { holdsFor } from './rule-of-field.js';
import { Space } from './space.js';

/** What the cases and promises would notice if it were struck out. */
export interface Coverage {
  /** Deletions that change, in some situation, what leaves, or break a promise about breaking the glass. */
  readonly deletions: number;
  /** Of these, those that no case and no promise would notice. */
  readonly unnoticed: readonly Unnoticed[];
  /** Deletions that change what leaves in no situation, and break no promise. */
  readonly withoutEffect: number;
  /** Where there was too much to look at all of it: the first so many of the rules were, and of the others nothing is said. */
  readonly stopped?: { readonly lookedAt: number; readonly of: number };
}

export interface Unnoticed {
  readonly rule: RuleId;
  readonly place: Place;
  readonly what: Deletion['what'];
}

/** Everything that could be struck out is a question of its own: twice what one question may cost. */
const BOUNDS: Bounds = { nodes: USUAL_BOUNDS.nodes, steps: 2 * USUAL_BOUNDS.steps };

/**
 * Strikes out each rule, exception, value and field, one at a time, and asks whether a case would then fail or a promise be
 * broken: what nobody would miss, nobody has tried. Where that is too much, it says how far it came; where not even the first
 * rule can be looked at, it throws.
 */
export function coverage(bundle: Bundle, diagram = new Diagram(BOUNDS)): Coverage {
  const measuring = new Measuring(bundle, diagram);
  const unnoticed: Unnoticed[] = [];
  let deletions = 0;
  let withoutEffect = 0;
  for (const [lookedAt, rule] of bundle.rules.entries()) {
    const told = orTooMuch(lookedAt, () => lookingAt(rule, () => measuring.rule(rule)));
    if (told === undefined)
      return { deletions, unnoticed, withoutEffect, stopped: { lookedAt, of: bundle.rules.length } };
    for (const { what, verdict } of told) {
      if (verdict === 'no effect') withoutEffect += 1;
      else deletions += 1;
      if (verdict === 'unnoticed') unnoticed.push({ rule: rule.id, place: rule.place, what });
    }
  }
  return { deletions, unnoticed, withoutEffect };
}

/** Nothing where a bound was passed after something had been looked at. */
function orTooMuch<Made>(lookedAt: number, look: () => Made): Made | undefined {
  try {
    return look();
  } catch (error) {
    if (lookedAt === 0 || !(error instanceof PolicyError && error.code === 'POLICY_TOO_INTRICATE')) throw error;
    return undefined;
  }
}

type Verdict = 'noticed' | 'unnoticed' | 'no effect';

interface Watching {
  readonly one: Case;
  /** Whether a value goes, so that the envelope may. */
  readonly isLetter: boolean;
}

class Measuring {
  private readonly outcomes: Outcomes;
  private readonly margins: Margins;
  private letters: readonly Node[] | undefined;
  private readonly watching: readonly Watching[];
  private readonly points = new Map<Field, readonly Uint8Array[]>();
  private readonly glassPromises: readonly NeverShare[];

  constructor(bundle: Bundle, diagram: Diagram) {
    this.outcomes = new Outcomes(bundle, new Space([bundle], diagram));
    this.margins = new Margins(this.outcomes);
    this.glassPromises = bundle.promises.filter((one) => one.kind === 'never share').filter((one) => one.byLastResort);
    const all = [...bundle.vocabulary.fields.keys()];
    // A case that fails already notices nothing.
    this.watching = bundle.cases.flatMap((one) => {
      const { fields } = decide(bundle, one.situation, all);
      if ([...one.expect].some(([name, level]) => fields.get(name)?.level !== level)) return [];
      const isLetter = [...bundle.vocabulary.fields.values()].some(
        (field) => !isEnvelope(field) && (fields.get(field.name)?.level ?? NOTHING) > NOTHING,
      );
      return [{ one, isLetter }];
    });
  }

  rule(rule: Rule): readonly { readonly what: Deletion['what']; readonly verdict: Verdict }[] {
    const apart = this.margins.ofRule(rule);
    // Each field that is struck out leaves a list of the others.
    this.outcomes.space.diagram.spend((rule.fields.size * rule.fields.size) >>> 3);
    return deletionsOf(rule, this.outcomes.bundle.vocabulary).map(({ what, left }) => ({
      what,
      verdict: this.verdict(
        what.kind === 'field' || what.kind === 'level' ? onlyOf(apart, what.field) : apart,
        rule,
        left,
      ),
    }));
  }

  private verdict(apart: readonly RuleOfFields[], rule: Rule, left: Rule | undefined): Verdict {
    const verdict = this.byWhatLeaves(apart, rule, left);
    return verdict !== 'noticed' && this.breaksMoreGlass(apart, rule, left) ? 'noticed' : verdict;
  }

  private byWhatLeaves(apart: readonly RuleOfFields[], rule: Rule, left: Rule | undefined): Verdict {
    const { outcomes } = this;
    const { diagram } = outcomes.space;
    let verdict: Verdict = 'no effect';
    for (const one of apart) {
      const [field] = one.fields;
      const holds = left === undefined ? FALSE : holdsFor(outcomes, left, field, one.level);
      if (holds === one.holds) continue;
      const { settled, open } = one.margin;
      const gone = this.sealed(field, diagram.without(diagram.and(settled, one.holds), holds));
      const come = this.sealed(field, diagram.and(open, diagram.without(holds, one.holds)));
      if (gone === FALSE && come === FALSE) continue;
      verdict = 'unnoticed';
      if (one.fields.some((each) => this.isNoticedByACase(each, [gone, come]))) return 'noticed';
      const [more, less] = rule.kind === 'share' ? [come, gone] : [gone, come];
      if (this.isNoticedByAPromise(one, more, less)) return 'noticed';
    }
    return verdict;
  }

  private isNoticedByACase(field: Field, changed: readonly Node[]): boolean {
    const { space } = this.outcomes;
    let points = this.points.get(field);
    if (points === undefined) {
      const watching = this.watching.filter(
        ({ one, isLetter }) => one.expect.has(field.name) && (isLetter || !isEnvelope(field)),
      );
      points = watching.map(({ one }) => space.bitsOf(space.pointOf(one.situation, field.name)));
      this.points.set(field, points);
    }
    space.diagram.spend(points.length >>> 2);
    return points.some((bits) => changed.some((node) => space.diagram.holds(node, bits)));
  }

  private isNoticedByAPromise({ fields, level }: RuleOfFields, more: Node, less: Node): boolean {
    return this.outcomes.bundle.promises.some((promise) => {
      if (promise.kind === 'always share')
        return fields.some(({ name }) => promise.fields.get(name) === level) && this.meets(promise, less);
      if (promise.byLastResort || level !== (1 as Level) || more === FALSE) return false;
      return fields.some(({ name }) => promise.fields.has(name)) && this.meets(promise, more);
    });
  }

  /**
   * Whether the glass is broken where a promise says that it is not: more leaves by it, or what left by another share before
   * leaves by it now. Where it was broken before, nobody is told anything new.
   */
  private breaksMoreGlass(apart: readonly RuleOfFields[], rule: Rule, left: Rule | undefined): boolean {
    return this.glassPromises.some((promise) =>
      apart.some(({ fields, level }) => {
        // Once for all levels: how far it leaves is part of what the glass is.
        const field = level === 1 ? fields.find(({ name }) => promise.fields.has(name)) : undefined;
        return field !== undefined && this.breaksItMore(promise, field, rule, left);
      }),
    );
  }

  private breaksItMore(promise: NeverShare, field: Field, rule: Rule, left: Rule | undefined): boolean {
    const { outcomes } = this;
    const { diagram } = outcomes.space;
    const table = outcomes.tableOf(field);
    if (!hasGlass(table, promise.regime)) return false;
    const then = outcomes.breaksTheGlassBy(field, this.withRule(table, field, rule, left), promise.regime);
    const speaks = diagram.and(outcomes.speaksOf(promise.conditions), outcomes.space.situationsOf(FULL(field)));
    const more = diagram.without(diagram.and(speaks, then), outcomes.breaksTheGlass(field, promise.regime));
    return this.sealed(field, more) !== FALSE;
  }

  /** The rules of a field with what is left of one of them in its place. */
  private withRule(
    { shares, limits }: RulesOfField,
    { name }: Field,
    rule: Rule,
    left: Rule | undefined,
  ): RulesOfField {
    const { bundle, space } = this.outcomes;
    // The table of one rule looks at each field.
    space.diagram.spend(bundle.vocabulary.fields.size >>> 3);
    const own = left && indexRules([left], bundle.vocabulary).get(name);
    const replaced = <Item extends { readonly rule: Rule }>(
      all: ReadonlyMap<RegimeName, readonly Item[]>,
      instead: readonly Item[] = [],
    ): ReadonlyMap<RegimeName, readonly Item[]> =>
      new Map([
        ...all,
        [rule.regime, [...(all.get(rule.regime) ?? []).filter((one) => one.rule !== rule), ...instead]],
      ]);
    return {
      shares: replaced(shares, own?.shares.get(rule.regime)),
      limits: replaced(limits, own?.limits.get(rule.regime)),
    };
  }

  /** Where the promise speaks, more or less than before leaves. */
  private meets(promise: PolicyPromise, changed: Node): boolean {
    const { diagram } = this.outcomes.space;
    if (changed === FALSE) return false;
    const alone = promise.kind === 'always share' ? this.outcomes.alone(promise.of) : undefined;
    const speaks = this.outcomes.speaksOf(promise.conditions);
    return diagram.meets(alone === undefined ? speaks : diagram.and(speaks, alone), changed);
  }

  /** Who sent it matters only where there is something to send. */
  private sealed(field: Field, changed: Node): Node {
    if (!isEnvelope(field) || changed === FALSE) return changed;
    this.letters ??= lettersOf(this.outcomes);
    return besideALetter(changed, this.letters, this.outcomes.space);
  }
}

function onlyOf(apart: readonly RuleOfFields[], name: FieldName): readonly RuleOfFields[] {
  return apart.flatMap((one) => {
    const [field, ...others] = one.fields.filter((each) => each.name === name || isEnvelope(each));
    return field === undefined ? [] : [{ ...one, fields: [field, ...others] }];
  });
}
