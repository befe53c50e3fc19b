import type { CsvAccess } from '../access.js';
import { ConnectorError } from '../error.js';
import type { ColumnField, CsvMapping, CsvRead } from '../mapping.js';
import { columnsOf, rawOfRows, refuseTooMany, type Row, valueIn } from '../rows.js';
import type { Raw, Reader } from '../source.js';
import { filesNewestFirst } from './files.js';
import { readRows, Unfinished } from './rows.js';

/** Reads rows from the newest finished file that an agency exported into a folder. */
export function csvReader(mapping: CsvMapping, access: CsvAccess): Reader<ColumnField> {
  const { source, limits } = mapping;

  async function rowsAbout(
    localId: string,
    read: CsvRead,
    columns: readonly string[],
    at: number,
    stop: AbortSignal,
  ): Promise<readonly Row[]> {
    for (const file of await filesNewestFirst(access.folder, read, at)) {
      try {
        const rows = await readRows({ file, read, columns, limits, stop, source }, (key) => key === localId);
        refuseTooMany(source, read, rows.length);
        return rows;
      } catch (error) {
        // Still being written, or broken off: the one before is the newest that is whole.
        if (!(error instanceof Unfinished)) throw error;
      }
    }
    throw new ConnectorError('SOURCE_UNREACHABLE', `${source} has no finished file that is new enough`, {
      wholeSource: true,
    });
  }

  return {
    async read(localId, asked, { at, stop }): Promise<Raw<ColumnField> | undefined> {
      const raw = new Map<ColumnField, readonly unknown[]>();
      let known = false;
      for (const [name, read] of mapping.reads) {
        const fields = asked.filter(({ from }) => from === name);
        if (fields.length === 0) continue;
        const rows = await rowsAbout(localId, read, [...new Set(fields.flatMap(columnsOf))], at, stop);
        known ||= rows.length > 0;
        for (const field of fields) raw.set(field, rawOfRows(field, rows, valueIn));
      }
      return known ? raw : undefined;
    },
    close: async () => undefined,
  };
}
