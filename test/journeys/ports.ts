import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * The first of so many free ports in a row. Drawn from below where the system takes its own from, so that what starts
 * beside us does not take one of them meanwhile.
 */
export async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < 50; tries += 1) {
    const first = randomInt(12_000, 31_000);
    const taken = await Promise.all(Array.from({ length: count }, (_, i) => listen(first + i)));
    await Promise.all(taken.map((server) => (server === undefined ? Promise.resolve() : closed(server))));
    if (taken.every((server) => server !== undefined)) return first;
  }
  throw new Error(`there are no ${count} free ports in a row`);
}

/** Holds a port until it is let go; undefined where somebody else does. */
export function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
