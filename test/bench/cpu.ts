import { readdirSync, readFileSync } from 'node:fs';

/** One process as `/proc/PID/stat` shows it. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of its threads, in clock ticks. */
  readonly ticks: number;
  /** The same of its children that have ended and were waited for. */
  readonly ticksOfEnded: number;
}

/** `USER_HZ`, which Linux shows times in on every machine that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Reads one line of proc(5). The name of the command may hold spaces and brackets: the last one ends it. */
export function parseStat(line: string): ProcessStat {
  const named = line.lastIndexOf(')');
  const fields = line.slice(named + 2).split(' ');
  // Counted from the state, which proc(5) calls the third field.
  const field = (number: number): number => Number(fields[number - 3]);
  const stat = {
    pid: Number.parseInt(line, 10),
    parent: field(4),
    ticks: field(14) + field(15),
    ticksOfEnded: field(16) + field(17),
  };
  if (named < 0 || Object.values(stat).some((value) => !Number.isSafeInteger(value)))
    throw new TypeError('this is no line of /proc/PID/stat');
  return stat;
}

/** CPU seconds of one process. */
export function cpuOfProcess(pid: number): number {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).ticks / TICKS_PER_SECOND;
}

/** CPU seconds of a process, its living children and all that have ended: of a postmaster, the whole server. */
export function cpuOfFamily(pid: number): number {
  return familyTicks(pid, everyProcess()) / TICKS_PER_SECOND;
}

export function familyTicks(pid: number, processes: readonly ProcessStat[]): number {
  let ticks = 0;
  for (const each of processes) if (each.pid === pid || each.parent === pid) ticks += each.ticks + each.ticksOfEnded;
  return ticks;
}

function everyProcess(): readonly ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [parseStat(readFileSync(`/proc/${name}/stat`, 'utf8'))];
      } catch {
        // It ended between the two readings.
        return [];
      }
    });
}
