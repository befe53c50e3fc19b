import type { ConnectorError } from '../error.js';

/** A resource as far as we look before a path does. */
export interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

type Garbage = (what: string) => ConnectorError;

export function readResource(body: unknown, garbage: Garbage): Resource {
  if (
    !isObject(body) ||
    typeof body['resourceType'] !== 'string' ||
    typeof body['id'] !== 'string' ||
    body['id'] === ''
  )
    throw garbage('sent something that is not a FHIR resource');
  return body as unknown as Resource;
}

/** One page of a search: what it found, and where the next page is. */
export function readBundle(
  body: unknown,
  garbage: Garbage,
): { readonly resources: readonly Resource[]; readonly next: string | undefined } {
  if (!isObject(body) || body['resourceType'] !== 'Bundle' || body['type'] !== 'searchset')
    throw garbage('answered a search with something that is not a search bundle');
  const { entry = [], link = [] } = body;
  if (!Array.isArray(entry) || !Array.isArray(link)) throw garbage('sent a malformed bundle');

  const resources = entry.flatMap((each: unknown): Resource[] => {
    const resource = isObject(each) ? each['resource'] : undefined;
    if (isObject(resource) && resource['resourceType'] === 'OperationOutcome') {
      // A warning beside the answer is one; an error says that the answer is not whole.
      if (JSON.stringify(resource['issue'] ?? []).match(/"severity":"(error|fatal)"/))
        throw garbage('says that its own answer is not whole');
      return [];
    }
    return [readResource(resource, garbage)];
  });
  const nexts = link
    .filter((each: unknown) => isObject(each) && each['relation'] === 'next')
    .map((each: { readonly url?: unknown }) => each.url);
  const [next] = nexts;
  if (nexts.length > 1 || (next !== undefined && typeof next !== 'string')) throw garbage('sent a malformed bundle');
  return { resources, next };
}

/** Whether a Reference is to this Patient, relative or absolute, of whatever version. */
export function isReferenceTo(reference: unknown, patientId: string, base: URL): boolean {
  const written = isObject(reference) ? reference['reference'] : undefined;
  if (typeof written !== 'string') return false;
  const relative = written.startsWith(base.href) ? written.slice(base.href.length) : written;
  return relative === `Patient/${patientId}` || relative.startsWith(`Patient/${patientId}/_history/`);
}

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
