import type { FieldName, RegimeName } from '#terms';
import { broughtAlong } from '../brought-along.js';
import type {
  Bundle,
  Case,
  FactTest,
  Governs,
  Place,
  Regime,
  Rule,
  RuleId,
  RulesOfField,
  Treatment,
} from '../bundle.js';
import { decide } from '../decide.js';
import { PolicyError } from '../error.js';
import { Hearing } from '../hearing.js';
import { indexRules } from '../index-rules.js';
import { attachedTo } from './attached.js';
import { type Bounds, Diagram, FALSE, tooIntricate, TRUE, USUAL_BOUNDS } from './diagram.js';
import { levelsOf, Outcomes } from './outcomes.js';
import { Prover } from './prove.js';
import { fieldsOf } from './rule-of-field.js';
import { Space } from './space.js';

/** Something that could be struck out of a rule though no field would leave further or less far, or out of a regime. */
export interface StruckBesides {
  readonly of: RuleId | RegimeName;
  readonly place: Place;
  readonly what: WhatBesides;
}

export type WhatBesides =
  | { readonly kind: 'duty' | 'tell upon'; readonly word: string }
  | { readonly kind: 'say' | 'alert' | 'last resort' }
  /** The numbers are those of the entries of `governs` and `treated as`, from 1. */
  | { readonly kind: 'governs' | 'treated as'; readonly number: number }
  | { readonly kind: 'governed field'; readonly number: number; readonly field: FieldName }
  | { readonly kind: 'under'; readonly number: number; readonly word: string }
  | { readonly kind: 'purpose of treated as'; readonly number: number; readonly word: string };

export interface CoverageBesides {
  /** Deletions that would change what comes of some situation. */
  readonly deletions: number;
  /** Of these, those that no case and no promise would notice. */
  readonly unnoticed: readonly StruckBesides[];
  /** Deletions that change nothing in any situation. */
  readonly withoutEffect: number;
  /** There was too much to look at all of it, and of the rest nothing is said. */
  readonly stopped: boolean;
}

/** Everything that could be struck out is a question of its own. */
const BOUNDS: Bounds = { nodes: USUAL_BOUNDS.nodes, steps: 2 * USUAL_BOUNDS.steps };
/** Each part of a regime that goes is a whole bundle to read anew: so many rules and cases, over all of them. */
const MOST_READ_ANEW = 200_000;

/**
 * Strikes out each duty, wording, alert, `last resort` and `tell upon` of each rule, and each part of `governs` and `treated
 * as` of each regime, one at a time, and asks whether a case or a promise would notice.
 */
export function coverageBesides(bundle: Bundle): CoverageBesides {
  const unnoticed: StruckBesides[] = [];
  let deletions = 0;
  let withoutEffect = 0;
  const count = (of: StruckBesides['of'], place: Place, what: WhatBesides, told: Verdict): void => {
    if (told === 'no effect') withoutEffect += 1;
    else deletions += 1;
    if (told === 'unnoticed') unnoticed.push({ of, place, what });
  };
  const watching = new Watching(bundle);
  const look = (): void => {
    for (const rule of bundle.rules)
      for (const { what, left } of besidesOf(rule)) count(rule.id, rule.place, what, watching.rule(rule, what, left));
    let readAnew = 0;
    for (const regime of bundle.regimes.values()) {
      const place = { path: `${regime.name}/regime.yaml`, line: 1, column: 1 };
      for (const { what, left } of partsOf(regime, bundle)) {
        readAnew += bundle.rules.length + bundle.cases.length;
        if (readAnew > MOST_READ_ANEW) throw tooIntricate(`${MOST_READ_ANEW} rules and cases read anew`);
        count(regime.name, place, what, watching.regime(left()));
      }
    }
  };
  try {
    look();
    return { deletions, unnoticed, withoutEffect, stopped: false };
  } catch (error) {
    if (!(error instanceof PolicyError && error.code === 'POLICY_TOO_INTRICATE')) throw error;
    return { deletions, unnoticed, withoutEffect, stopped: true };
  }
}

type Verdict = 'noticed' | 'unnoticed' | 'no effect';

