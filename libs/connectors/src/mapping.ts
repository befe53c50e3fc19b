import type { Field, FieldName } from '#terms';
import type { FhirExpression } from './fhir/expression.js';
import type { RestExpression } from './rest/expression.js';

/**
 * What somebody wrote down about one source: where in its answers each field stands. It names no host and holds no
 * secret, so that it can be reviewed, mailed and used for a test system and the real one alike.
 */
export type Mapping = FhirMapping | SqlMapping | RestMapping | CsvMapping;

interface MappingOf<Protocol extends string, Of extends FieldMapping> {
  readonly protocol: Protocol;
  /** The source's name, for messages and logs. */
  readonly source: string;
  readonly limits: Limits;
  readonly fields: ReadonlyMap<FieldName, Of>;
}

export interface Limits {
  /** The longest that one question may take, in milliseconds, whatever the asker's own deadline. */
  readonly deadline: number;
  /** The most bytes that all answers to one question may have together. */
  readonly size: number;
  /** How many questions are asked of it at once, and how many more may wait. */
  readonly atOnce: number;
  readonly waiting: number;
  /** The most pages of one search. */
  readonly pages: number;
  /** After this many faults in a row the source is left alone, for so many milliseconds. */
  readonly faults: number;
  readonly pause: number;
}

/** How what a source holds is read as a value of a field. */
export interface FieldMapping {
  readonly field: Field;
  /** What each of the source's words means in ours. A word that is not listed means nothing. */
  readonly codes?: ReadonlyMap<string, string>;
  readonly form?: DateForm;
  readonly meansYes?: ReadonlySet<string>;
  readonly meansNo?: ReadonlySet<string>;
  /** Where a text may stand in several places: what is put between them. */
  readonly joinWith?: string;
}

export const DATE_FORMS = ['YYYY-MM-DD', 'YYYYMMDD', 'MM/DD/YYYY', 'DD/MM/YYYY', 'DD.MM.YYYY'] as const;
export type DateForm = (typeof DATE_FORMS)[number];

export interface FhirMapping extends MappingOf<'fhir', FhirField> {
  /** How the agency's local id names a Patient: by its id, or by an identifier of this system. */
  readonly subject: { readonly by: 'id' } | { readonly by: 'identifier'; readonly system: string };
}

export interface FhirField extends FieldMapping {
  readonly path: FhirExpression;
  /** Of what the path finds, only that of which this is true counts. */
  readonly onlyWhere?: FhirExpression;
  /** Where the value stands in what the path found. */
  readonly value?: FhirExpression;
  /** Resources whose code is none of these (`system|code`) do not count. */
  readonly ofCodes?: ReadonlySet<string>;
}

export interface SqlMapping extends MappingOf<'sql', ColumnField> {
  readonly reads: ReadonlyMap<string, SqlRead>;
}

export interface SqlRead extends RowsOfAPerson {
  /** One SELECT with the local id as `$1`. */
  readonly select: string;
}

export interface CsvMapping extends MappingOf<'csv', ColumnField> {
  readonly reads: ReadonlyMap<string, CsvRead>;
}

export interface CsvRead extends RowsOfAPerson {
  /** Name of a file, with `*` where its date (`2026-11-22` or `20261122`) stands. */
  readonly file: string;
  readonly separator: string;
  readonly finishedBy: Finish;
  /** How old, in milliseconds at the end of its day, the newest file may be. */
  readonly notOlderThan: number;
}

/** How the agency shows that it has finished writing a file. */
export type Finish =
  /** Its last line is this word and the number of rows before it. */
  | { readonly kind: 'trailer'; readonly word: string }
  /** A file of the same name with this added stands beside it. */
  | { readonly kind: 'marker'; readonly suffix: string };

export interface RowsOfAPerson {
  /** The column that holds the local id. */
  readonly key: string;
  /** Whether a person may have several rows. Where she may not, several are a fault. */
  readonly rows: 'one' | 'many';
}

export interface ColumnField extends FieldMapping {
  readonly from: string;
  readonly at: { readonly column: string } | { readonly place: ReadonlyMap<PlacePart, string> };
  /** Only rows in which this column holds one of these words count. */
  readonly onlyWhere?: { readonly column: string; readonly is: ReadonlySet<string> };
}

export const PLACE_PARTS = ['lines', 'city', 'region', 'postal code', 'country'] as const;
export type PlacePart = (typeof PLACE_PARTS)[number];

export interface RestMapping extends MappingOf<'rest', RestField> {
  readonly scope?: string;
  readonly reads: ReadonlyMap<string, RestRead>;
}

export interface RestRead {
  /** Path and query below the base address, with `{id}` where the local id stands. */
  readonly get: string;
  /** Where the answer says whom it is about. */
  readonly person: RestExpression;
}

export interface RestField extends FieldMapping {
  readonly from: string;
  readonly path: RestExpression;
}
