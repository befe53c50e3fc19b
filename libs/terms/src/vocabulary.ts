import type { DutyCode, FactName, FieldName, Purpose, Role, Sector } from './ids.js';

/**
 * How much of a field: an index into its scale. 0 is always `nothing`, the last is always `full`, and more is always a
 * larger number, so that the lower of two levels is their minimum.
 */
export type Level = number & { readonly __level: true };
export const NOTHING = 0 as Level;

/** The value of a fact nobody has stated, where the vocabulary gives no other. A value like any other, never an error. */
export const UNKNOWN = 'unknown';
/**
 * A resolved fact. `yes/no` facts are `yes`, `no` or `unknown`; `one of` and `ordered` facts a word of their values
 * (or of their bands, such as `under 13`, `13 to 15`, `18 and over`) or `unknown`; `any of` facts a list, possibly empty.
 */
export type FactValue = string | readonly string[];

export type About = 'survivor' | 'perpetrator' | 'child' | 'case';

export interface Field {
  readonly name: FieldName;
  /** Stable for ever: ledger entries name fields by it. */
  readonly number: number;
  readonly record: string;
  readonly title: string;
  readonly category: string;
  readonly about: About;
  readonly tags: readonly string[];
  /** The scale's own name, such as `date`; says how a value is cut. */
  readonly scaleName: string;
  /** Level names, least first: `['nothing', 'age_band', 'year', 'full']`. */
  readonly scale: readonly string[];
  readonly mapping: {
    readonly fhir: readonly string[];
    readonly niem: readonly string[];
    readonly hl7v2: readonly string[];
  };
}

export type FactKind = 'one of' | 'any of' | 'ordered' | 'yes/no';

export interface Fact {
  readonly name: FactName;
  /** Stable for ever: ledger entries name facts by it. */
  readonly number: number;
  readonly kind: FactKind;
  readonly title: string;
  /** A clause that says the fact, with `…` for its words: `the danger is …`. */
  readonly aloud?: string;
  /** Words it may take, most protective first; bands for a fact with thresholds, lowest first. Without `unknown`. */
  readonly values: readonly string[];
  /** For banded facts: the numbers between the bands, ascending, and their unit. */
  readonly thresholds?: readonly number[];
  readonly unit?: 'years' | 'days' | 'count';
  /** Words ordered from the most to the least protective, `unknown` included where it may be the outcome. */
  readonly protectiveOrder: readonly string[];
  /** Who may state it: `enrolment`, `case`, `question`, `consent`, `a person at the discloser`, or roles. */
  readonly setBy: readonly string[];
  /** What a statement of it must bring, such as `reason`. */
  readonly needs: readonly string[];
  /** What holds when nobody has said anything. */
  readonly ifNobodyHasSaid: FactValue;
  /** Whether it describes the asker, so that rules write it under `with`. */
  readonly ofAsker: boolean;
  /** Whether it is said of each field apart, as consent is. */
  readonly perField: boolean;
}

export interface Vocabulary {
  /** SHA-256 of the source bytes, hex: a decision names the words it was taken in. */
  readonly digest: string;
  readonly records: ReadonlyMap<string, { readonly title: string }>;
  readonly categories: ReadonlyMap<string, { readonly name: string; readonly code: string; readonly title: string }>;
  readonly scales: ReadonlyMap<string, readonly string[]>;
  readonly tags: ReadonlyMap<string, { readonly title: string }>;
  readonly purposes: ReadonlyMap<Purpose, { readonly number: number; readonly title: string }>;
  readonly sectors: ReadonlyMap<Sector, { readonly number: number; readonly title: string }>;
  readonly roles: ReadonlyMap<Role, { readonly number: number; readonly title: string }>;
  readonly duties: ReadonlyMap<DutyCode, { readonly number: number; readonly title: string }>;
  readonly fields: ReadonlyMap<FieldName, Field>;
  readonly facts: ReadonlyMap<FactName, Fact>;
}
