import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** `epoll_wait`, `epoll_pwait` and `epoll_pwait2`, as the kernel numbers them on this machine. */
const WAITING = process.arch === 'arm64' ? ['22', '441'] : ['232', '281', '441'];

/**
 * Stops a Node process while it waits for events, so that no step of it is cut in two: what it looked at and what it did
 * about that lie both before or both after. A stop anywhere else is taken back at once, and tried again.
 */
export async function stopBetweenTurns(pid: number): Promise<void> {
  for (;;) {
    await until(pid, 'S');
    process.kill(pid, 'SIGSTOP');
    await until(pid, 'T');
    if (WAITING.includes(systemCallOf(pid))) return;
    process.kill(pid, 'SIGCONT');
    await sleep(1);
  }
}

async function until(pid: number, state: 'S' | 'T'): Promise<void> {
  while (stateOf(pid) !== state) await nextTurn();
}

/** `S` where the main thread sleeps, `R` where it runs, `T` where it was stopped. */
function stateOf(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8');
  // The name of a program may hold spaces and brackets; what follows the last bracket does not.
  return stat[stat.lastIndexOf(')') + 2];
}

/** The call into the kernel in which the main thread was stopped; `-1` where it was in none. */
function systemCallOf(pid: number): string {
  return readFileSync(`/proc/${pid}/task/${pid}/syscall`, 'utf8').split(' ', 1)[0] ?? '';
}
