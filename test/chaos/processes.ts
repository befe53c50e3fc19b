import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** CLOCK_MONOTONIC in milliseconds: the one clock of everything that is compared. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** The processes that this one has started, and theirs, itself first. */
export function familyOf(pid: number): readonly number[] {
  const parents = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const child = Number(entry);
    if (!Number.isInteger(child)) continue;
    const parent = parentOf(child);
    if (parent !== undefined) parents.set(parent, [...(parents.get(parent) ?? []), child]);
  }
  const family = [pid];
  for (let i = 0; i < family.length; i += 1) family.push(...(parents.get(family[i] ?? 0) ?? []));
  return family;
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** `S` where it sleeps, `R` where it runs, `T` where it was stopped, `Z` or nothing where it has ended. */
export function stateOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat[stat.lastIndexOf(')') + 2];
  } catch {
    return undefined;
  }
}

export function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
}

/** Returns once it holds; throws after `patience` milliseconds, and says what was waited for. */
export async function until(holds: () => boolean, what: string, patience = 30_000): Promise<void> {
  for (const over = now() + patience; !holds(); await sleep(5))
    if (now() > over) throw new Error(`in vain for ${Math.round(patience / 1000)} s: ${what}`);
}

/** Runs a command to its end and returns what it printed. */
export function run(command: string, ...words: readonly string[]): string {
  return execFileSync(command, [...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
