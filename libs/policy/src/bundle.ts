import type { DutyCode, FactName, FieldName, Level, Purpose, RegimeName, Vocabulary } from '#terms';
import type { ConsentState, Situation } from './situation.js';

declare const brand: unique symbol;

/** `regime/rule-name`. */
export type RuleId = string & { readonly [brand]: 'rule' };

/** Safety: holds limits, duties and promises only, and cuts what every regime shares. */
export const CORE = 'core' as RegimeName;

/** A file as found in the folder of policies; `path` is relative to it, with forward slashes: `us-health/treatment.yaml`. */
export interface PolicyFile {
  readonly path: string;
  readonly text: string;
}

export interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** A person of one role is treated as of another, for some purposes; `as` is never looked up again. */
export interface Treatment {
  readonly role: string;
  readonly purposes: ReadonlySet<Purpose> | 'everything else';
  readonly as: string;
}

/**
 * What the person asked about is, read as a regime treats them: to open, only the roles that they are treated as; to
 * close, those and every role that they hold.
 */
export interface TreatedRole {
  readonly to: 'open' | 'close';
  readonly treatments: readonly Treatment[];
}

/** One fact against some words. Holds when its value is one of them. */
export interface FactTest {
  readonly fact: FactName;
  /** Bands written out: `under 16` is here as `under 13` and `13 to 15`. */
  readonly words: ReadonlySet<string>;
  /** Whether `unknown` meets it. Fixed where the rule is read, by where in the rule it stands. */
  readonly unknownMeets: boolean;
  /** Set where the fact is the role of the person asked about, and the regime treats some role as another. */
  readonly treated?: TreatedRole;
}

/** A map of conditions: all of them hold, or it does not. */
export interface Conjunction {
  readonly facts: readonly FactTest[];
  readonly purposes?: { readonly words: ReadonlySet<Purpose>; readonly unknownMeets: boolean };
  /** What she has said is asked per field, and so apart from the facts. */
  readonly consent?: ReadonlySet<ConsentState>;
}

export interface Conditions {
  /** `for purpose`, `with` and `when` together. */
  readonly when: Conjunction;
  /** `when any`: one of them holds, where there are any. */
  readonly any: readonly Conjunction[];
  readonly unless: readonly Conjunction[];
}

export type Checked =
  { readonly kind: 'nobody yet' } | { readonly kind: 'checked'; readonly by: string; readonly on: string };

interface RuleParts {
  readonly id: RuleId;
  readonly regime: RegimeName;
  readonly name: string;
  readonly place: Place;
  readonly title: string;
  readonly source: string;
  readonly checked: Checked;
  readonly conditions: Conditions;
  readonly duties: readonly DutyCode[];
  readonly say?: string;
  /** Where it decides, a person at the discloser is told. */
  readonly alert: boolean;
}

/** Grants each of its fields up to a level. */
export interface Share extends RuleParts {
  readonly kind: 'share';
  readonly fields: ReadonlyMap<FieldName, Level>;
  /** Breaks the glass: counts only where no ordinary share of its regime reaches the level. */
  readonly lastResort: boolean;
  /** The asker may also learn who answered, wherever this share grants something. */
  readonly namesSender: boolean;
  /** Upon a change of one of these the question is asked for those whom the rule speaks of. */
  readonly tellUpon: readonly FieldName[];
}

/** Allows each of its fields up to a level at most: `nothing` for `withhold`. */
export interface Limit extends RuleParts {
  readonly kind: 'limit';
  readonly fields: ReadonlyMap<FieldName, Level>;
}

export type Rule = Share | Limit;

export interface Governs {
  readonly origins: 'enrolled here' | 'every agency';
  readonly fields: ReadonlySet<FieldName>;
  readonly under: readonly FactTest[];
}

export interface Regime {
  readonly name: RegimeName;
  readonly title: string;
  readonly governs: readonly Governs[];
  readonly treatments: readonly Treatment[];
}

interface PromiseParts {
  readonly name: string;
  readonly regime: RegimeName;
  readonly place: Place;
  readonly conditions: Conditions;
}

/** Over every combination of regimes, no field of it leaves at all. */
export interface NeverShare extends PromiseParts {
  readonly kind: 'never share';
  readonly fields: ReadonlySet<FieldName>;
  /** Speaks only of what a `last resort` share of its own regime lets out. */
  readonly byLastResort: boolean;
}

/** Where its regime alone governs, with core, each field leaves at least as far as this. */
export interface AlwaysShare extends PromiseParts {
  readonly kind: 'always share';
  readonly fields: ReadonlyMap<FieldName, Level>;
  readonly of: RegimeName;
}

export type PolicyPromise = NeverShare | AlwaysShare;

/** One situation and what must come of it. A row of a table is a case. */
export interface Case {
  readonly name: string;
  readonly regime: RegimeName;
  readonly place: Place;
  readonly situation: Situation;
  /** The fields it speaks of: all of them, unless it is a row of a table that has no `everything else`. */
  readonly expect: ReadonlyMap<FieldName, Level>;
  /** What else must come of it, so far as the case speaks of that. */
  readonly brings: Brings;
}

/** What comes with an answer besides the fields, whole. */
export interface Brings {
  readonly duties?: ReadonlySet<DutyCode>;
  readonly dutiesOf?: ReadonlyMap<FieldName, ReadonlySet<DutyCode>>;
  readonly say?: ReadonlySet<string>;
  readonly alert?: boolean;
  readonly lastResort?: boolean;
  readonly tellUpon?: ReadonlySet<FieldName>;
}

/** A share as one field meets it. */
export interface ShareOfField {
  readonly rule: Share;
  readonly level: Level;
  /** Set where the field is the sender, and is granted wherever the rule grants one of these. */
  readonly accompanies?: ReadonlyMap<FieldName, Level>;
}

export interface LimitOfField {
  readonly rule: Limit;
  readonly level: Level;
}

export interface RulesOfField {
  readonly shares: ReadonlyMap<RegimeName, readonly ShareOfField[]>;
  readonly limits: ReadonlyMap<RegimeName, readonly LimitOfField[]>;
}

/**
 * Policies that were read and found whole. Only `parseBundle` makes one, so that whoever holds a bundle can decide, and
 * nobody decides without.
 */
export interface Bundle {
  readonly [brand]: 'bundle';
  /** SHA-256, hex, over vocabulary, regimes and rules: what a decision was taken under. Cases are not part of it. */
  readonly digest: string;
  readonly vocabulary: Vocabulary;
  /** Those that an agency can be enrolled in. Core is none: whoever names it as one names a regime that there is not. */
  readonly regimes: ReadonlyMap<RegimeName, Regime>;
  readonly rules: readonly Rule[];
  readonly promises: readonly PolicyPromise[];
  readonly cases: readonly Case[];
  readonly byField: ReadonlyMap<FieldName, RulesOfField>;
}
