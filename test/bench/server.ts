import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A server under test in a process of its own. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

const PATIENCE_MS = 30_000;
const MAY_TAKE_TO_END_MS = 5_000;

/**
 * Starts a compiled program and waits until a line of its standard error says on which port it listens; its other lines
 * are passed on. It is told to end when `stop` is called.
 */
export function startProgram(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  portIn: (line: string) => string | undefined,
): Promise<Server> {
  const child = spawn(process.execPath, ['--enable-source-maps', ...command], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    // Ctrl-C reaches us alone; we end what we started, in our order.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // Where we end without a word, a server must not stay.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  void ended.then(() => process.off('exit', kill));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const force = setTimeout(kill, MAY_TAKE_TO_END_MS);
    await ended;
    clearTimeout(force);
  };
  return new Promise((resolve, reject) => {
    const failed = (why: string): void => reject(new Error(`${command[0]} ${why}`));
    const timer = setTimeout(() => void stop().then(() => failed('does not start')), PATIENCE_MS);
    child.once('error', reject);
    void ended.then(() => failed(`ended with ${child.exitCode}`));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const port = portIn(line);
      if (port === undefined) {
        if (!line.includes('"event":"closing"')) console.error(line);
        return;
      }
      clearTimeout(timer);
      resolve({ pid: child.pid as number, port: Number(port), stop });
    });
  });
}
