import Table from 'cli-table3';
import { type Spread, spreadOf } from '../figures.js';
import type { Result, Results } from './results.js';

const LINES: readonly (readonly [name: string, of: (result: Result) => number, digits: number])[] = [
  ['req/s', ({ perSecond }) => perSecond, 0],
  ['p50, ms', ({ p50 }) => p50, 2],
  ['p99, ms', ({ p99 }) => p99, 2],
  ['CPU, ms a request', ({ cpuMs }) => cpuMs, 3],
  ['… of it PostgreSQL', ({ databaseMs }) => databaseMs, 3],
];

/** Medians over the rounds, and the ratios round by round with the least and the most of them. */
export function tableOf(
  results: Results,
  bytes: { readonly ours: number; readonly floor: number },
  ratio: (connections: number, of: (result: Result) => number) => Spread,
): string {
  const table = new Table({
    head: ['connections', '', 'ours', 'floor', 'ours / floor (least to most)'],
    colAligns: ['right', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const [connections, { ours, floor }] of results) {
    for (const [name, of, digits] of LINES) {
      const { median, least, most } = ratio(connections, of);
      table.push([
        String(connections),
        name,
        spreadOf(ours.map(of)).median.toFixed(digits),
        spreadOf(floor.map(of)).median.toFixed(digits),
        `${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`,
      ]);
    }
  }
  table.push([
    '',
    'bytes stored a disclosure',
    bytes.ours.toFixed(0),
    bytes.floor.toFixed(0),
    (bytes.ours / bytes.floor).toFixed(2),
  ]);
  return table.toString();
}
