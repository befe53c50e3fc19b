import type { Pool } from 'pg';
import { PostgresError } from './error.js';

/**
 * Says for how long this gateway may release after it began to record; the first that says so decides for all. A withdrawal
 * is acknowledged when the lease of whoever records it has run out: another gateway with a longer one would still release.
 */
export async function agreeOnLease(pool: Pool, milliseconds: number): Promise<void> {
  // Two statements: the first waits for whoever inserts at this moment, and only then does the second look.
  await pool.query('INSERT INTO postern.lease (milliseconds) VALUES ($1) ON CONFLICT DO NOTHING', [milliseconds]);
  const { rows } = await pool.query<{ milliseconds: number }>('SELECT milliseconds FROM postern.lease');
  const agreed = rows[0]?.milliseconds;
  if (agreed !== milliseconds)
    throw new PostgresError(
      'LEASE_DIFFERS',
      `the gateways on this database have a lease of ${agreed} ms, and this one would have ${milliseconds} ms: it could release after another has acknowledged her withdrawal`,
    );
}
