import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Misbehaviour } from './agency.js';
import type { Identity } from './authority.js';
import { listen } from './listen.js';

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

/** How a lie is told is the agency's own affair; the rest is done here, for everything it replies. */
export type Lie = Extract<Misbehaviour, 'somebody_else' | 'more_than_asked'>;

/** Replies, or answers by itself and returns nothing. */
export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  lie: Lie | undefined,
) => Reply | undefined | Promise<Reply | undefined>;

export interface HttpsServerOptions {
  readonly identity: Identity;
  /** 0 takes a free one. */
  readonly port: number;
  readonly answer: Answer;
  /** What it says when it will not answer. */
  readonly refusal: Reply;
  readonly failure: Reply;
}

export interface HttpsServer {
  readonly origin: string;
  misbehaviour: Misbehaviour | undefined;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** A server of one agency that fails as it is told. */
export async function startHttpsServer(options: HttpsServerOptions): Promise<HttpsServer> {
  let server = create();
  const port = await listen(server, options.port);
  const own: HttpsServer = {
    origin: `https://127.0.0.1:${port}`,
    misbehaviour: undefined,
    async kill() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    async restart() {
      if (server.listening) return;
      server = create();
      await listen(server, port);
    },
  };

  function create(): Server {
    const { certificate, privateKey } = options.identity;
    return createServer({ cert: certificate, key: privateKey, minVersion: 'TLSv1.2' }, (request, response) => {
      void answer(request, response);
    });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const how = own.misbehaviour;
    switch (how) {
      case 'stall':
        return;
      case 'refuse':
        return send(response, options.refusal);
      case 'garbage':
        response.writeHead(200, { 'content-type': options.refusal.type });
        response.end('\u0000\u0001{"resourceType": "Pati\ufffd');
        return;
      case 'truncate':
      case 'somebody_else':
      case 'more_than_asked':
      case undefined: {
        const reply = await replyTo(request, response, how);
        if (reply === undefined) return;
        if (how === 'truncate') sendHalf(response, reply);
        else send(response, reply);
      }
    }
  }

  async function replyTo(
    request: IncomingMessage,
    response: ServerResponse,
    how: Misbehaviour | undefined,
  ): Promise<Reply | undefined> {
    try {
      const lie = how === 'somebody_else' || how === 'more_than_asked' ? how : undefined;
      return await options.answer(request, response, lie);
    } catch (error) {
      console.error(error);
      return options.failure;
    }
  }
  return own;
}

function send(response: ServerResponse, { status, type, body }: Reply): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length });
  response.end(bytes);
}

/** Promises the whole and breaks off in the middle. */
function sendHalf(response: ServerResponse, { status, type, body }: Reply): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
}
