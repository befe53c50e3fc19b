import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { AgencyId } from '#terms';
import { CHECKOUT } from '../../checkout.js';
import type { Started } from '../agency.js';
import type { CountyAuthority } from '../authority.js';
import { type Lie, type Reply, startHttpsServer } from '../https-server.js';
import { type AuthorizationServer, startAuthorization } from './authorization.js';
import { INCIDENTS, ORDERS, type OrderRecord, PEOPLE, type PersonRecord } from './records.js';

const API = '/api/v1';
/** Where the authorization server's own paths begin. */
const OAUTH = '/oauth';

export interface PoliceOptions {
  readonly authority: CountyAuthority;
  readonly port: number;
}

/** The county police: a records system with a JSON API over HTTPS, behind OAuth 2.0 client credentials. */
export async function startPolice({ authority, port }: PoliceOptions): Promise<Started> {
  const oauth: { server?: AuthorizationServer } = {};
  const server = await startHttpsServer({
    identity: await authority.issue(),
    port,
    refusal: problem(403, 'This client may not read records.'),
    failure: problem(500, 'The records system failed.'),
    answer: (request, response, lie) => answer(oauth.server, request, response, lie),
  });
  const issuer = `${server.origin}${OAUTH}`;
  oauth.server = await startAuthorization(issuer);
  return {
    standIn: {
      agency: 'county-police' as AgencyId,
      title: 'County Police (REST behind OAuth 2.0)',
      address: `${server.origin}${API}`,
      mappingFile: join(CHECKOUT, 'apps', 'sandbox', 'agencies', 'police', 'mapping.yaml'),
      access: {
        protocol: 'rest',
        base: `${server.origin}${API}`,
        tokenEndpoint: `${issuer}/token`,
        clientId: oauth.server.clientId,
        clientSecret: oauth.server.clientSecret,
        authority: authority.certificate,
      },
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

async function answer(
  oauth: AuthorizationServer | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  lie: Lie | undefined,
): Promise<Reply | undefined> {
  const { pathname } = new URL(request.url ?? '/', 'https://police');
  if (oauth === undefined) return problem(503, 'Starting.');
  if (pathname.startsWith(`${OAUTH}/`)) {
    // Mounted below a path, the authorization server finds the whole one in `originalUrl`.
    Object.assign(request, { originalUrl: request.url, url: request.url?.slice(OAUTH.length) });
    oauth.handle(request, response);
    return undefined;
  }
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined || !(await oauth.admits(token))) return problem(401, 'Fetch a token first.');
  if (request.method !== 'GET') return problem(405, 'Records are only read here.');
  const [, id, about, ...more] = pathname.startsWith(`${API}/people/`) ? pathname.slice(API.length + 1).split('/') : [];
  const asked = PEOPLE.find((person) => person.id === decodeURIComponent(id ?? ''));
  if (asked === undefined || more.length > 0) return problem(404, 'There is no such record.');
  return recordOf(asked, about, lie);
}

/** A lying system answers about somebody else, or adds everybody's records to hers. */
function recordOf(asked: PersonRecord, about: string | undefined, lie: Lie | undefined): Reply {
  const person = lie === 'somebody_else' ? (PEOPLE.find(({ id }) => id !== asked.id) ?? asked) : asked;
  const people = lie === 'more_than_asked' ? PEOPLE : [person];
  const ids = people.map(({ id }) => id);
  const named = lie === 'more_than_asked' ? ids : person.id;
  switch (about) {
    case undefined:
      return json(lie === 'more_than_asked' ? { ...person, id: named, people } : person);
    case 'incidents': {
      const incidents = INCIDENTS.filter(({ involved }) => involved.some((each) => ids.includes(each.person)));
      return json({ person: named, incidents });
    }
    case 'orders': {
      const orders = ORDERS.filter(({ protects, restrains }) =>
        [...protects, restrains].some((each) => ids.includes(each)),
      );
      return json({ person: named, orders: orders.map(withNames) });
    }
    default:
      return problem(404, 'There is no such record.');
  }
}

function withNames(order: OrderRecord): unknown {
  return { ...order, protects: order.protects.map(nameOf), restrains: nameOf(order.restrains) };
}

function nameOf(id: string): string {
  const name = PEOPLE.find((person) => person.id === id)?.name;
  return name === undefined ? id : `${name.first} ${name.last}`;
}

function json(body: unknown): Reply {
  return { status: 200, type: 'application/json', body };
}

function problem(status: number, title: string): Reply {
  return { status, type: 'application/problem+json', body: { title, status } };
}
