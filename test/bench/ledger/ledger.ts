import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { startDurablePostgres } from '../../postgres.js';
import { asOwner } from '../../standby.js';
import type { Bench } from '../bench.js';
import { refuseUnlessDurable } from '../exchange/databases.js';
import { rounded, type Spread } from '../figures.js';
import { Child } from './child.js';
import { contest } from './contest.js';
import { SETTINGS } from './databases.js';
import { growth } from './growth.js';
import { replicas } from './replicas.js';
import type { Site } from './site.js';
import { standby } from './standby.js';
import { ratioTable, tableOf } from './table.js';
import { verification } from './verification.js';

/** What is wanted of each figure, in the order in which the last line has them; further ones follow. */
export const WANTED: Readonly<Record<string, string>> = {
  vs_one_tx_128: '≥ 50',
  vs_one_tx_512: '≥ 80',
  vs_plain_batch_512: '≥ 0.5, better 0.7',
  vs_single_row_128: '≥ 3',
  p99_vs_one_tx_128: '≤ 0.067',
  two_replicas_vs_independent: '≥ 0.7',
  sync_standby_vs_async_128: '≥ 0.6',
  verify_vs_raw_hashing: '≥ 0.6',
  tree_bytes_per_entry: '≤ 70',
  growth_append: '≤ 1.5',
  growth_proof: '≤ 1.5',
  p99_two_replicas_vs_independent: '≤ 2',
};

/** The log under load, against the least that could be done without it. README.md says what is measured and why so. */
export const ledger: Bench = async ({ seconds, root, sizes, only, cleanUp, say }) => {
  const folder = path.join(root, '.postern', 'bench');
  mkdirSync(folder, { recursive: true });
  const dir = mkdtempSync(path.join(folder, 'ledger-'));
  cleanUp(async () => rmSync(dir, { recursive: true, force: true }));
  say('Starting PostgreSQL …');
  const starting = startDurablePostgres({ flags: SETTINGS });
  // Also who is interrupted while it starts leaves nothing behind.
  cleanUp(async () => (await starting).discard());
  const server = await starting;
  await asOwner(server, refuseUnlessDurable);
  const site: Site = {
    server,
    cleanUp,
    say,
    seconds,
    async startChild() {
      const child = await Child.start();
      cleanUp(() => child.stop());
      return child;
    },
  };

  const ratios: Record<string, Spread> = {};
  const figures: Record<string, number> = {};
  const parts: Readonly<Record<string, () => Promise<void>>> = {
    async contest() {
      const contested = await contest(site);
      say(tableOf(contested.rows));
      Object.assign(ratios, contested.ratios);
    },
    async replicas() {
      Object.assign(ratios, await replicas(site));
    },
    async standby() {
      Object.assign(ratios, await standby(site));
    },
    async verification() {
      const verified = await verification(site, sizes.entries, dir);
      Object.assign(ratios, verified.ratios);
      Object.assign(figures, verified.figures);
    },
    async growth() {
      Object.assign(ratios, await growth(site, sizes.grown));
    },
  };
  for (const name of only.length === 0 ? Object.keys(parts) : only) {
    const part = parts[name];
    if (part === undefined) throw new Error(`the parts are ${Object.keys(parts).join(', ')}`);
    await part();
  }
  say(ratioTable(ratios, WANTED));
  for (const [name, value] of Object.entries(figures))
    say(`${name.padEnd(42)} ${value.toPrecision(3)}${WANTED[name] === undefined ? '' : `   wanted ${WANTED[name]}`}`);
  for (const [name, { median }] of Object.entries(ratios)) figures[name] = median;
  return inOrder(figures);
};

/** The wanted ones first, and in their order. */
export function inOrder(figures: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const names = new Set([...Object.keys(WANTED), ...Object.keys(figures)]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const value = figures[name];
      return value === undefined ? [] : [[name, rounded(value)]];
    }),
  );
}
