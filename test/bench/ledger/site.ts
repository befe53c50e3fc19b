import type { DurablePostgres } from '../../postgres.js';
import { cpuOfFamily } from '../cpu.js';
import type { Child } from './child.js';
import type { Database } from './databases.js';
import type { Order } from './drive.js';

/** What every part of the benchmark runs on. */
export interface Site {
  readonly server: DurablePostgres;
  /** A process that ends with the benchmark. */
  readonly startChild: () => Promise<Child>;
  /** Something that is to be ended with the benchmark. */
  readonly cleanUp: (end: () => Promise<unknown>) => void;
  readonly say: (line: string) => void;
  readonly seconds: number;
}

/** A process with a contender open, and the database that it writes to. */
export interface Loaded {
  readonly child: Child;
  readonly database: Database;
}

/** What one window gave; of several processes together. */
export interface Result {
  readonly perSecond: number;
  /** Milliseconds; of several processes the worst. */
  readonly p50: number;
  readonly p99: number;
  /** CPU microseconds an entry: of the processes under load, and of PostgreSQL. */
  readonly nodeCpu: number;
  readonly databaseCpu: number;
}

/** One window of load; everything that it acknowledged is looked for in the databases before this returns. */
export async function runWindow(server: DurablePostgres, loaded: readonly Loaded[], order: Order): Promise<Result> {
  const before = cpuOfFamily(server.pid);
  const measured = await Promise.all(loaded.map(({ child }) => child.ask('run', order)));
  const databaseCpu = cpuOfFamily(server.pid) - before;
  for (const database of new Set(loaded.map((each) => each.database))) {
    const its = measured.filter((_, i) => loaded[i]?.database === database);
    await database.check(
      sum(its.map(({ acknowledged }) => acknowledged)),
      its.reduce((marks, each) => marks ^ each.marks, 0),
    );
  }
  const acknowledged = sum(measured.map((each) => each.acknowledged));
  return {
    perSecond: sum(measured.map(({ perSecond }) => perSecond)),
    p50: Math.max(...measured.map(({ p50 }) => p50)),
    p99: Math.max(...measured.map(({ p99 }) => p99)),
    nodeCpu: (sum(measured.map(({ cpu }) => cpu)) * 1e6) / acknowledged,
    databaseCpu: (databaseCpu * 1e6) / acknowledged,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
