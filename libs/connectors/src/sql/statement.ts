import type { SqlMapping, SqlRead } from '../mapping.js';
import { columnsOf, MOST_ROWS } from '../rows.js';

/** A configured read as it is sent: the same text for every question. */
export interface PreparedRead {
  readonly name: string;
  readonly read: SqlRead;
  readonly statementName: string;
  readonly text: string;
  /** Columns in the order of the result, after the key. */
  readonly columns: readonly string[];
  readonly indexOf: ReadonlyMap<string, number>;
}

/**
 * The statement around each configured SELECT. `$1` is the local id; `$2` says for each column whether it was asked for:
 * what was not asked for stays at the agency, and still one plan serves every question. Being a subquery, the configured
 * text cannot change anything; column names were checked when the mapping was loaded.
 */
export function prepareReads(mapping: SqlMapping): readonly PreparedRead[] {
  return [...mapping.reads].map(([name, read], index) => {
    const fields = [...mapping.fields.values()].filter(({ from }) => from === name);
    const columns = [...new Set(fields.flatMap(columnsOf))];
    const list = columns.map((column, at) => `CASE WHEN ($2::boolean[])[${at + 1}] THEN q."${column}" END`);
    return {
      name,
      read,
      statementName: `postern_${index}`,
      // The line break ends a comment that the configured text may end with.
      text: `SELECT ${[`q."${read.key}"::text`, ...list].join(', ')} FROM (\n${read.select}\n) AS q LIMIT ${read.rows === 'one' ? 2 : MOST_ROWS + 1}`,
      columns,
      indexOf: new Map(columns.map((column, at) => [column, at])),
    };
  });
}
