import type { FhirAccess } from '../access.js';
import { ConnectorError } from '../error.js';
import { type Budget, Https } from '../https.js';
import type { FhirField, FhirMapping } from '../mapping.js';
import type { Question, Raw, Reader } from '../source.js';
import { isReferenceTo, readBundle, readResource, type Resource } from './bundle.js';
import { rawOf } from './raw.js';
import { RESOURCES } from './resources.js';

const FHIR_JSON = ['application/fhir+json', 'application/json'];

/** Reads a person's resources from a FHIR R4 server: her Patient first, then one search for each further type needed. */
export function fhirReader(mapping: FhirMapping, access: FhirAccess): Reader<FhirField> {
  const https = new Https(mapping.source, access, mapping.limits);
  const authorization = access.bearer === undefined ? undefined : `Bearer ${access.bearer}`;

  async function get(url: URL, budget: Budget, stop: AbortSignal): Promise<unknown> {
    const got = await https.getJson(url, FHIR_JSON, authorization, budget, stop);
    if (got.kind === 'unauthorised')
      throw new ConnectorError('SOURCE_REFUSED', `${mapping.source} does not accept our credentials`, {
        wholeSource: true,
      });
    return got.kind === 'found' ? got.body : undefined;
  }

  /** Everything of one type about her, page by page. A page that comes twice, or one page too many, ends it. */
  async function searchAll(first: URL, budget: Budget, stop: AbortSignal): Promise<readonly Resource[]> {
    const seen = new Set<string>();
    const found: Resource[] = [];
    for (let next: URL | undefined = first; next !== undefined;) {
      if (seen.has(next.href)) throw garbage('sent pages that lead round in a circle');
      if (seen.size >= mapping.limits.pages)
        throw new ConnectorError('SOURCE_TOO_LARGE', `${mapping.source} sent more pages than it may`);
      seen.add(next.href);
      const body = await get(next, budget, stop);
      if (body === undefined)
        throw new ConnectorError('SOURCE_REFUSED', `${mapping.source} has no such search`, { wholeSource: true });
      const page = readBundle(body, garbage);
      found.push(...page.resources);
      next = page.next === undefined ? undefined : new URL(page.next, next);
    }
    return found;
  }

  async function patientOf(
    localId: string,
    elements: string | undefined,
    budget: Budget,
    stop: AbortSignal,
  ): Promise<Resource | undefined> {
    const { subject } = mapping;
    if (subject.by === 'id') {
      if (!/^[A-Za-z0-9\-.]{1,64}$/.test(localId) || /^\.+$/.test(localId))
        throw new ConnectorError('SOURCE_REFUSED', `${mapping.source} cannot have a Patient with this local id`);
      const body = await get(below(`Patient/${localId}`, { _elements: elements }), budget, stop);
      if (body === undefined) return undefined;
      const patient = readResource(body, garbage);
      if (patient.resourceType !== 'Patient' || patient.id !== localId) throw garbage('answered about somebody else');
      return patient;
    }
    // A comma would ask for several people, a bar for another system.
    const value = localId.replace(/[\\,$|]/g, '\\$&');
    const found = await searchAll(
      below('Patient', { identifier: `${subject.system}|${value}`, _elements: elements }),
      budget,
      stop,
    );
    const patients = found.filter(({ resourceType }) => resourceType === 'Patient');
    const [patient, second] = patients;
    if (second !== undefined) throw garbage('answered about several people');
    if (patient === undefined) return undefined;
    if (!hasIdentifier(patient, subject.system, localId)) throw garbage('answered about somebody else');
    return patient;
  }

  async function resourcesAbout(
    patient: Resource,
    type: string,
    elements: string | undefined,
    budget: Budget,
    stop: AbortSignal,
  ): Promise<readonly Resource[]> {
    const about = RESOURCES.get(type)?.about ?? 'subject';
    const found = await searchAll(below(type, { patient: patient.id, _elements: elements }), budget, stop);
    for (const resource of found) {
      if (resource.resourceType === 'Patient' && resource.id !== patient.id)
        throw garbage('answered about several people');
      if (resource.resourceType === type && !isReferenceTo(resource[about], patient.id, https.base))
        throw garbage('answered about somebody else');
    }
    return found.filter(({ resourceType }) => resourceType === type);
  }

  function below(path: string, query: { readonly [name: string]: string | undefined }): URL {
    const url = new URL(path, https.base);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    return url;
  }

  function garbage(what: string): ConnectorError {
    return new ConnectorError('SOURCE_GARBAGE', `${mapping.source} ${what}`);
  }

  return {
    async read(localId, asked, { stop }: Question): Promise<Raw<FhirField> | undefined> {
      const budget: Budget = { bytes: mapping.limits.size };
      const types = new Set(asked.map(({ path }) => path.resource));
      const patient = await patientOf(localId, elementsFor('Patient', asked), budget, stop);
      if (patient === undefined) return undefined;
      const others = [...types].filter((type): type is string => type !== undefined && type !== 'Patient');
      const found = await Promise.all(
        others.map((type) => resourcesAbout(patient, type, elementsFor(type, asked), budget, stop)),
      );
      return rawOf(asked, [patient, ...found.flat()]);
    },
    close: () => https.close(),
  };
}

/** What the server may leave out it should; `undefined` where a path wants the resource whole. */
function elementsFor(type: string, asked: readonly FhirField[]): string | undefined {
  const wanted = new Set(
    type === 'Patient'
      ? ['identifier']
      : [RESOURCES.get(type)?.about ?? 'subject', 'status', 'verificationStatus', 'code'].filter((name) =>
          RESOURCES.get(type)?.elements.has(name),
        ),
  );
  for (const { path, onlyWhere, value } of asked) {
    if (path.resource !== type) continue;
    const elements = [path, onlyWhere, value].flatMap((expression) => [...(expression?.elements ?? [])]);
    if (elements.length === 0) return undefined;
    for (const element of elements) wanted.add(element);
  }
  return [...wanted].join(',');
}

function hasIdentifier(patient: Resource, system: string, value: string): boolean {
  const identifiers: unknown = patient['identifier'];
  return (
    Array.isArray(identifiers) &&
    identifiers.some(
      (each: { readonly system?: unknown; readonly value?: unknown } | null) =>
        each?.system === system && each.value === value,
    )
  );
}
