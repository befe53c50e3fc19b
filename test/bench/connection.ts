import { connect, type TLSSocket } from 'node:tls';

/** Where a server listens, and what a client shows it. */
export interface Peer {
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * One keep-alive connection over mutual TLS, one request at a time. Written by hand over the socket, because the client
 * shares the machine's cores with what it measures: `node:https` would cost more than the server's own share.
 */
export class Connection {
  readonly #socket: TLSSocket;
  #received: Buffer | undefined;
  #expected: number | undefined;
  #bodyAt = 0;
  #answer: ((reply: Reply) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#fail?.(error));
    socket.on('close', () => this.#fail?.(new Error('the server closed a connection')));
  }

  static open({ port, ca, cert, key }: Peer): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca, cert, key });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket));
      });
    });
  }

  send(request: Uint8Array, answer: (reply: Reply) => void, fail: (error: Error) => void): void {
    this.#answer = answer;
    this.#fail = fail;
    this.#socket.write(request);
  }

  ask(request: Uint8Array): Promise<Reply> {
    return new Promise((resolve, reject) => this.send(request, resolve, reject));
  }

  close(): void {
    this.#fail = undefined;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const received = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk]);
    this.#received = received;
    if (this.#expected === undefined) {
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /\r\ncontent-length: *(\d+)/i.exec(received.toString('latin1', 0, end))?.[1];
      if (length === undefined) {
        this.#fail?.(new Error('a server answered without saying how much'));
        return;
      }
      this.#bodyAt = end + 4;
      this.#expected = this.#bodyAt + Number(length);
    }
    if (received.length < this.#expected) return;
    const reply = {
      status: Number(received.toString('latin1', 9, 12)),
      body: received.subarray(this.#bodyAt, this.#expected),
    };
    this.#received = undefined;
    this.#expected = undefined;
    this.#answer?.(reply);
  }
}

/** A request as it goes over the wire. */
export function requestOf(path: string, caller: string, body: string): Buffer {
  const head =
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\npostern-caller: ${caller}\r\n\r\n`;
  return Buffer.from(head + body);
}
