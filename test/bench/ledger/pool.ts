import { Pool } from 'pg';

/** With `pipeline`, a connection takes the next query before it has answered the last. */
export function openPool(url: string, max: number, options: { readonly pipeline?: true } = {}): Pool {
  const pool = new Pool({ connectionString: url, max, idleTimeoutMillis: 0, ...options });
  // A connection that breaks while it idles says so by an event, which would end the process if nobody heard it.
  pool.on('error', () => undefined);
  return pool;
}
