export type { Access, CsvAccess, FhirAccess, RestAccess, SqlAccess } from './access.js';
export { connect } from './connect.js';
export { cut } from './cut.js';
export { ConnectorError, type ConnectorErrorCode } from './error.js';
export type { HttpsAccess } from './https.js';
export type { Mapping } from './mapping.js';
export { parseMapping } from './parse-mapping.js';
export { previewMapping, type PreviewedField } from './preview-mapping.js';
export type { ConnectedSource } from './source.js';
