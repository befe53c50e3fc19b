import { fork } from 'node:child_process';

/** A server under test in a process of its own. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

const PATIENCE_MS = 30_000;
const MAY_TAKE_TO_END_MS = 5_000;

/** Starts a compiled program, hands it its orders, and waits until it says where it listens. It ends when we do. */
export function startServer(program: string, orders: object): Promise<Server> {
  const child = fork(program, { execArgv: ['--enable-source-maps'], stdio: ['ignore', 2, 2, 'ipc'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), MAY_TAKE_TO_END_MS);
    await ended;
    clearTimeout(force);
  };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => void stop().then(() => reject(new Error(`${program} does not start`))), PATIENCE_MS);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
    child.once('message', (said: { readonly port: number }) => {
      clearTimeout(timer);
      resolve({ pid: child.pid as number, port: said.port, stop });
    });
    child.send(orders);
  });
}