function besidesOf(rule: Rule): readonly { readonly what: WhatBesides; readonly left: Rule }[] {
  const { say: _, ...unsaid } = rule;
  const ofBoth = [
    ...rule.duties.map((duty) => ({
      what: { kind: 'duty' as const, word: duty },
      left: { ...rule, duties: rule.duties.filter((other) => other !== duty) },
    })),
    ...(rule.say === undefined ? [] : [{ what: { kind: 'say' as const }, left: unsaid }]),
    ...(rule.alert ? [{ what: { kind: 'alert' as const }, left: { ...rule, alert: false } }] : []),
  ];
  if (rule.kind === 'limit') return ofBoth;
  return [
    ...ofBoth,
    ...(rule.lastResort ? [{ what: { kind: 'last resort' as const }, left: { ...rule, lastResort: false } }] : []),
    ...rule.tellUpon.map((field) => ({
      what: { kind: 'tell upon' as const, word: field },
      left: { ...rule, tellUpon: rule.tellUpon.filter((other) => other !== field) },
    })),
  ];
}

/** The whole bundle as it would be with that part of the regime gone. */
function partsOf(
  regime: Regime,
  bundle: Bundle,
): readonly { readonly what: WhatBesides; readonly left: () => Bundle }[] {
  const everything = bundle.vocabulary.fields.size;
  const governing = (at: number, entry: Governs | undefined): Bundle => {
    const governs =
      entry === undefined ? regime.governs.filter((_, other) => other !== at) : regime.governs.with(at, entry);
    return { ...bundle, regimes: new Map([...bundle.regimes, [regime.name, { ...regime, governs }]]) };
  };
  const governed = regime.governs.flatMap((entry, at) => [
    { what: { kind: 'governs' as const, number: at + 1 }, left: () => governing(at, undefined) },
    ...(entry.fields.size === everything || entry.fields.size === 1
      ? []
      : [...entry.fields].map((field) => ({
          what: { kind: 'governed field' as const, number: at + 1, field },
          left: () =>
            governing(at, { ...entry, fields: new Set([...entry.fields].filter((other) => other !== field)) }),
        }))),
    ...entry.under.flatMap((test, place) =>
      [...test.words].map((word) => ({
        what: { kind: 'under' as const, number: at + 1, word: `${test.fact}: ${word}` },
        left: () => governing(at, { ...entry, under: withoutWord(entry.under, place, word) }),
      })),
    ),
  ]);
  const { treatments } = regime;
  const treating = (left: readonly Treatment[]): Bundle => treatedOtherwise(bundle, regime, left);
  const treated = treatments.flatMap((one, at) => {
    const { purposes } = one;
    return [
      {
        what: { kind: 'treated as' as const, number: at + 1 },
        left: () => treating(treatments.filter((_, other) => other !== at)),
      },
      ...(purposes === 'everything else' || purposes.size < 2
        ? []
        : [...purposes].map((word) => ({
            what: { kind: 'purpose of treated as' as const, number: at + 1, word },
            left: () =>
              treating(
                treatments.with(at, { ...one, purposes: new Set([...purposes].filter((other) => other !== word)) }),
              ),
          }))),
    ];
  });
  return [...governed, ...treated];
}

function withoutWord(tests: readonly FactTest[], at: number, word: string): readonly FactTest[] {
  const test = tests[at]!;
  const words = new Set([...test.words].filter((other) => other !== word));
  return words.size === 0 ? tests.filter((_, other) => other !== at) : tests.with(at, { ...test, words });
}

/** A regime's treatments stand in each of its rules' conditions that ask who the person is. */
function treatedOtherwise(bundle: Bundle, regime: Regime, treatments: readonly Treatment[]): Bundle {
  const test = (one: FactTest): FactTest =>
    one.treated === undefined ? one : { ...one, treated: { ...one.treated, treatments } };
  const rules = bundle.rules.map((rule): Rule => {
    if (rule.regime !== regime.name) return rule;
    const { when, any, unless } = rule.conditions;
    const retold = (part: typeof when): typeof when => ({ ...part, facts: part.facts.map(test) });
    return { ...rule, conditions: { when: retold(when), any: any.map(retold), unless: unless.map(retold) } };
  });
  return {
    ...bundle,
    rules,
    byField: indexRules(rules, bundle.vocabulary),
    regimes: new Map([...bundle.regimes, [regime.name, { ...regime, treatments }]]),
  };
}

/** The cases that hold, what comes of each, and by which rules. */
class Watching {
  private readonly bundle: Bundle;
  private readonly cases: readonly Case[];
  private readonly fields: readonly FieldName[];
  private outcomes: Outcomes | undefined;
  private readonly brought: readonly { readonly one: Case; readonly by: ReturnType<typeof broughtAlong> }[];

