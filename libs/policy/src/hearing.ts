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

/** A rule that matches, and how far it grants or allows. */
export interface Matching<Kind extends Rule> {
  readonly rule: Kind;
  readonly level: Level;
}

/** What one regime says of one field in one situation. */
export interface Weighed {
  readonly regime: RegimeName;
  readonly shares: readonly Matching<Share>[];
  /** The most its shares grant. */
  readonly most: Level;
  readonly limits: readonly Matching<Limit>[];
}

interface RegimeInPlay {
  readonly name: RegimeName;
  readonly governs: readonly Governs[] | 'everything';
}

/** One situation before one bundle. What does not depend on the field is worked out once. */
export class Hearing {
  readonly bundle: Bundle;
  readonly situation: Situation;
  readonly settled: Settled;
  private readonly rest = new Map<Rule, Remaining | 'matches nowhere'>();
  private readonly ofTheDiscloser: readonly RegimeInPlay[];
  private readonly ofAnyValue: readonly RegimeInPlay[];

  constructor(bundle: Bundle, situation: Situation) {
    this.bundle = bundle;
    this.situation = situation;
    this.settled = settle(situation, bundle.vocabulary);
    this.ofTheDiscloser = this.inPlay(situation.origins);
    this.ofAnyValue =
      situation.travelled.size === 0
        ? this.ofTheDiscloser
        : this.inPlay(new Set([situation.origins, ...situation.travelled.values()].flatMap((regimes) => [...regimes])));
  }

  /**
   * The regimes that govern a field here, core apart. The sender and the rule are governed as the values they come with:
   * by every regime that governs anything here. A regime that the bundle does not have governs everything, and having no
   * share, lets nothing go.
   */
  governing(field: FieldName): readonly RegimeName[] {
    const envelope = this.bundle.vocabulary.fields.get(field)?.record === 'envelope';
    const governing: RegimeName[] = [];
    for (const { name, governs } of envelope ? this.ofAnyValue : this.inPlayFor(field))
      if (governs === 'everything' || envelope || governs.some(({ fields }) => fields.has(field))) governing.push(name);
    return governing;
  }

  private inPlayFor(field: FieldName): readonly RegimeInPlay[] {
    const travelled = this.situation.travelled.get(field);
    return travelled === undefined
      ? this.ofTheDiscloser
      : this.inPlay(new Set([...this.situation.origins, ...travelled]));
  }

  /** Of the bundle's regimes those that govern something of these origins here; and the origins that it does not have. */
  private inPlay(origins: ReadonlySet<RegimeName>): readonly RegimeInPlay[] {
    const inPlay: RegimeInPlay[] = [];
    for (const [name, regime] of this.bundle.regimes) {
      const governs = regime.governs.filter(
        (one) =>
          (one.origins === 'every agency' || origins.has(name)) &&
          one.under.every((test) => factHolds(test, this.settled)),
      );
      if (governs.length > 0) inPlay.push({ name, governs });
    }
    for (const name of origins) if (!this.bundle.regimes.has(name)) inPlay.push({ name, governs: 'everything' });
    return inPlay;
  }

  /** One regime, or core, on one field. */
  weigh(regime: RegimeName, field: Field): Weighed {
    const rules = this.bundle.byField.get(field.name);
    const shares: Matching<Share>[] = [];
    const limits: Matching<Limit>[] = [];
    let most = NOTHING;
    for (const share of rules?.shares.get(regime) ?? []) {
      const level = this.grants(share, field.name);
      if (level > NOTHING) shares.push({ rule: share.rule, level });
      most = higherOf(most, level);
    }
    for (const limit of rules?.limits.get(regime) ?? []) {
      const level = this.allows(limit, field);
      if (level < BOUNDLESS) limits.push({ rule: limit.rule, level });
    }
    return { regime, shares, limits, most };
  }

  /** How far a share grants a field: its own level, or what she agreed to where it rests on that. */
  private grants({ rule, level, accompanies }: ShareOfField, field: FieldName): Level {
    const rest = this.restOf(rule);
    if (rest === undefined) return NOTHING;
    if (accompanies === undefined) return lowerOf(level, this.carried(rest, field));
    for (const of of accompanies.keys()) if (this.carried(rest, of) > NOTHING) return level;
    return NOTHING;
  }

  private carried(rest: Remaining, field: FieldName): Level {
    const consent = consentTo(field, this.settled);
    return unlessCarries(rest, consent) > NOTHING ? NOTHING : whenCarries(rest, consent);
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
