import { Agent, request as send } from 'node:https';
import type { KeyObject } from 'node:crypto';
import { type AgencyId, type OfficerId, type Role, type UnitId, instantOf } from '#terms';
import { CALLER_HEADER, signCaller } from '#web';

/** One agency's certificate and the key with which its systems sign who of its people asks. */
export interface Identity {
  readonly agency: AgencyId;
  readonly title: string;
  readonly certificate: string;
  readonly privateKey: string;
  readonly kid: string;
  readonly callerKey: KeyObject;
}

export interface Person {
  readonly officer: string;
  readonly role: string;
  readonly unit?: string;
}

export interface Reply {
  readonly status: number;
  /** Header lines and body as they came, for whoever compares bytes. */
  readonly headers: readonly string[];
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/**
 * What an agency's system does to reach Postern: mutual TLS, and a signature over who asks, for each request. Of several
 * gateways it asks each in turn, and the next where nobody listens any more.
 */
export class Client {
  readonly agency: AgencyId;
  readonly title: string;
  readonly #identity: Identity;
  readonly #addresses: readonly string[];
  #turn = 0;
  readonly #agent: Agent;

  constructor(identity: Identity, addresses: readonly string[], authority: string) {
    this.agency = identity.agency;
    this.title = identity.title;
    this.#identity = identity;
    this.#addresses = addresses;
    const { certificate: cert, privateKey: key } = identity;
    this.#agent = new Agent({ keepAlive: true, ca: authority, cert, key, minVersion: 'TLSv1.3' });
  }

  get(person: Person, path: string): Promise<Reply> {
    return this.#ask(person, 'GET', path, '');
  }

  post(person: Person, path: string, body: unknown): Promise<Reply> {
    return this.#ask(person, 'POST', path, JSON.stringify(body));
  }

  close(): void {
    this.#agent.destroy();
  }

  #ask(person: Person, method: string, path: string, text: string): Promise<Reply> {
    const body = Buffer.from(text);
    const { kid, callerKey: key } = this.#identity;
    const caller = {
      kid,
      key,
      officer: person.officer as OfficerId,
      role: person.role as Role,
      ...(person.unit !== undefined && { unit: person.unit as UnitId }),
    };
    const signature = signCaller(caller, { method, path, body }, instantOf(Date.now()));
    const headers = {
      [CALLER_HEADER]: signature,
      ...(body.length > 0 && { 'content-type': 'application/json', 'content-length': body.length }),
    };
    return this.#send(method, path, headers, body, this.#addresses.length);
  }

  async #send(method: string, path: string, headers: object, body: Buffer, tries: number): Promise<Reply> {
    const address = this.#addresses[this.#turn % this.#addresses.length] ?? '';
    this.#turn += 1;
    try {
      return await this.#sendTo(`${address}${path}`, method, headers, body);
    } catch (error) {
      // Only where nothing can have arrived: what was sent and not answered may have been done.
      const gone = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
      if (!gone || tries <= 1) throw error;
      return this.#send(method, path, headers, body, tries - 1);
    }
  }

  #sendTo(url: string, method: string, headers: object, body: Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const request = send(url, { method, agent: this.#agent, headers: { ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(replyOf(response.statusCode ?? 0, response.rawHeaders, chunks)));
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

function replyOf(status: number, headers: readonly string[], chunks: readonly Buffer[]): Reply {
  const text = Buffer.concat(chunks).toString('utf8');
  const isJson = text.startsWith('{');
  return { status, headers, text, json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {} };
}