  constructor(bundle: Bundle) {
    this.bundle = bundle;
    this.fields = [...bundle.vocabulary.fields.keys()];
    this.cases = bundle.cases.filter((one) => this.holds(bundle, one));
    this.brought = this.cases
      .filter(({ brings }) => Object.keys(brings).length > 0)
      .map((one) => {
        const decision = decide(bundle, one.situation, this.fields);
        return { one, by: broughtAlong(new Hearing(bundle, one.situation), decision) };
      });
  }

  private holds(bundle: Bundle, { situation, expect }: Case): boolean {
    const { fields } = decide(bundle, situation, this.fields);
    return [...expect].every(([name, level]) => fields.get(name)?.level === level);
  }

  rule(rule: Rule, what: WhatBesides, left: Rule): Verdict {
    // A case notices what this rule alone brings.
    const isOnly = (rules: ReadonlySet<RuleId> | undefined): boolean => rules?.size === 1 && rules.has(rule.id);
    const isNoticed = this.brought.some(({ one: { brings }, by }) => {
      switch (what.kind) {
        case 'duty':
          return (
            (brings.duties !== undefined && isOnly(by.duties.get(what.word as never))) ||
            [...(brings.dutiesOf?.keys() ?? [])].some((name) => isOnly(by.dutiesOf.get(name)?.get(what.word as never)))
          );
        case 'say':
          return brings.say !== undefined && isOnly(by.say.get(rule.say ?? ''));
        case 'alert':
          return brings.alert !== undefined && isOnly(by.alert);
        case 'last resort':
          return brings.lastResort !== undefined && isOnly(by.lastResort);
        case 'tell upon':
          return brings.tellUpon !== undefined && isOnly(by.tellUpon.get(what.word as never));
        case 'governs':
        case 'governed field':
        case 'under':
        case 'treated as':
        case 'purpose of treated as':
          return false;
        default:
          return what satisfies never;
      }
    });
    if (isNoticed) return 'noticed';
    return this.changesWhatComes(rule, left) ? 'unnoticed' : 'no effect';
  }

  private changesWhatComes(rule: Rule, left: Rule): boolean {
    this.outcomes ??= new Outcomes(this.bundle, new Space([this.bundle], new Diagram(BOUNDS)));
    const { outcomes } = this;
    const { diagram } = outcomes.space;
    return fieldsOf(outcomes, rule).some((field) => {
      const table = outcomes.tableOf(field);
      const leaves = [TRUE, ...levelsOf(field).map((level) => outcomes.leaves(field, level))];
      const exactly = leaves.map((node, level) => diagram.without(node, leaves[level + 1] ?? FALSE));
      const [now, then] = [table, withRule(table, rule, left)].map((one) =>
        attachedTo(outcomes, field, one, exactly, TRUE),
      );
      return [...new Set([...now!.keys(), ...then!.keys()])].some(
        (key) => now!.get(key)?.node !== then!.get(key)?.node,
      );
    });
  }

  /** Whether anything comes otherwise without that part of a regime, and whether a case or a promise would notice. */
  regime(left: Bundle): Verdict {
    if (this.cases.some((one) => !this.holds(left, one))) return 'noticed';
    const space = new Space([this.bundle], new Diagram());
    const [was, is] = [new Outcomes(this.bundle, space), new Outcomes(left, space)];
    const differs = [...this.bundle.vocabulary.fields.values()].some((field) =>
      levelsOf(field).some((level) => was.leaves(field, level) !== is.leaves(field, level)),
    );
    if (!differs) return 'no effect';
    return new Prover(is).proofs(this.bundle.promises).some(({ holds }) => !holds) ? 'noticed' : 'unnoticed';
  }
}

function withRule(table: RulesOfField, rule: Rule, left: Rule): RulesOfField {
  const replaced = <Item extends { readonly rule: Rule }>(
    lists: ReadonlyMap<RegimeName, readonly Item[]>,
  ): ReadonlyMap<RegimeName, readonly Item[]> =>
    new Map(
      [...lists].map(([name, items]) => [
        name,
        items.map((item) => (item.rule === rule ? { ...item, rule: left } : item)),
      ]),
    );
  return { shares: replaced(table.shares), limits: replaced(table.limits) };
}
