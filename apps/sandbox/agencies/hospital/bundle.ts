import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AgencyError } from '../error.js';

/** A FHIR resource as the hospital keeps it. */
export interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

/** Everything the hospital holds: by type, then by id, in the order it came. */
export type Records = ReadonlyMap<string, ReadonlyMap<string, Resource>>;

/** Types that can be asked for though nobody has any yet. */
const ALWAYS_THERE = [
  'CarePlan',
  'Condition',
  'Flag',
  'MedicationAdministration',
  'Observation',
  'Patient',
  'Procedure',
  'RiskAssessment',
  'Specimen',
];

/**
 * Loads every bundle of these folders. References by `fullUrl`, as transactions have them, become references to what was
 * stored; a resource that stands in two bundles (an organisation, say) is stored once.
 */
export function loadBundles(folders: readonly string[]): Records {
  const records = new Map(ALWAYS_THERE.map((type) => [type, new Map<string, Resource>()]));
  for (const folder of folders) {
    for (const file of jsonFilesIn(folder)) {
      for (const resource of resourcesOf(file)) {
        const ofType = records.get(resource.resourceType) ?? new Map<string, Resource>();
        records.set(resource.resourceType, ofType.set(resource.id, resource));
      }
    }
  }
  return records;
}

function jsonFilesIn(folder: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    throw new AgencyError('AGENCY_BUNDLE_INVALID', `There is no folder of FHIR bundles at ${folder}.`);
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => join(folder, name));
}

function resourcesOf(file: string): readonly Resource[] {
  const invalid = (why: string) => new AgencyError('AGENCY_BUNDLE_INVALID', `${basename(file)} ${why}.`);
  let bundle: unknown;
  try {
    bundle = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw invalid('is not JSON');
  }
  if (!isObject(bundle) || bundle['resourceType'] !== 'Bundle') throw invalid('is not a FHIR bundle');
  const entries: unknown = bundle['entry'] ?? [];
  if (!Array.isArray(entries)) throw invalid('has no list of entries');

  const stored = new Map<string, string>();
  const resources = entries.flatMap((entry: unknown): Resource[] => {
    const resource = isObject(entry) ? entry['resource'] : undefined;
    if (!isObject(entry) || !isObject(resource)) return [];
    const fullUrl = typeof entry['fullUrl'] === 'string' ? entry['fullUrl'] : '';
    const id = resource['id'] ?? /[A-Za-z0-9.-]{1,64}$/.exec(fullUrl)?.[0];
    const { resourceType } = resource;
    if (typeof resourceType !== 'string' || typeof id !== 'string') throw invalid('has an entry without type or id');
    if (fullUrl !== '') stored.set(fullUrl, `${resourceType}/${id}`);
    return [{ ...resource, resourceType, id }];
  });
  return resources.map((resource) => withReferences(resource, stored) as Resource);
}

function withReferences(value: unknown, stored: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => withReferences(each, stored));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === 'reference' && typeof each === 'string' ? (stored.get(each) ?? each) : withReferences(each, stored),
    ]),
  );
}

export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
