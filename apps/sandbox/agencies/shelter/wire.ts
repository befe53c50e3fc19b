import { randomBytes } from 'node:crypto';
import { connect, createServer, isIP, type Server, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { listen } from '../listen.js';

export type Fault = 'stall' | 'garbage' | 'truncate';

export interface Wire {
  readonly port: number;
  fault: Fault | undefined;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

export interface Beyond {
  readonly host: string;
  readonly port: number;
  /** The shelter's own server is reached on this machine without; a county's may want it. */
  readonly tls: ConnectionOptions | false;
}

/** A port of the shelter's own before its database, so that it can be cut off, held up and garbled as a network can. */
export async function startWire(to: Beyond, port: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let server = create();
  const own: Wire = {
    port: await listen(server, port),
    fault: undefined,
    async kill() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async restart() {
      if (server.listening) return;
      server = create();
      await listen(server, own.port);
    },
  };

  function create(): Server {
    return createServer((caller) => {
      const line = connect(to.port, to.host);
      for (const [socket, other] of [
        [caller, line],
        [line, caller],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
      }
      whenPrivate(line, to, (database) => {
        let open = false;
        caller.pipe(database);
        database.on('data', (chunk: Buffer) => {
          if (open) pass(chunk, caller, own.fault);
          else caller.write(withoutBinding(chunk));
          open ||= isReadyForQuery(chunk);
        });
      });
    });
  }
  return own;
}

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** A server that wants TLS is asked for it in PostgreSQL's own words first, and says `S` where it agrees. */
function whenPrivate(line: Socket, { host, tls }: Beyond, go: (database: Socket) => void): void {
  if (tls === false) return go(line);
  line.once('connect', () => line.write(SSL_REQUEST));
  line.once('data', (answer: Buffer) => {
    if (answer.toString('latin1') !== 'S') return void line.destroy();
    const database = connectTls({ ...tls, socket: line, host, ...(isIP(host) === 0 && { servername: host }) });
    database.on('error', () => undefined);
    go(database);
  });
}

const BINDING = Buffer.from('SCRAM-SHA-256-PLUS\0');

/** Behind TLS a server offers to bind the password to it; whoever comes to us without TLS must not be offered that. */
function withoutBinding(chunk: Buffer): Buffer {
  const at = chunk.indexOf(BINDING);
  if (at < 0 || chunk[0] !== 0x52) return chunk;
  const offer = Buffer.concat([chunk.subarray(0, at), chunk.subarray(at + BINDING.length)]);
  offer.writeInt32BE(offer.readInt32BE(1) - BINDING.length, 1);
  return offer;
}

/** PostgreSQL's message after which a session takes queries; faults begin there, so that connecting still works. */
function isReadyForQuery(chunk: Buffer): boolean {
  return chunk.length >= 6 && chunk.readUIntBE(chunk.length - 6, 5) === 0x5a00000005;
}

function pass(chunk: Buffer, caller: Socket, fault: Fault | undefined): void {
  switch (fault) {
    case undefined:
      caller.write(chunk);
      return;
    case 'stall':
      return;
    case 'garbage':
      caller.write(randomBytes(chunk.length));
      return;
    case 'truncate':
      caller.write(chunk.subarray(0, chunk.length >> 1), () => caller.destroy());
  }
}
