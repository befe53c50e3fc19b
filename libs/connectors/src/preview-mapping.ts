import type { FieldName, Instant, Level, Value } from '#terms';
import { parse as parseCsv } from 'csv-parse/sync';
import { cut } from './cut.js';
import { ConnectorError } from './error.js';
import { isObject, type Resource } from './fhir/bundle.js';
import { rawOf as rawOfResources } from './fhir/raw.js';
import type { ColumnField, CsvMapping, FieldMapping, Mapping, RestMapping, SqlMapping } from './mapping.js';
import { parseJson } from './parse-json.js';
import { type Absence, readValue } from './read-value.js';
import { rawOf as rawOfDocuments } from './rest/reader.js';
import { columnsOf, rawOfRows, type Row, valueIn } from './rows.js';
import type { Raw } from './source.js';

/** What would leave of one field at each level above `nothing`, or why nothing would. */
export interface PreviewedField {
  readonly field: FieldName;
  readonly levels: readonly { readonly level: string; readonly value: Value | undefined }[];
  readonly why?: Absence;
}

/**
 * What a mapping makes of a sample of one person, without asking any source: the same reading and cutting as for an
 * answer. A sample is what the source holds: a FHIR bundle or resource; the JSON an API answers (with several reads, a
 * map from their names); rows as a JSON list of objects (or such a map); a CSV file, of which the first person is taken.
 *
 * @example
 * await previewMapping(mapping, readFileSync('bundle.json', 'utf8'), instantOf(Date.now()));
 */
export async function previewMapping(
  mapping: Mapping,
  sample: string,
  at: Instant,
): Promise<readonly PreviewedField[]> {
  switch (mapping.protocol) {
    case 'fhir':
      return preview(mapping.fields, rawOfResources([...mapping.fields.values()], resourcesIn(jsonOf(sample))), at);
    case 'sql':
      return preview(mapping.fields, rawOfReads(mapping, namedReads(mapping, jsonOf(sample))), at);
    case 'csv':
      return preview(mapping.fields, rawOfReads(mapping, csvReads(mapping, sample)), at);
    case 'rest':
      return preview(
        mapping.fields,
        await rawOfDocuments([...mapping.fields.values()], namedReads(mapping, jsonOf(sample))),
        at,
      );
  }
}

function preview<Of extends FieldMapping>(
  fields: ReadonlyMap<FieldName, Of>,
  raw: Raw<Of>,
  at: Instant,
): readonly PreviewedField[] {
  return [...fields].map(([name, mapped]) => {
    const read = readValue(mapped, raw.get(mapped) ?? []);
    const levels = mapped.field.scale.slice(1).map((level, index) => ({
      level,
      value: 'value' in read ? cut(read.value, mapped.field, (index + 1) as Level, at) : undefined,
    }));
    return { field: name, levels, ...('why' in read ? { why: read.why } : {}) };
  });
}

function jsonOf(sample: string): unknown {
  try {
    return parseJson(sample);
  } catch (error) {
    throw notASample(error instanceof Error ? error.message : 'cannot be read');
  }
}

function notASample(what: string): ConnectorError {
  return new ConnectorError('SAMPLE_INVALID', `the sample ${what}`);
}

function resourcesIn(body: unknown): readonly Resource[] {
  const entries =
    isObject(body) && body['resourceType'] === 'Bundle' && Array.isArray(body['entry'])
      ? (body['entry'] as readonly unknown[])
      : undefined;
  const resources = (entries?.map((entry) => (isObject(entry) ? entry['resource'] : undefined)) ?? [body]).filter(
    (each): each is Resource => isObject(each) && typeof each['resourceType'] === 'string',
  );
  if (resources.length === 0) throw notASample('holds no FHIR resource');
  if (resources.filter(({ resourceType }) => resourceType === 'Patient').length > 1)
    throw notASample('holds several patients; give one');
  return resources;
}

/** With one read the sample is what that brings; with several it says of each. */
function namedReads({ reads }: SqlMapping | RestMapping, sample: unknown): ReadonlyMap<string, unknown> {
  const [only, second] = reads.keys();
  if (only !== undefined && second === undefined) return new Map([[only, sample]]);
  if (!isObject(sample)) throw notASample(`is no map from ${[...reads.keys()].join(', ')}`);
  return new Map(Object.entries(sample));
}

function rawOfReads(mapping: SqlMapping | CsvMapping, samples: ReadonlyMap<string, unknown>): Raw<ColumnField> {
  return new Map(
    [...mapping.fields.values()].map((field) => {
      const sample = samples.get(field.from) ?? [];
      if (!Array.isArray(sample) || !sample.every(isObject)) throw notASample('holds no list of rows');
      const rows: readonly Row[] = sample;
      const read = mapping.reads.get(field.from);
      const [first] = rows;
      const hers = rows.filter((row) => read !== undefined && row[read.key] === first?.[read.key]);
      return [field, rawOfRows(field, read?.rows === 'many' ? hers : hers.slice(0, 1), valueIn)];
    }),
  );
}

/** A file is the sample of those reads whose columns it has. */
function csvReads(mapping: CsvMapping, sample: string): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [name, read] of mapping.reads) {
    const needed = [read.key, ...[...mapping.fields.values()].filter(({ from }) => from === name).flatMap(columnsOf)];
    const rows = rowsIn(sample, read.separator);
    const [first] = rows;
    if (first !== undefined && needed.every((column) => Object.hasOwn(first, column))) found.set(name, rows);
  }
  if (found.size === 0) throw notASample('has not the columns of any read, or no row');
  return found;
}

function rowsIn(sample: string, delimiter: string): readonly Row[] {
  try {
    return parseCsv<Row>(sample, {
      delimiter,
      columns: true,
      bom: true,
      trim: false,
      skip_empty_lines: true,
      relax_column_count: true,
    });
  } catch {
    throw notASample('is not CSV');
  }
}
