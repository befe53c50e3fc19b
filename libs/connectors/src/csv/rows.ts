import { constants, type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { CsvError, type Parser, parse } from 'csv-parse';
import { ConnectorError } from '../error.js';
import type { CsvRead, Limits } from '../mapping.js';
import type { Row } from '../rows.js';

/** The agency has not finished writing this file, or the copy of it broke off. */
export class Unfinished extends Error {}

class NotText extends Error {}

export interface Reading {
  readonly source: string;
  readonly file: string;
  readonly read: CsvRead;
  /** The only columns that are kept. */
  readonly columns: readonly string[];
  readonly limits: Limits;
  readonly stop: AbortSignal;
}

/**
 * The rows of a file whose key is hers. The file is read to its end, since only the end shows that it is whole. What
 * stands in a cell is text; nothing here takes `=`, `+` or `@` at its beginning for more than that.
 */
export async function readRows(reading: Reading, isHers: (key: string) => boolean): Promise<readonly Row[]> {
  const { read, limits, source } = reading;
  const file = await openFile(reading);
  try {
    const parser = parse({
      delimiter: read.separator,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: limits.size,
    });
    const fed = pipeline(text(file, reading), parser);
    // Whatever ends the feeding ends the parser too, and is thrown where its records are collected.
    fed.catch(() => undefined);
    const rows = await collect(parser, reading, isHers);
    await fed;
    return rows;
  } catch (error) {
    if (error instanceof CsvError || error instanceof NotText) {
      // A quotation mark that is never closed is where a broken copy ends.
      if (read.finishedBy.kind === 'trailer') throw new Unfinished();
      throw new ConnectorError('SOURCE_GARBAGE', `${source} exported a file that is not CSV in UTF-8`);
    }
    throw error;
  } finally {
    await file.close();
  }
}

async function openFile({ file, source, limits }: Reading): Promise<FileHandle> {
  // A link in the folder could point at any file of this machine.
  const cannotBeOpened = () =>
    new ConnectorError('SOURCE_UNREACHABLE', `${source} has a file that cannot be opened`, { wholeSource: true });
  const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(() => {
    throw cannotBeOpened();
  });
  const found = await handle.stat();
  if (found.isFile() && found.size <= limits.size) return handle;
  await handle.close();
  if (!found.isFile()) throw cannotBeOpened();
  throw new ConnectorError('SOURCE_TOO_LARGE', `${source} exported a file larger than it may be`, {
    wholeSource: true,
  });
}

async function* text(file: FileHandle, { limits, stop, source }: Reading): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  for await (const chunk of file.createReadStream({ autoClose: false, signal: stop }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limits.size)
      throw new ConnectorError('SOURCE_TOO_LARGE', `${source} exported a file larger than it may be`, {
        wholeSource: true,
      });
    yield textOf(decoder, chunk);
  }
  yield textOf(decoder);
}

function textOf(decoder: InstanceType<typeof TextDecoder>, chunk?: Buffer): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    throw new NotText();
  }
}

async function collect(
  parser: Parser,
  { source, read, columns }: Reading,
  isHers: (key: string) => boolean,
): Promise<readonly Row[]> {
  const garbage = (what: string) => new ConnectorError('SOURCE_GARBAGE', `${source} exported a file ${what}`);
  let header: readonly string[] | undefined;
  let keyAt = -1;
  let count = 0;
  let ended = false;
  // Told only at the end: of a file that breaks off in its header nobody can say what it lacks.
  let fault: string | undefined;
  const rows: Row[] = [];
  for await (const record of parser as AsyncIterable<readonly string[]>) {
    if (header === undefined) {
      header = record.map((name) => name.trim());
      if (new Set(header).size !== header.length) fault = 'that names a column twice';
      if (![read.key, ...columns].every((column) => record.some((name) => name.trim() === column)))
        fault = 'without a column that the mapping reads';
      keyAt = header.indexOf(read.key);
    } else if (ended) throw garbage('that goes on after its end');
    else if (read.finishedBy.kind === 'trailer' && record.length === 2 && record[0] === read.finishedBy.word) {
      if (record[1] !== String(count)) throw new Unfinished();
      ended = true;
    } else if (record.length !== header.length) {
      if (read.finishedBy.kind === 'trailer') throw new Unfinished();
      throw garbage('whose rows differ in length');
    } else {
      count++;
      const key = record[keyAt];
      if (key !== undefined && isHers(key)) rows.push(rowOf(header, record, columns));
    }
  }
  if (header === undefined || (read.finishedBy.kind === 'trailer' && !ended)) throw new Unfinished();
  if (fault !== undefined) throw garbage(fault);
  return rows;
}

function rowOf(header: readonly string[], record: readonly string[], columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, record[header.indexOf(column)]]));
}
