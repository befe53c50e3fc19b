import { Pool } from 'pg';
import { LedgerError, planConsistency, planInclusion, ProofPlan } from '#ledger';

// The hashes of every run, in one statement: leaves come from the entries, hashes of higher levels are roots of tiles.
const RUNS = `
SELECT string_agg(hash, ''::bytea ORDER BY at) AS hashes
  FROM unnest($1::int[], $2::bigint[], $3::int[]) WITH ORDINALITY AS run (level, first, count, position)
  LEFT JOIN LATERAL (
    SELECT seq AS at, leaf AS hash FROM ledger.entry
      WHERE run.level = 0 AND seq >= run.first AND seq < run.first + run.count
    UNION ALL
    SELECT index, root FROM ledger.tile
      WHERE run.level > 0 AND level = run.level - 1 AND index >= run.first AND index < run.first + run.count
  ) AS hashed ON true
  GROUP BY position ORDER BY position`;

/**
 * The proof that the entry at `index` is in the log of `size` entries, `size` being that of a signed checkpoint. Two
 * range scans for each eight levels of the tree, however large it is.
 */
export function proveInclusion(pool: Pool, index: number, size: number): Promise<Uint8Array[]> {
  return prove(pool, planInclusion(index, size));
}

/** The proof that the log of `size` entries begins with the log of `earlier` entries. */
export function proveConsistency(pool: Pool, earlier: number, size: number): Promise<Uint8Array[]> {
  return prove(pool, planConsistency(earlier, size));
}

async function prove(pool: Pool, plan: ProofPlan): Promise<Uint8Array[]> {
  const { runs } = plan;
  if (runs.length === 0) return plan.build([]);
  const values = [runs.map(({ level }) => level), runs.map(({ from }) => from), runs.map(({ count }) => count)];
  const { rows } = await pool.query<{ hashes: Buffer | null }>({ name: 'ledger proof', text: RUNS, values });
  if (rows.length !== runs.length) throw new LedgerError('LEDGER_UNAVAILABLE', 'the proof could not be read');
  return plan.build(rows.map(({ hashes }) => hashes ?? new Uint8Array(0)));
}
