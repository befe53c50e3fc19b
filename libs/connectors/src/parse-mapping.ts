import type { Vocabulary } from '#terms';
import { ConnectorError } from './error.js';
import { fhirField, subjectOf } from './fhir/parse.js';
import type { Limits, Mapping } from './mapping.js';
import { MappingFile, type MapPart, type Part } from './mapping-file.js';
import { columnField, csvRead, sqlRead } from './parse-columns.js';
import { fieldsOf, limitsOf, readsOf } from './parse-parts.js';
import { restField, restRead } from './rest/parse.js';

/**
 * Reads a mapping file and refuses what it cannot mean: a field that the vocabulary does not have, a path that leads
 * nowhere, a setting that does not fit the field. Throws `MAPPING_INVALID` with every problem at its line and column.
 *
 * @example
 * parseMapping(readFileSync('st-brigid.yaml', 'utf8'), 'st-brigid.yaml', vocabulary);
 */
export function parseMapping(text: string, path: string, vocabulary: Vocabulary): Mapping {
  const file = new MappingFile(path);
  const mapping = readMapping(file, text, vocabulary);
  const [first] = file.problems;
  if (first === undefined && mapping !== undefined) return mapping;
  const problems = file.problems.toSorted((one, other) => one.line - other.line || one.column - other.column);
  throw new ConnectorError(
    'MAPPING_INVALID',
    `${path} has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`,
    { problems },
  );
}

const PROTOCOLS = ['fhir', 'sql', 'rest', 'csv'] as const;
const COMMON_KEYS = ['source', 'protocol', 'limits', 'fields'] as const;

function readMapping(file: MappingFile, text: string, vocabulary: Vocabulary): Mapping | undefined {
  const root = file.read(text);
  const map = root && file.map(root, 'a mapping');
  if (map === undefined) return undefined;
  const written = map.entries.get('protocol');
  if (written === undefined)
    return file.complain(map.at, `a mapping names its protocol: one of ${PROTOCOLS.join(', ')}`);
  const protocol = file.oneOf(written.value, PROTOCOLS, 'a protocol');
  switch (protocol) {
    case 'fhir': {
      const keys = file.keys(map, 'a fhir mapping', [...COMMON_KEYS, 'subject']);
      return {
        protocol,
        ...common(file, map, keys),
        subject: subjectOf(file, map, keys.get('subject')),
        fields: fieldsOf(file, map, vocabulary, fhirField),
      };
    }
    case 'sql': {
      const keys = file.keys(map, 'a sql mapping', [...COMMON_KEYS, 'reads']);
      const reads = readsOf(file, map, keys.get('reads'), sqlRead);
      return {
        protocol,
        ...common(file, map, keys),
        reads,
        fields: fieldsOf(file, map, vocabulary, columnField(reads)),
      };
    }
    case 'csv': {
      const keys = file.keys(map, 'a csv mapping', [...COMMON_KEYS, 'reads']);
      const reads = readsOf(file, map, keys.get('reads'), csvRead);
      return {
        protocol,
        ...common(file, map, keys),
        reads,
        fields: fieldsOf(file, map, vocabulary, columnField(reads)),
      };
    }
    case 'rest': {
      const keys = file.keys(map, 'a rest mapping', [...COMMON_KEYS, 'scope', 'reads']);
      const reads = readsOf(file, map, keys.get('reads'), restRead);
      const scope = keys.get('scope');
      return {
        protocol,
        ...common(file, map, keys),
        ...(scope === undefined ? {} : { scope: file.text(scope, 'a scope')?.text ?? '' }),
        reads,
        fields: fieldsOf(file, map, vocabulary, restField(reads)),
      };
    }
    case undefined:
      break;
  }
  return undefined;
}

function common(
  file: MappingFile,
  map: MapPart,
  keys: ReadonlyMap<string, Part>,
): { readonly source: string; readonly limits: Limits } {
  const name = keys.get('source');
  const source =
    name === undefined
      ? file.complain(map.at, 'a mapping names its `source`')
      : file.text(name, 'the name of a source')?.text;
  if (source !== undefined && name !== undefined && !/^[a-z0-9][a-z0-9-]{0,60}$/.test(source))
    file.complain(name.at, 'a source is named in small letters, digits and hyphens, such as st-brigid');
  return { source: source ?? '', limits: limitsOf(file, keys.get('limits')) };
}
