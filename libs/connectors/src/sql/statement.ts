import type { ColumnField, SqlMapping, SqlRead } from '../mapping.js';
import { columnsOf, MOST_ROWS } from '../rows.js';

/** A configured read, and the statements that ask it. */
export interface PreparedRead {
  readonly name: string;
  readonly read: SqlRead;
  /** The statement that brings the columns of these fields and no other; the same one each time. */
  statementFor(fields: readonly ColumnField[]): Statement;
}

/** Sent as it is, with the local id as `$1`: prepared once on each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** What follows the local id. */
  readonly more: readonly string[];
  /** Where in a row of the result each column stands, after the key. */
  readonly columns: ReadonlyMap<string, number>;
}

/** Statements kept for one read, so that nobody fills a database's memory by asking for ever other sets of fields. */
const MOST_STATEMENTS = 32;

/**
 * The statements around each configured SELECT. Their text is made of what the mapping says and was checked when it was
 * loaded; of a question only the choice among its columns comes in, and what was not chosen stays at the agency. Being a
 * subquery, the configured text cannot change anything.
 */
export function prepareReads(mapping: SqlMapping): readonly PreparedRead[] {
  return [...mapping.reads].map(([name, read], index) => {
    const fields = [...mapping.fields.values()].filter(({ from }) => from === name);
    const columns = [...new Set(fields.flatMap(columnsOf))];
    const places = new Map(fields.map((field) => [field, columnsOf(field).map((column) => columns.indexOf(column))]));
    const statements = new Map<string, Statement>();
    const all = afterTheKey(columns);
    const masked = `SELECT ${[keyOf(read), ...columns.map((column, at) => `CASE WHEN ($2::boolean[])[${at + 1}] THEN q."${column}" END`)].join(', ')}`;

    return {
      name,
      read,
      statementFor(asked) {
        const wanted = columns.map(() => 'f');
        for (const field of asked) for (const place of places.get(field) ?? []) wanted[place] = 't';
        const choice = wanted.join(',');
        const kept = statements.get(choice);
        if (kept !== undefined) return kept;
        // Beyond the sets that are kept one statement serves all others. It costs the database more: it weighs every
        // column each time.
        if (statements.size >= MOST_STATEMENTS)
          return {
            name: `postern_${index}_any`,
            text: `${masked} ${sourceOf(read)}`,
            more: [`{${choice}}`],
            columns: all,
          };
        const chosen = columns.filter((_, place) => wanted[place] === 't');
        const list = [keyOf(read), ...chosen.map((column) => `q."${column}"`)].join(', ');
        const statement = {
          name: `postern_${index}_${statements.size}`,
          text: `SELECT ${list} ${sourceOf(read)}`,
          more: [],
          columns: afterTheKey(chosen),
        };
        statements.set(choice, statement);
        return statement;
      },
    };
  });
}

function afterTheKey(columns: readonly string[]): ReadonlyMap<string, number> {
  return new Map(columns.map((column, at) => [column, at + 1]));
}

function keyOf(read: SqlRead): string {
  return `q."${read.key}"::text`;
}

/** The line break ends a comment that the configured text may end with. */
function sourceOf(read: SqlRead): string {
  return `FROM (\n${read.select}\n) AS q LIMIT ${read.rows === 'one' ? 2 : MOST_ROWS + 1}`;
}
