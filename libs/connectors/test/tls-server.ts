import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Identity } from './authority.js';

export interface TestServer {
  readonly base: string;
  /** Method and address of every request, in order. */
  readonly asked: string[];
  /** What answers from now on. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

/** An HTTPS server on this machine that answers as the test tells it; with `clients`, only to their certificates. */
export async function tlsServer(identity: Identity, clients?: string): Promise<TestServer> {
  const asked: string[] = [];
  const server = createServer(
    {
      cert: identity.certificate,
      key: identity.key,
      ...(clients === undefined ? {} : { ca: clients, requestCert: true, rejectUnauthorized: true }),
    },
    (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      test.answer(request, response);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const test: TestServer = {
    base: `https://127.0.0.1:${port}`,
    asked,
    answer: (_, response) => response.writeHead(404).end(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return test;
}

export function json(response: ServerResponse, body: unknown, type = 'application/json'): void {
  response.writeHead(200, { 'content-type': type }).end(typeof body === 'string' ? body : JSON.stringify(body));
}
