import Table from 'cli-table3';
import { type Spread, spreadOf } from '../figures.js';
import type { Contest } from './contest.js';

/** Medians over the rounds. */
export function tableOf(rows: Contest['rows']): string {
  const table = new Table({
    head: ['producers', '', 'entries/s', 'p50, ms', 'p99, ms', 'CPU µs, Node', '… PostgreSQL'],
    colAligns: ['right', 'left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, producers, results } of rows) {
    const median = (of: (result: (typeof results)[number]) => number, digits: number): string =>
      spreadOf(results.map(of)).median.toFixed(digits);
    table.push([
      String(producers),
      name,
      median(({ perSecond }) => perSecond, 0),
      median(({ p50 }) => p50, 2),
      median(({ p99 }) => p99, 1),
      median(({ nodeCpu }) => nodeCpu, 1),
      median(({ databaseCpu }) => databaseCpu, 1),
    ]);
  }
  return table.toString();
}

/** Ratios, each taken within a round: the middle one, and how far they lay apart. */
export function ratioTable(ratios: Readonly<Record<string, Spread>>, wanted: Readonly<Record<string, string>>): string {
  const table = new Table({
    head: ['ratio', 'median', 'least to most', 'wanted'],
    colAligns: ['left', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const [name, { median, least, most }] of Object.entries(ratios))
    table.push([name, median.toPrecision(3), `${least.toPrecision(3)} to ${most.toPrecision(3)}`, wanted[name] ?? '']);
  return table.toString();
}
