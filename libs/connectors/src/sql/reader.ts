import { DatabaseError, Pool, type PoolClient } from 'pg';
import type { SqlAccess } from '../access.js';
import { ConnectorError } from '../error.js';
import type { ColumnField, SqlMapping } from '../mapping.js';
import { rawOfRows, refuseTooMany } from '../rows.js';
import type { Raw, Reader } from '../source.js';
import { type Prepared, Reading, type Result, type Texts } from './reading.js';
import { prepareReads, type PreparedRead, type Statement } from './statement.js';

/**
 * Reads rows from an agency's own PostgreSQL by prepared statements made of the mapping alone. The local id travels as a
 * parameter, and nothing else of a question does.
 */
export function sqlReader(mapping: SqlMapping, access: SqlAccess): Reader<ColumnField> {
  const reads = prepareReads(mapping);
  const { limits, source } = mapping;
  const pool = new Pool({
    host: access.host,
    port: access.port,
    database: access.database,
    user: access.user,
    password: access.password,
    ssl:
      access.authority === undefined
        ? withoutTls(source, access.host)
        : { ca: access.authority, minVersion: 'TLSv1.2' },
    max: limits.atOnce,
    connectionTimeoutMillis: limits.deadline,
    idleTimeoutMillis: 60_000,
    allowExitOnIdle: true,
    application_name: 'postern',
    // The role should be able to write nothing; where somebody granted it too much, the session still does not.
    options: `-c default_transaction_read_only=on -c statement_timeout=${limits.deadline} -c datestyle=ISO -c timezone=UTC`,
  });
  const received = new WeakMap<object, Received>();
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    // A connection that breaks while it is ours rejects its query as well, which is where we deal with it.
    client.on('error', () => undefined);
    const counted: Received = { bytes: 0, prepared: new Map() };
    received.set(client, counted);
    const { stream } = (
      client as unknown as { readonly connection: { readonly stream: NodeJS.ReadableStream & { destroy(): void } } }
    ).connection;
    stream.on('data', (chunk: Buffer) => {
      counted.bytes += chunk.length;
      // A single row can be larger than memory: it must not be collected first and measured then.
      if (counted.bytes > limits.size) stream.destroy();
    });
  });

  async function rowsAbout(
    client: PoolClient,
    read: PreparedRead,
    statement: Statement,
    localId: string,
  ): Promise<Result> {
    const prepared: Prepared = received.get(client)?.prepared ?? new Map();
    const result = await client.query(new Reading(statement, localId, prepared)).result;
    refuseTooMany(source, read.read, result.rows.length);
    for (const [key] of result.rows)
      if (key !== localId) throw new ConnectorError('SOURCE_GARBAGE', `${source} answered about somebody else`);
    return result;
  }

  return {
    async read(localId, asked, { stop }): Promise<Raw<ColumnField> | undefined> {
      const client = await pool.connect().catch((error: unknown) => {
        throw inOurWords(source, error);
      });
      let kept = true;
      const letGo = (broken: boolean) => {
        if (kept) client.release(broken);
        kept = false;
      };
      const onStop = () => letGo(true);
      const counted = received.get(client);
      try {
        if (stop.aborted) throw new ConnectorError('SOURCE_TIMEOUT', `${source} did not answer in time`);
        stop.addEventListener('abort', onStop, { once: true });
        if (counted !== undefined) counted.bytes = 0;
        const raw = new Map<ColumnField, readonly unknown[]>();
        let known = false;
        for (const read of reads) {
          const fields = asked.filter(({ from }) => from === read.name);
          if (fields.length === 0) continue;
          const statement = read.statementFor(fields);
          const { rows, parsers } = await rowsAbout(client, read, statement, localId);
          known ||= rows.length > 0;
          const valueIn = (row: Texts, column: string): unknown => {
            const place = statement.columns.get(column) ?? -1;
            const text = row[place] ?? null;
            return text === null ? null : parsers[place]?.(text);
          };
          for (const field of fields) raw.set(field, rawOfRows(field, rows, valueIn));
        }
        letGo(false);
        return known ? raw : undefined;
      } catch (error) {
        // After a fault nobody knows what the connection still holds; a plan that the source's tables outgrew goes with it.
        letGo(true);
        if (counted !== undefined && counted.bytes > limits.size)
          throw new ConnectorError('SOURCE_TOO_LARGE', `${source} sent more than it may`);
        throw inOurWords(source, error);
      } finally {
        stop.removeEventListener('abort', onStop);
      }
    },
    close: () => pool.end(),
  };
}

interface Received {
  bytes: number;
  readonly prepared: Prepared;
}

function withoutTls(source: string, host: string): false {
  if (['127.0.0.1', '::1', 'localhost'].includes(host) || host.startsWith('/')) return false;
  throw new ConnectorError(
    'ACCESS_INVALID',
    `${source}: a database on another machine is reached with TLS only; give its authority`,
  );
}

/** The driver's message may quote the local id, so only what kind of failure it was is kept. */
function inOurWords(source: string, error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const wholeSource = true;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (!(error instanceof DatabaseError)) {
    if (message === 'timeout exceeded when trying to connect')
      return new ConnectorError('SOURCE_TIMEOUT', `${source} did not answer in time`, { wholeSource });
    return new ConnectorError(
      'SOURCE_UNREACHABLE',
      `${source} cannot be reached (${typeof code === 'string' ? code : 'the connection ended'})`,
      { wholeSource },
    );
  }
  const state = String(code);
  if (state === '57014')
    return new ConnectorError('SOURCE_TIMEOUT', `${source} did not answer in time`, { wholeSource });
  if (/^(08|53|57P)/.test(state))
    return new ConnectorError('SOURCE_UNREACHABLE', `${source} takes no connections (${state})`, { wholeSource });
  // Class 22: this local id is not of the key's type, which says nothing about other people's.
  return new ConnectorError('SOURCE_REFUSED', `${source} refused the configured statement (${state})`, {
    wholeSource: !state.startsWith('22'),
  });
}
