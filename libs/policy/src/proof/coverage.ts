import { type Field, type FieldName, type Level, NOTHING } from '#terms';
import type { Bundle, Case, Place, PolicyPromise, Rule, RuleId } from '../bundle.js';
import { decide } from '../decide.js';
import { type Deletion, deletionsOf } from './deletions.js';
import { FALSE, type Node } from './diagram.js';
import { besideALetter, lettersOf } from './example.js';
import { isEnvelope, Outcomes } from './outcomes.js';
import { fieldsOf, holdsFor, leavesWhere, type RuleOfFields, ruleOfFields } from './rule-of-field.js';
import { type Point, Space } from './space.js';

/** What the cases and promises would notice if it were struck out. */
export interface Coverage {
  /** Deletions that change, in some situation, what leaves. */
  readonly deletions: number;
  /** Of these, those that no case and no promise would notice. */
  readonly unnoticed: readonly Unnoticed[];
  /** Deletions that change what leaves in no situation: no case could notice them. */
  readonly withoutEffect: number;
}

export interface Unnoticed {
  readonly rule: RuleId;
  readonly place: Place;
  readonly what: Deletion['what'];
}

/**
 * Strikes out each rule, exception, value and field, one at a time, and asks whether a case would then fail or a promise be
 * broken: what nobody would miss, nobody has tried.
 */
export function coverage(bundle: Bundle): Coverage {
  const measuring = new Measuring(bundle);
  const unnoticed: Unnoticed[] = [];
  let deletions = 0;
  let withoutEffect = 0;
  for (const rule of bundle.rules) {
    const told = measuring.rule(rule);
    for (const { what, verdict } of told) {
      if (verdict === 'no effect') withoutEffect += 1;
      else deletions += 1;
      if (verdict === 'unnoticed') unnoticed.push({ rule: rule.id, place: rule.place, what });
    }
  }
  return { deletions, unnoticed, withoutEffect };
}

type Verdict = 'noticed' | 'unnoticed' | 'no effect';

interface Watching {
  readonly one: Case;
  /** Whether a value goes, so that the envelope may. */
  readonly isLetter: boolean;
}

class Measuring {
  private outcomes: Outcomes;
  private letters: readonly Node[] | undefined;
  private readonly watching: readonly Watching[];
  private readonly points = new Map<Field, readonly Point[]>();

  constructor(bundle: Bundle) {
    this.outcomes = new Outcomes(bundle, new Space([bundle]));
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
    if (this.outcomes.space.diagram.isHalfFull) {
      const { bundle } = this.outcomes;
      this.outcomes = new Outcomes(bundle, new Space([bundle]));
      this.letters = undefined;
    }
    const apart = ruleOfFields(this.outcomes, rule, fieldsOf(this.outcomes, rule));
    return deletionsOf(rule).map(({ what, left }) => ({
      what,
      verdict: this.verdict(what.kind === 'field' ? onlyOf(apart, what.field) : apart, rule, left),
    }));
  }

  private verdict(apart: readonly RuleOfFields[], rule: Rule, left: Rule | undefined): Verdict {
    const { outcomes } = this;
    const { diagram } = outcomes.space;
    let verdict: Verdict = 'no effect';
    for (const one of apart) {
      const [field] = one.fields;
      const holds = left === undefined || field === undefined ? FALSE : holdsFor(outcomes, left, field, one.level);
      if (holds === one.holds) continue;
      const now = leavesWhere(one, one.holds, rule.kind, diagram);
      const then = leavesWhere(one, holds, rule.kind, diagram);
      if (now === then || field === undefined) continue;
      const more = this.sealed(field, diagram.without(then, now));
      const less = this.sealed(field, diagram.without(now, then));
      const changed = diagram.or(more, less);
      if (changed === FALSE) continue;
      verdict = 'unnoticed';
      if (one.fields.some((each) => this.isNoticedByACase(each, changed))) return 'noticed';
      if (this.isNoticedByAPromise(one, more, less)) return 'noticed';
    }
    return verdict;
  }

  private isNoticedByACase(field: Field, changed: Node): boolean {
    const { space } = this.outcomes;
    let points = this.points.get(field);
    if (points === undefined) {
      const watching = this.watching.filter(
        ({ one, isLetter }) => one.expect.has(field.name) && (isLetter || !isEnvelope(field)),
      );
      points = watching.map(({ one }) => space.pointOf(one.situation, field.name));
      this.points.set(field, points);
    }
    return points.some((point) => space.holdsAt(changed, point));
  }

  private isNoticedByAPromise({ fields, level }: RuleOfFields, more: Node, less: Node): boolean {
    return this.outcomes.bundle.promises.some((promise) => {
      if (promise.kind === 'always share')
        return fields.some(({ name }) => promise.fields.get(name) === level) && this.meets(promise, less);
      if (level !== (1 as Level) || more === FALSE) return false;
      return fields.some(({ name }) => promise.fields.has(name)) && this.meets(promise, more);
    });
  }

  /** Where the promise speaks, more or less than before leaves. One of breaking the glass is left to the cases. */
  private meets(promise: PolicyPromise, changed: Node): boolean {
    const { diagram } = this.outcomes.space;
    if (changed === FALSE || (promise.kind === 'never share' && promise.byLastResort)) return false;
    const alone = promise.kind === 'always share' ? this.outcomes.alone(promise.of) : undefined;
    const speaks = this.outcomes.speaksOf(promise.conditions);
    return diagram.and(alone === undefined ? speaks : diagram.and(speaks, alone), changed) !== FALSE;
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
    const fields = one.fields.filter((field) => field.name === name || isEnvelope(field));
    return fields.length === 0 ? [] : [{ ...one, fields }];
  });
}
