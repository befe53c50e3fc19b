import type { HttpsAccess } from './https.js';

/**
 * What one installation knows about reaching a source: where it is, and the secrets it wants. Kept apart from the
 * mapping, which is reviewed, mailed and versioned.
 */
export type Access = FhirAccess | SqlAccess | RestAccess | CsvAccess;

/** With a certificate and key, a bearer token, or both. */
export interface FhirAccess extends HttpsAccess {
  readonly protocol: 'fhir';
  readonly bearer?: string;
}

/** OAuth 2.0 client credentials; the client authenticates by its secret (HTTP Basic). */
export interface RestAccess extends HttpsAccess {
  readonly protocol: 'rest';
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A role that may read the tables of the mapping and nothing else. */
export interface SqlAccess {
  readonly protocol: 'sql';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** The authority that vouches for the server, PEM. Only a server on this machine may do without. */
  readonly authority?: string;
}

export interface CsvAccess {
  readonly protocol: 'csv';
  readonly folder: string;
}
