import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { AgencyId } from '#terms';
import { CHECKOUT } from '../../checkout.js';
import type { Started } from '../agency.js';
import type { CountyAuthority } from '../authority.js';
import { type Lie, type Reply, startHttpsServer } from '../https-server.js';
import { loadBundles, type Records, type Resource } from './bundle.js';
import { type Found, isAbout, PATIENT_PARAMETERS, RECORD_PARAMETERS, search, SearchRefused } from './search.js';

const FOLDER = join(CHECKOUT, 'apps', 'sandbox', 'agencies', 'hospital');
const BASE = '/fhir/r4';

export interface HospitalOptions {
  readonly authority: CountyAuthority;
  readonly port: number;
  /** A further folder of FHIR bundles. */
  readonly bundles?: string;
}

/** St. Brigid's: a FHIR R4 server over HTTPS that reads and searches, for whoever has its key. */
export async function startHospital({ authority, port, bundles }: HospitalOptions): Promise<Started> {
  const records = loadBundles([join(FOLDER, 'bundles'), ...(bundles === undefined ? [] : [bundles])]);
  const bearer = randomBytes(24).toString('base64url');
  const server = await startHttpsServer({
    identity: await authority.issue(),
    port,
    refusal: outcome(403, 'forbidden', 'This key may not read here.'),
    failure: outcome(500, 'exception', 'The server failed.'),
    answer: (request, _response, lie) => answer(request, records, bearer, lie),
  });
  return {
    standIn: {
      agency: 'st-brigid' as AgencyId,
      title: "St. Brigid's Hospital (FHIR R4)",
      address: `${server.origin}${BASE}`,
      mappingFile: join(FOLDER, 'mapping.yaml'),
      access: { protocol: 'fhir', base: `${server.origin}${BASE}`, authority: authority.certificate, bearer },
      async misbehave(how) {
        server.misbehaviour = how;
      },
      async behave() {
        server.misbehaviour = undefined;
      },
      kill: () => server.kill(),
      restart: () => server.restart(),
    },
    stop: () => server.kill(),
  };
}

function answer(request: IncomingMessage, records: Records, bearer: string, lie: Lie | undefined): Reply {
  const url = new URL(request.url ?? '/', 'https://hospital');
  if (!url.pathname.startsWith(`${BASE}/`)) return outcome(404, 'not-found', 'There is nothing here.');
  if (request.method !== 'GET') return outcome(405, 'not-supported', 'This server only reads.');
  const [type = '', id, ...more] = url.pathname.slice(BASE.length + 1).split('/');
  if (type === 'metadata') return fhir(200, capabilities(records));
  if (!isBearer(request.headers.authorization, bearer)) return outcome(401, 'login', 'Show your key.');
  if (more.length > 0) return outcome(400, 'not-supported', 'Only reading and searching are supported.');
  if (!records.has(type)) return outcome(404, 'not-supported', `There are no resources of type ${type}.`);
  const kept = lie === undefined ? records : lyingAbout(records, lie, url, type);
  if (id !== undefined) {
    const resource = records.get(type)?.get(id);
    if (resource === undefined) return outcome(404, 'not-found', `There is no ${type} ${id}.`);
    return fhir(200, lie === undefined ? resource : (anyOther(records, type, id) ?? resource));
  }
  try {
    const parameters = lie === undefined ? url.searchParams : onlyAboutTheResult(url.searchParams);
    return fhir(200, searchset(addressOf(request), search(kept, type, parameters)));
  } catch (error) {
    if (!(error instanceof SearchRefused)) throw error;
    return outcome(400, 'invalid', error.message);
  }
}

function isBearer(header: string | undefined, bearer: string): boolean {
  const shown = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${bearer}`);
  return shown.length === wanted.length && timingSafeEqual(shown, wanted);
}

/** What is answered instead of the truth: somebody else's resources, or everybody's. */
function lyingAbout(records: Records, lie: Lie, url: URL, type: string): Records {
  const all = records.get(type) ?? new Map<string, Resource>();
  if (lie === 'more_than_asked') return records;
  const asked = url.searchParams;
  const hers = new Set(search(records, type, asked).resources.map(({ id }) => id));
  const others = [...all.values()].filter(({ id }) => !hers.has(id));
  const [other] = others;
  const chosen = type === 'Patient' ? others.slice(0, 1) : others.filter((each) => isAboutTheSame(each, other));
  return new Map([[type, new Map(chosen.map((resource) => [resource.id, resource]))]]);
}

function isAboutTheSame(resource: Resource, other: Resource | undefined): boolean {
  const subject = (other?.['subject'] ?? other?.['patient']) as { readonly reference?: string } | undefined;
  return subject?.reference !== undefined && isAbout(resource, subject.reference);
}

function anyOther(records: Records, type: string, id: string): Resource | undefined {
  return [...(records.get(type)?.values() ?? [])].find((resource) => resource.id !== id);
}

function onlyAboutTheResult(parameters: URLSearchParams): URLSearchParams {
  const elements = parameters.get('_elements');
  return new URLSearchParams(elements === null ? {} : { _elements: elements });
}

/** As the client wrote it, so that pages lead back to where it reached us. */
function addressOf(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', `https://${request.headers.host ?? 'localhost'}`);
}

function searchset(url: URL, { resources, total, next }: Found): unknown {
  const link = [{ relation: 'self', url: url.href }];
  if (next !== undefined) {
    const further = new URL(url);
    further.searchParams.set('_offset', String(next));
    link.push({ relation: 'next', url: further.href });
  }
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total,
    link,
    entry: resources.map((resource) => ({
      fullUrl: new URL(`${BASE}/${resource.resourceType}/${resource.id}`, url).href,
      resource,
      search: { mode: 'match' },
    })),
  };
}

function capabilities(records: Records): unknown {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-01-01',
    kind: 'instance',
    implementation: { description: "St. Brigid's Hospital, stand-in" },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    rest: [
      {
        mode: 'server',
        security: { description: 'A bearer key for each client.' },
        resource: [...records.keys()].toSorted().map((type) => ({
          type,
          interaction: [{ code: 'read' }, { code: 'search-type' }],
          searchParam: (type === 'Patient' ? PATIENT_PARAMETERS : RECORD_PARAMETERS).map((name) => ({
            name,
            type: name === 'patient' || name === 'subject' ? 'reference' : 'token',
          })),
        })),
      },
    ],
  };
}

function fhir(status: number, body: unknown): Reply {
  return { status, type: 'application/fhir+json; charset=utf-8', body };
}

function outcome(status: number, code: string, diagnostics: string): Reply {
  return fhir(status, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics }] });
}
