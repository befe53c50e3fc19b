import { type DutyCode, type Field, FULL, type Level, NOTHING, type RegimeName } from '#terms';
import { CORE, type LimitOfField, type Rule, type RulesOfField, type Share, type ShareOfField } from '../bundle.js';
import type { Judgement } from '../decide-naively.js';
import type { FieldDecision } from '../decision.js';
import { FALSE, type Node, TRUE } from './diagram.js';
import type { Outcomes } from './outcomes.js';

/** What comes with a field besides how far it leaves. */
export type Attached =
  | { readonly kind: 'duty'; readonly duty: DutyCode }
  | { readonly kind: 'say'; readonly sentence: string }
  /** A person at the agency that holds it is told. */
  | { readonly kind: 'alert' }
  /** It leaves by breaking the glass. */
  | { readonly kind: 'last resort' }
  /** Whoever may ask is told upon a change of it, unasked. */
  | { readonly kind: 'tell upon' };

export interface AttachedWhere {
  readonly attached: Attached;
  readonly node: Node;
}

/**
 * In which situations what comes with a field: of the shares that reach how far it leaves, and of the limits that match.
 * `exactly`: for each level, least first, where it leaves so far and no further, within the situations looked at.
 */
export function attachedTo(
  outcomes: Outcomes,
  field: Field,
  table: RulesOfField,
  exactly: readonly Node[],
  within: Node,
): ReadonlyMap<string, AttachedWhere> {
  const { diagram } = outcomes.space;
  const found = new Map<string, AttachedWhere>();
  const add = (attached: Attached, node: Node): void => {
    if (node === FALSE) return;
    const key = keyOf(attached);
    found.set(key, { attached, node: diagram.or(found.get(key)?.node ?? FALSE, node) });
  };
  const leaving = diagram.any(exactly.slice(1));
  for (const regime of outcomes.space.regimeNames) {
    const governs = diagram.and(outcomes.governs(regime, field), within);
    if (governs === FALSE) continue;
    for (const { rule, reached, granted } of sharesIn(
      outcomes,
      field,
      table.shares.get(regime) ?? [],
      exactly,
      governs,
    )) {
      for (const attached of carriedBy(rule)) add(attached, reached);
      if (rule.lastResort) add({ kind: 'last resort' }, reached);
      if (rule.tellUpon.includes(field.name)) add({ kind: 'tell upon' }, diagram.and(leaving, granted));
    }
  }
  for (const regime of [CORE, ...outcomes.space.regimeNames]) {
    const governs = regime === CORE ? within : diagram.and(outcomes.governs(regime, field), within);
    for (const limit of table.limits.get(regime) ?? []) {
      const carried = carriedBy(limit.rule);
      if (carried.length === 0 || governs === FALSE) continue;
      // A limit matches wherever it is not lifted whole, though there be nothing for it to cut.
      const matches = diagram.and(governs, outcomes.forbids({ ...limit, level: NOTHING }, FULL(field)));
      for (const attached of carried)
        if (attached.kind === 'say') add(attached, cuts(outcomes, field, table, limit, governs));
        else add(attached, attached.kind === 'alert' ? matches : diagram.and(matches, leaving));
    }
  }
  return found;
}

/** The same of one decision. */
export function attachedIn(
  { level, duties, say, alerts, lastResort }: FieldDecision,
  { field, governing }: Judgement,
): ReadonlySet<string> {
  const isTold = governing.some(({ shares }) => shares.some(({ rule }) => rule.tellUpon.includes(field.name)));
  const attached: Attached[] = [
    ...(level > NOTHING ? duties.map((duty) => ({ kind: 'duty' as const, duty })) : []),
    ...say.map((sentence) => ({ kind: 'say' as const, sentence })),
    ...(alerts.length > 0 ? [{ kind: 'alert' as const }] : []),
    ...(lastResort ? [{ kind: 'last resort' as const }] : []),
    ...(level > NOTHING && isTold ? [{ kind: 'tell upon' as const }] : []),
  ];
  return new Set(attached.map(keyOf));
}

export function keyOf(attached: Attached): string {
  switch (attached.kind) {
    case 'duty':
      return `duty ${attached.duty}`;
    case 'say':
      return `say ${attached.sentence}`;
    case 'alert':
    case 'last resort':
    case 'tell upon':
      return attached.kind;
    default:
      return attached satisfies never;
  }
}

/** Whether two rules that hold alike bring the same along. */
export function bringTheSame(a: Rule, b: Rule): boolean {
  return broughtBy(a) === broughtBy(b);
}

function broughtBy(rule: Rule): string {
  const { duties, say, alert } = rule;
  const ofAShare = rule.kind === 'share' ? [rule.lastResort, rule.tellUpon.toSorted()] : [];
  return JSON.stringify([duties.toSorted(), say ?? '', alert, ...ofAShare]);
}

function carriedBy({ duties, say, alert }: Rule): readonly Attached[] {
  return [
    ...duties.map((duty) => ({ kind: 'duty' as const, duty })),
    ...(say === undefined ? [] : [{ kind: 'say' as const, sentence: say }]),
    ...(alert ? [{ kind: 'alert' as const }] : []),
  ];
}

interface ShareWhere {
  readonly rule: Share;
  /** Where it reaches how far the field leaves, and an ordinary one does not go before it. */
  readonly reached: Node;
  /** Where it grants anything of the field. */
  readonly granted: Node;
}

/** The shares of one regime that bring something along, where that regime governs. */
function sharesIn(
  outcomes: Outcomes,
  field: Field,
  shares: readonly ShareOfField[],
  exactly: readonly Node[],
  governs: Node,
): readonly ShareWhere[] {
  const { diagram } = outcomes.space;
  const bring = shares.filter(
    ({ rule }) => carriedBy(rule).length > 0 || rule.lastResort || rule.tellUpon.includes(field.name),
  );
  const near = bring.filter(({ rule }) => outcomes.mayMatch(rule.conditions, governs));
  const hasLastResort = near.some(({ rule }) => rule.lastResort);
  const ordinary = exactly.map((node, level) =>
    !hasLastResort || level === 0 || node === FALSE
      ? FALSE
      : outcomes.granted(
          shares.filter(({ rule }) => !rule.lastResort),
          field,
          level as Level,
          TRUE,
        ),
  );
  return near.map((share) => {
    const reached = exactly.map((node, level) => {
      if (level === 0 || node === FALSE) return FALSE;
      const grants = diagram.all([node, governs, outcomes.grants(share, field, level as Level)]);
      return share.rule.lastResort ? diagram.without(grants, ordinary[level] ?? FALSE) : grants;
    });
    return {
      rule: share.rule,
      reached: diagram.any(reached),
      granted: diagram.and(governs, outcomes.grants(share, field, 1 as Level)),
    };
  });
}

/** Where a limit keeps back what every regime that governs would let go. */
function cuts(outcomes: Outcomes, field: Field, { shares }: RulesOfField, limit: LimitOfField, governs: Node): Node {
  const { diagram } = outcomes.space;
  const unlimited: RulesOfField = { shares, limits: new Map<RegimeName, readonly LimitOfField[]>() };
  const cut: Node[] = [];
  for (let level = 1 as Level; level <= FULL(field); level = (level + 1) as Level)
    cut.push(
      diagram.and(
        outcomes.leavesBy(field, level, unlimited, governs),
        diagram.and(governs, outcomes.forbids(limit, level)),
      ),
    );
  return diagram.any(cut);
}
