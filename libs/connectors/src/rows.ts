import { ConnectorError } from './error.js';
import type { ColumnField, PlacePart, RowsOfAPerson } from './mapping.js';

/** One row about her, by column. */
export type Row = { readonly [column: string]: unknown };

export function valueIn(row: Row, column: string): unknown {
  return row[column];
}

/** The columns that a field is read from. */
export function columnsOf({ at, onlyWhere }: ColumnField): readonly string[] {
  return [
    ...('column' in at ? [at.column] : at.place.values()),
    ...(onlyWhere === undefined ? [] : [onlyWhere.column]),
  ];
}

/** A field's raw values in the rows about her. */
export function rawOfRows<Of>(
  { at, onlyWhere }: ColumnField,
  rows: readonly Of[],
  valueOf: (row: Of, column: string) => unknown,
): readonly unknown[] {
  const counting =
    onlyWhere === undefined ? rows : rows.filter((row) => onlyWhere.is.has(String(valueOf(row, onlyWhere.column))));
  if ('column' in at) return counting.map((row) => valueOf(row, at.column));
  return counting.map((row) => {
    const place: { [part: string]: unknown } = {};
    for (const [part, column] of at.place) place[KEYS[part]] = valueOf(row, column);
    return place;
  });
}

const KEYS: { readonly [Part in PlacePart]: string } = {
  lines: 'lines',
  city: 'city',
  region: 'region',
  'postal code': 'postalCode',
  country: 'country',
};

/** More rows about one person than any record has. */
export const MOST_ROWS = 1_000;

export function refuseTooMany(source: string, read: RowsOfAPerson, rows: number): void {
  if (read.rows === 'one' && rows > 1)
    throw new ConnectorError('SOURCE_GARBAGE', `${source} has several rows where a person has one`);
  if (rows > MOST_ROWS)
    throw new ConnectorError('SOURCE_TOO_LARGE', `${source} has more rows about one person than it may`);
}
