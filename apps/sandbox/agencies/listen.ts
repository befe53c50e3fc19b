import type { AddressInfo, Server } from 'node:net';
import { AgencyError } from './error.js';

/** Opens a port on this machine only; 0 takes a free one. Returns the port. */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE'
      ? new AgencyError('AGENCY_PORT_TAKEN', `Port ${port} is taken by another program.`)
      : error;
  });
  return (server.address() as AddressInfo).port;
}
