import { Pool } from 'pg';
import {
  EMPTY_ROOT,
  HASH_SIZE,
  LedgerError,
  planConsistency,
  planFrontier,
  planInclusion,
  ProofPlan,
  rootOf,
  Run,
} from '#ledger';

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
 * range scans of leaves, however large the log is; what lies above them is read once and kept.
 */
export function proveInclusion(pool: Pool, index: number, size: number): Promise<Uint8Array[]> {
  return prove(pool, planInclusion(index, size), keptOf(pool));
}

/** The proof that the log of `size` entries begins with the log of `earlier` entries. */
export function proveConsistency(pool: Pool, earlier: number, size: number): Promise<Uint8Array[]> {
  return prove(pool, planConsistency(earlier, size), keptOf(pool));
}

/** The root of the first `size` entries, which the log has; from the roots of tiles and the leaves behind the last. */
export async function rootAt(pool: Pool, size: number): Promise<Uint8Array> {
  return size === 0 ? EMPTY_ROOT : rootOf(Buffer.concat(await prove(pool, planFrontier(size))));
}

const LEAVES = `
SELECT count(*)::int AS count, string_agg(leaf, ''::bytea ORDER BY seq) AS leaves
  FROM ledger.entry WHERE seq >= $1 AND seq < $2`;
const PAGE = 16_384;

/** The leaves from `from` up to, but without, `to`, packed, a page at a time: of an entry nothing else can be published. */
export async function* readLeaves(pool: Pool, from: number, to: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; at += PAGE) {
    const values = [at, Math.min(at + PAGE, to)];
    const { rows } = await pool.query<{ count: number; leaves: Buffer | null }>({
      name: 'ledger leaves',
      text: LEAVES,
      values,
    });
    const [row] = rows;
    if (row?.leaves == null || row.count !== Math.min(PAGE, to - at)) {
      throw new LedgerError('LEDGER_UNAVAILABLE', `the leaves from ${at} on could not be read`);
    }
    yield row.leaves;
  }
}

/** Runs of 256 hashes at most, and so 8 MB: all there is above the leaves of a log of 60 million entries. */
const KEPT_RUNS = 1_024;

/**
 * Roots of tiles as they were read once: a full tile never changes. Leaves are not kept; there are 256 times as many, and
 * whoever asks for a proof asks for another one each time.
 */
class KeptRuns {
  readonly #runs = new Map<string, Uint8Array>();

  find(run: Run): Uint8Array | undefined {
    const found = this.#runs.get(keyOf(run));
    if (found !== undefined) this.#put(run, found);
    return found;
  }

  keep(run: Run, hashes: Uint8Array): void {
    // One that was read short is a fault; kept, it would be one for ever.
    if (run.level > 0 && hashes.length === HASH_SIZE * run.count) this.#put(run, hashes);
  }

  #put(run: Run, hashes: Uint8Array): void {
    this.#runs.delete(keyOf(run)); // so that the one not asked for longest comes first
    this.#runs.set(keyOf(run), hashes);
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= KEPT_RUNS) break;
      this.#runs.delete(oldest);
    }
  }
}

function keyOf({ level, from, count }: Run): string {
  return `${level}/${from}/${count}`;
}

const keptRuns = new WeakMap<Pool, KeptRuns>();

/** A pool leads to one database, and a database holds one log. */
function keptOf(pool: Pool): KeptRuns {
  const kept = keptRuns.get(pool) ?? new KeptRuns();
  keptRuns.set(pool, kept);
  return kept;
}

async function prove(pool: Pool, plan: ProofPlan, kept = new KeptRuns()): Promise<Uint8Array[]> {
  const { runs } = plan;
  const found = runs.map((run) => kept.find(run));
  const missing = runs.filter((_, i) => found[i] === undefined);
  const read = await readRuns(pool, missing);
  missing.forEach((run, i) => kept.keep(run, read[i] ?? new Uint8Array(0)));
  return plan.build(found.map((hashes) => hashes ?? read.shift() ?? new Uint8Array(0)));
}

async function readRuns(pool: Pool, runs: readonly Run[]): Promise<Uint8Array[]> {
  if (runs.length === 0) return [];
  const values = [runs.map(({ level }) => level), runs.map(({ from }) => from), runs.map(({ count }) => count)];
  const { rows } = await pool.query<{ hashes: Buffer | null }>({ name: 'ledger proof', text: RUNS, values });
  if (rows.length !== runs.length) throw new LedgerError('LEDGER_UNAVAILABLE', 'the proof could not be read');
  return rows.map(({ hashes }) => hashes ?? new Uint8Array(0));
}
