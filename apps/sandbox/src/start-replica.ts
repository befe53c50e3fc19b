import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { GatewayConfig } from '../../gateway/src/config.js';
import { SandboxError } from './error.js';

/** What a gateway in a process of its own is told: everything but functions, and its key as PKCS #8 in PEM. */
export interface ReplicaOrders extends Omit<GatewayConfig, 'ledger' | 'log'> {
  readonly ledger: Omit<GatewayConfig['ledger'], 'key'> & { readonly key: string };
}

export type FromReplica = { readonly ready: true } | { readonly listening: true } | { readonly why: string };

export interface Replica {
  readonly address: string;
  readonly port: number;
  /** For whoever wants to see what its end does to the others. */
  readonly pid: number;
  close(): Promise<void>;
}

/**
 * Starts a gateway in a process of its own and returns when it listens. Throws `SandboxError` with its own sentence where
 * it does not.
 */
export async function startReplica({ log, ledger, ...config }: GatewayConfig): Promise<Replica> {
  const child = fork(join(import.meta.dirname, 'gateway-process.js'), {
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  child.stdout?.on('data', (chunk: Buffer) => log(chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const key = ledger.key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const orders: ReplicaOrders = { ...config, ledger: { ...ledger, key } };
  const { host, port } = config.listen;
  await new Promise<void>((resolve, reject) => {
    void ended.then(() => reject(new SandboxError(`The gateway for port ${port} ended before it listened.`)));
    child.on('message', (message: FromReplica) => {
      if ('ready' in message) child.send(orders);
      else if ('listening' in message) resolve();
      else reject(new SandboxError(message.why));
    });
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    address: `https://${host}:${port}`,
    port,
    pid: child.pid ?? 0,
    async close() {
      // Stopped by somebody who tries things, it would not hear that it is to end.
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
