import { type Connection, type FieldDef, type Submittable, types } from 'pg';
import type { Statement } from './statement.js';

/** What one row holds, as PostgreSQL writes it: the key, then the statement's columns. */
export type Texts = readonly (string | null)[];

/** Makes a value of what PostgreSQL wrote. */
export type Parser = (text: string) => unknown;

/** Rows as they came, and what makes values of each of their columns. */
export interface Result {
  readonly parsers: readonly Parser[];
  readonly rows: readonly Texts[];
}

/** The statements that one connection has prepared, by name, and what their columns hold. */
export type Prepared = Map<string, readonly Parser[]>;

/**
 * A prepared statement, sent once. The driver's own query asks for the names and types of the columns each time and makes an
 * object of them, which for a record of many columns costs more than the record. Here they are asked for when the statement
 * is prepared: PostgreSQL refuses a prepared statement whose result would be of other types than it was.
 *
 * After a fault nothing is known of the connection, which must not be used again.
 */
export class Reading implements Submittable {
  readonly result: Promise<Result>;
  readonly #statement: Statement;
  readonly #localId: string;
  readonly #prepared: Prepared;
  readonly #resolve: (result: Result) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #rows: Texts[] = [];
  #parsers: readonly Parser[] | undefined;
  #faulty = false;

  constructor(statement: Statement, localId: string, prepared: Prepared) {
    this.#statement = statement;
    this.#localId = localId;
    this.#prepared = prepared;
    this.#parsers = prepared.get(statement.name);
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.result = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Connection): void {
    const { name, text, more } = this.#statement;
    const isNew = this.#parsers === undefined;
    // All messages in one packet.
    connection.stream.cork();
    try {
      if (isNew) connection.parse({ name, text, types: [] }, true);
      connection.bind({ statement: name, values: [this.#localId, ...more] }, true);
      if (isNew) connection.describe({ type: 'P' }, true);
      connection.execute(null, true);
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
  }

  handleRowDescription({ fields }: { readonly fields: readonly FieldDef[] }): void {
    this.#parsers = fields.map(({ dataTypeID }) => PARSERS.get(dataTypeID) ?? String);
  }

  handleDataRow({ fields }: { readonly fields: Texts }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete(): void {
    // The answer is whole when the connection is ready again.
  }

  handleReadyForQuery(): void {
    if (this.#faulty) return;
    const parsers = this.#parsers;
    const { name, columns } = this.#statement;
    const width = columns.size + 1;
    if (parsers?.length !== width || this.#rows.some((row) => row.length !== width)) return this.#unforeseen();
    this.#prepared.set(name, parsers);
    this.#resolve({ parsers, rows: this.#rows });
  }

  handleError(error: unknown): void {
    this.#faulty = true;
    this.#reject(error);
  }

  // A SELECT leads to none of these. THREAT: a server that sends one all the same, to bring us down.
  handleEmptyQuery(): void {
    this.#unforeseen();
  }
  handlePortalSuspended(): void {
    this.#unforeseen();
  }
  handleCopyInResponse(): void {
    this.#unforeseen();
  }
  handleCopyData(): void {
    this.#unforeseen();
  }

  #unforeseen(): void {
    this.handleError(new Error('not the answer to a SELECT'));
  }
}

const { builtins } = types;
/** `text[]` and `varchar[]`, which the driver reads but does not name. */
const TEXT_ARRAYS = [1009, 1015];
/** Text as PostgreSQL writes it, but for what JSON has a word for. Dates stay dates: no time zone moves them. */
const PARSERS: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  // A pooler in between may prepare anew where the table has changed: what is neither word is then not taken for a no.
  [builtins.BOOL, (text) => (text === 't' ? true : text === 'f' ? false : text)],
  ...[builtins.INT2, builtins.INT4, builtins.FLOAT4, builtins.FLOAT8].map((oid) => [oid, Number] as const),
  ...TEXT_ARRAYS.map((oid) => [oid, types.getTypeParser(oid as typeof builtins.TEXT)] as const),
]);
