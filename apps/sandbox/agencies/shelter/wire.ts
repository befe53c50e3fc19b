import { randomBytes } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { listen } from '../listen.js';

export type Fault = 'stall' | 'garbage' | 'truncate';

export interface Wire {
  readonly port: number;
  fault: Fault | undefined;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** A port of the shelter's own before its database, so that it can be cut off, held up and garbled as a network can. */
export async function startWire(to: { readonly host: string; readonly port: number }, port: number): Promise<Wire> {
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
      const database = connect(to.port, to.host);
      let open = false;
      for (const [socket, other] of [
        [caller, database],
        [database, caller],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
      }
      caller.pipe(database);
      database.on('data', (chunk: Buffer) => {
        if (open) pass(chunk, caller, own.fault);
        else caller.write(chunk);
        open ||= isReadyForQuery(chunk);
      });
    });
  }
  return own;
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
