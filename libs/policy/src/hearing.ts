import { type Field, type FieldName, FULL, higherOf, type Level, lowerOf, NOTHING, type RegimeName } from '#terms';
import type { Bundle, Governs, Limit, LimitOfField, Rule, Share, ShareOfField } from './bundle.js';
import {
  BOUNDLESS,
  consentTo,
  factHolds,
  type Remaining,
  remaining,
  settle,
  type Settled,
  unlessCarries,
  whenCarries,
} from './hold.js';
import type { Situation } from './situation.js';

/** What one regime says of one field in one situation. */
export interface Weighed {
  readonly regime: RegimeName;
  /** Its shares that match, and how far each grants. */
  readonly shares: readonly { readonly rule: Share; readonly level: Level }[];
  /** The most they grant. */
  readonly most: Level;
  /** Its limits that match, and how far each allows. */
  readonly limits: readonly { readonly rule: Limit; readonly level: Level }[];
}

/** One situation before one bundle. What does not depend on the field is worked out once. */
export class Hearing {
  readonly bundle: Bundle;
  readonly situation: Situation;
  readonly settled: Settled;
  /** Every regime that is in play for some field. */
  private readonly everywhere: ReadonlySet<RegimeName>;
  private readonly rest = new Map<Rule, Remaining | 'matches nowhere'>();
  private readonly underHolds = new Map<Governs, boolean>();

  constructor(bundle: Bundle, situation: Situation) {
    this.bundle = bundle;
    this.situation = situation;
    this.settled = settle(situation, bundle.vocabulary);
    this.everywhere = new Set([situation.origins, ...situation.travelled.values()].flatMap((regimes) => [...regimes]));
  }

  /**
   * The regimes that govern a field here, core apart. The sender and the rule are governed as the values they come with:
   * by every regime that governs anything here. A regime that the bundle does not have governs everything, and having no
   * share, lets nothing go.
   */
  governing(field: FieldName): readonly RegimeName[] {
    const envelope = this.bundle.vocabulary.fields.get(field)?.record === 'envelope';
    const origins = envelope ? this.everywhere : this.originsOf(field);
    const governing: RegimeName[] = [];
    for (const [name, regime] of this.bundle.regimes)
      if (
        regime.governs.some(
          (governs) => (envelope || governs.fields.has(field)) && this.applies(governs, name, origins),
        )
      )
        governing.push(name);
    for (const name of origins) if (!this.bundle.regimes.has(name)) governing.push(name);
    return governing;
  }

  private originsOf(field: FieldName): ReadonlySet<RegimeName> {
    const travelled = this.situation.travelled.get(field);
    return travelled === undefined ? this.situation.origins : new Set([...this.situation.origins, ...travelled]);
  }

  private applies(governs: Governs, name: RegimeName, origins: ReadonlySet<RegimeName>): boolean {
    if (governs.origins === 'enrolled here' && !origins.has(name)) return false;
    const known = this.underHolds.get(governs);
    if (known !== undefined) return known;
    const holds = governs.under.every((test) => factHolds(test, this.settled));
    this.underHolds.set(governs, holds);
    return holds;
  }

  /** One regime, or core, on one field. */
  weigh(regime: RegimeName, field: Field): Weighed {
    const rules = this.bundle.byField.get(field.name);
    const shares = (rules?.shares.get(regime) ?? []).flatMap((share) => {
      const level = this.grants(share, field.name);
      return level > NOTHING ? [{ rule: share.rule, level }] : [];
    });
    const limits = (rules?.limits.get(regime) ?? []).flatMap((limit) => {
      const level = this.allows(limit, field);
      return level < BOUNDLESS ? [{ rule: limit.rule, level }] : [];
    });
    return { regime, shares, limits, most: shares.reduce<Level>((most, { level }) => higherOf(most, level), NOTHING) };
  }

  /** How far a share grants a field: its own level, or what she agreed to where it rests on that. */
  private grants({ rule, level, accompanies }: ShareOfField, field: FieldName): Level {
    const rest = this.restOf(rule);
    if (rest === undefined) return NOTHING;
    const carried = (of: FieldName): Level =>
      unlessCarries(rest, consentTo(of, this.settled)) > NOTHING
        ? NOTHING
        : whenCarries(rest, consentTo(of, this.settled));
    if (accompanies === undefined) return lowerOf(level, carried(field));
    for (const of of accompanies.keys()) if (carried(of) > NOTHING) return level;
    return NOTHING;
  }

  /**
   * How far a limit allows a field: its own level where it matches, without bound where it does not. An exception that
   * rests on her agreement lifts it as far as she agreed.
   */
  private allows({ rule, level }: LimitOfField, field: Field): Level {
    const rest = this.restOf(rule);
    if (rest === undefined) return BOUNDLESS;
    const consent = consentTo(field.name, this.settled);
    if (whenCarries(rest, consent) === NOTHING) return BOUNDLESS;
    const lifted = unlessCarries(rest, consent);
    return lifted >= FULL(field) ? BOUNDLESS : higherOf(level, lifted);
  }

  private restOf(rule: Rule): Remaining | undefined {
    const known = this.rest.get(rule);
    if (known !== undefined) return known === 'matches nowhere' ? undefined : known;
    const rest = remaining(rule.conditions, this.settled);
    this.rest.set(rule, rest ?? 'matches nowhere');
    return rest;
  }
}
