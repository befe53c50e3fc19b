import { Agent, fetch, request } from 'undici';
import { ConnectorError } from './error.js';
import type { Limits } from './mapping.js';
import { NotJson, parseJson } from './parse-json.js';

/** How an agency's server is reached over HTTPS. */
export interface HttpsAccess {
  /** Address below which everything lies, such as `https://fhir.st-brigid.example/r4`. */
  readonly base: string;
  /** The authority that vouches for the server, PEM, where it is not a public one. */
  readonly authority?: string;
  /** Our certificate and its key, PEM, where the server wants to know us by one. */
  readonly certificate?: string;
  readonly key?: string;
}

export type Got =
  | { readonly kind: 'found'; readonly body: unknown }
  /** The server knows no such thing. */
  | { readonly kind: 'absent' }
  /** It does not accept our credentials. */
  | { readonly kind: 'unauthorised' };

/** Bytes that may still come in answer to one question. */
export interface Budget {
  bytes: number;
}

/** Connections to one server, kept open between questions. */
export class Https {
  readonly #source: string;
  readonly #agent: Agent;
  /** Ends in a slash, so that what is below it can be told by its beginning. */
  readonly base: URL;

  constructor(source: string, access: HttpsAccess, limits: Limits) {
    this.#source = source;
    this.base = addressOf(source, access.base);
    this.#agent = new Agent({
      connect: {
        ca: access.authority,
        cert: access.certificate,
        key: access.key,
        timeout: limits.deadline,
        minVersion: 'TLSv1.2',
      },
      connections: limits.atOnce,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: 16 * 1024,
      // A second fence behind our own count, and the only one before what `fetch` returns.
      maxResponseSize: limits.size,
    });
  }

  /** Reads one JSON document. Redirects are refused: a source does not send us, and our token, elsewhere. */
  async getJson(
    url: URL,
    accept: readonly string[],
    authorization: string | undefined,
    budget: Budget,
    stop: AbortSignal,
  ): Promise<Got> {
    if (url.origin !== this.base.origin || !url.pathname.startsWith(this.base.pathname) || url.username !== '')
      throw this.#garbage('points to another server');
    try {
      const response = await request(url, {
        dispatcher: this.#agent,
        signal: stop,
        headers: {
          accept: accept.join(', '),
          'accept-encoding': 'identity',
          ...(authorization === undefined ? {} : { authorization }),
        },
      });
      const { statusCode, headers, body } = response;
      if (statusCode !== 200) {
        // Not read: whatever an error page says, it must not be logged.
        body.on('error', () => undefined).destroy();
        return this.#withoutBody(statusCode);
      }
      const [type = ''] = String(headers['content-type'] ?? '')
        .toLowerCase()
        .split(';', 1);
      const encoding = headers['content-encoding'] ?? 'identity';
      if (!accept.includes(type.trim()) || encoding !== 'identity') {
        body.on('error', () => undefined).destroy();
        throw this.#garbage('answered with another kind of content than asked for');
      }
      return { kind: 'found', body: this.#parse(await this.#whole(body, budget)) };
    } catch (error) {
      throw this.inOurWords(error);
    }
  }

  /** For a library that brings its own idea of HTTP. */
  readonly fetch = async (
    url: string,
    options: {
      readonly method: string;
      readonly headers: Record<string, string>;
      readonly body?: unknown;
      readonly signal?: AbortSignal;
    },
  ): Promise<Response> => {
    const { method, headers, body, signal } = options;
    // Both speak of the same Fetch standard; only the packages that declare their types differ.
    return (await fetch(url, {
      method,
      headers,
      body: body instanceof URLSearchParams ? body.toString() : null,
      redirect: 'manual',
      dispatcher: this.#agent,
      ...(signal === undefined ? {} : { signal }),
    })) as unknown as Response;
  };

  async #whole(body: AsyncIterable<Buffer>, budget: Budget): Promise<Buffer> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of body) {
        budget.bytes -= chunk.length;
        if (budget.bytes < 0) throw new ConnectorError('SOURCE_TOO_LARGE', `${this.#source} sent more than it may`);
        chunks.push(chunk);
      }
    } catch (error) {
      const fault = this.inOurWords(error);
      // Half an answer is none, even where the half would parse.
      throw fault.code === 'SOURCE_UNREACHABLE' ? this.#garbage('broke off in the middle of its answer', true) : fault;
    }
    return Buffer.concat(chunks);
  }

  #parse(bytes: Buffer): unknown {
    try {
      return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch (error) {
      throw this.#garbage(
        error instanceof NotJson
          ? `answered with something that ${error.message}`
          : 'answered with something that is not UTF-8',
      );
    }
  }

  #withoutBody(status: number): Got {
    if (status === 404 || status === 410) return { kind: 'absent' };
    if (status === 401) return { kind: 'unauthorised' };
    const wholeSource = status >= 500 || status === 429;
    throw new ConnectorError('SOURCE_REFUSED', `${this.#source} answered with status ${status}`, { wholeSource });
  }

  #garbage(what: string, wholeSource = false): ConnectorError {
    return new ConnectorError('SOURCE_GARBAGE', `${this.#source} ${what}`, { wholeSource });
  }

  /** What the transport says went wrong. Its own message may quote addresses and is dropped. */
  inOurWords(error: unknown): ConnectorError {
    if (error instanceof ConnectorError) return error;
    const words = causes(error);
    const says = (...known: readonly string[]) => words.some((word) => known.includes(word));
    if (says('UND_ERR_RES_EXCEEDED_MAX_SIZE', 'UND_ERR_HEADERS_OVERFLOW'))
      return new ConnectorError('SOURCE_TOO_LARGE', `${this.#source} sent more than it may`);
    if (
      says(
        'UND_ERR_HEADERS_TIMEOUT',
        'UND_ERR_BODY_TIMEOUT',
        'UND_ERR_CONNECT_TIMEOUT',
        'UND_ERR_ABORTED',
        'AbortError',
        'TimeoutError',
      )
    )
      return new ConnectorError('SOURCE_TIMEOUT', `${this.#source} did not answer in time`, { wholeSource: true });
    if (says('UND_ERR_RES_CONTENT_LENGTH_MISMATCH') || words.some((word) => word.startsWith('HPE_')))
      return this.#garbage('does not speak HTTP');
    const word = words.find((each) => /^[A-Z0-9_]{2,60}$/.test(each)) ?? 'unknown';
    return new ConnectorError('SOURCE_UNREACHABLE', `${this.#source} cannot be reached (${word})`, {
      wholeSource: true,
    });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function addressOf(source: string, base: string): URL {
  const url = URL.canParse(base) ? new URL(base.endsWith('/') ? base : `${base}/`) : undefined;
  if (url?.protocol !== 'https:' || url.search !== '' || url.hash !== '' || url.username !== '')
    throw new ConnectorError('ACCESS_INVALID', `${source}: the address begins with https:// and has no query`);
  return url;
}

/** Codes and names of an error and of what it rests on, such as `ECONNREFUSED`. */
export function causes(error: unknown): readonly string[] {
  const words: string[] = [];
  let at: unknown = error;
  for (let depth = 0; depth < 6 && typeof at === 'object' && at !== null; depth++) {
    const { code, name, cause } = at as { readonly code?: unknown; readonly name?: unknown; readonly cause?: unknown };
    for (const word of [code, name]) if (typeof word === 'string') words.push(word);
    at = cause;
  }
  return words;
}
