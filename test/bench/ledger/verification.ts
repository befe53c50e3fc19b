import path from 'node:path';
import { Client } from 'pg';
import { type Spread, spreadOf } from '../figures.js';
import { createLog } from './databases.js';
import type { Site } from './site.js';
import type { Verified } from './verify.js';

const ROUNDS = 3;
const PROOFS = 400;
/** One of the rounds also exports the whole log: it takes a while. */
const WITH_EXPORT = 1;

export interface Verification {
  readonly ratios: Readonly<Record<string, Spread>>;
  readonly figures: Readonly<Record<string, number>>;
}

/** A log of many entries: read and recomputed, proven, and weighed. */
export async function verification(site: Site, entries: number, dir: string): Promise<Verification> {
  const { server, say, cleanUp } = site;
  say(`Filling a log with ${entries} entries of plain bodies …`);
  const database = await createLog(server, 'bench_verified');
  cleanUp(() => database.close());
  const child = await site.startChild();
  const { seconds } = await child.ask('fill', { url: database.gateway, upTo: entries, entries: 'plain' });
  say(`  ${(entries / seconds).toFixed(0)} entries/s in batches of 2,000`);
  const bytes = await weigh(database.owner, entries);

  say(`Reading and verifying all of them …`);
  const rounds: Verified[] = [];
  const file = path.join(dir, 'export.ndjson');
  for (let round = 0; round < ROUNDS; round += 1) {
    const verified = await child.ask('verify', { url: database.gateway, file, withExport: round === WITH_EXPORT });
    if (verified.size !== entries) throw new Error(`${verified.size} entries were verified`);
    rounds.push(verified);
    const offline = verified.offline === undefined ? '' : `, of an export ${perSecond(entries, verified.offline)}`;
    say(
      `  round ${round + 1}  per CPU-second: raw hashing ${perSecond(entries, verified.raw)} entries, ` +
        `verification ${perSecond(entries, verified.fromDatabase)}${offline}`,
    );
  }
  const proofs = await child.ask('prove', { url: database.gateway, count: PROOFS });
  say(`  ${PROOFS} proofs of ${proofs.size} entries: p50 ${proofs.p50.toFixed(2)} ms, p99 ${proofs.p99.toFixed(2)} ms`);
  await child.stop();
  const exports = rounds.flatMap(({ raw, offline }) => (offline === undefined ? [] : [raw / offline]));
  return {
    ratios: {
      verify_vs_raw_hashing: spreadOf(rounds.map(({ raw, fromDatabase }) => raw / fromDatabase)),
      verify_export_vs_raw_hashing: spreadOf(exports),
    },
    figures: { ...bytes, proof_ms_p50: proofs.p50, proof_ms_p99: proofs.p99 },
  };
}

function perSecond(entries: number, seconds: number): string {
  return `${Math.round(entries / seconds / 1000)}k`;
}

/**
 * Bytes an entry. The tree: the leaf column, and all of the tables of tiles, head and checkpoints with their indexes.
 * What lets content be erased without breaking it: salt and commitment. And the whole: all tables with their indexes.
 */
async function weigh(url: string, entries: number): Promise<Readonly<Record<string, number>>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('VACUUM (ANALYZE) ledger.entry, ledger.content, ledger.tile, ledger.head');
    const { rows } = await client.query<Record<'leaf' | 'erasable' | 'tables' | 'whole', number>>(`
      SELECT
        (SELECT avg(pg_column_size(leaf)) FROM ledger.entry)::float AS leaf,
        ((SELECT avg(pg_column_size(commitment)) FROM ledger.entry)
          + (SELECT avg(pg_column_size(salt)) FROM ledger.content))::float AS erasable,
        (pg_total_relation_size('ledger.tile') + pg_total_relation_size('ledger.head')
          + pg_total_relation_size('ledger.checkpoint'))::float AS tables,
        (SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
          WHERE c.relkind = 'r' AND c.relnamespace = 'ledger'::regnamespace)::float AS whole`);
    const [row] = rows;
    if (row === undefined) throw new Error('there is no log to weigh');
    return {
      tree_bytes_per_entry: row.leaf + row.tables / entries,
      erasable_bytes_per_entry: row.erasable,
      all_bytes_per_entry: row.whole / entries,
    };
  } finally {
    await client.end();
  }
}
