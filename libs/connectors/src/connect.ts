import type { Access } from './access.js';
import { csvReader } from './csv/reader.js';
import { ConnectorError } from './error.js';
import { fhirReader } from './fhir/reader.js';
import type { Mapping } from './mapping.js';
import { restReader } from './rest/reader.js';
import { type ConnectedSource, sourceOf } from './source.js';
import { sqlReader } from './sql/reader.js';

/**
 * An agency's system as a source that `disclose` can ask.
 *
 * @example
 * const shelter = connect(parseMapping(text, 'harbour-house.yaml', vocabulary), {
 *   protocol: 'sql', host: '127.0.0.1', port: 5432, database: 'cases', user: 'postern_reader', password,
 * });
 */
export function connect(mapping: Mapping, access: Access): ConnectedSource {
  switch (mapping.protocol) {
    case 'fhir':
      if (access.protocol === 'fhir') return sourceOf(mapping, fhirReader(mapping, access));
      break;
    case 'sql':
      if (access.protocol === 'sql') return sourceOf(mapping, sqlReader(mapping, access));
      break;
    case 'rest':
      if (access.protocol === 'rest') return sourceOf(mapping, restReader(mapping, access));
      break;
    case 'csv':
      if (access.protocol === 'csv') return sourceOf(mapping, csvReader(mapping, access));
      break;
  }
  throw new ConnectorError(
    'ACCESS_INVALID',
    `${mapping.source} speaks ${mapping.protocol}, and is to be reached by ${access.protocol}`,
  );
}
