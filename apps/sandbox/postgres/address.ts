/** A PostgreSQL, and somebody who may create databases and roles there. */
export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** How else it wants to be reached, as in the query of an address: `sslmode=verify-full&sslrootcert=county.pem`. */
  readonly parameters?: string;
}

/** Undefined where this is no address of a server. */
export function readAddress(address: string): (PostgresServer & { readonly database: string }) | undefined {
  if (!URL.canParse(address)) return undefined;
  const { hostname, port, username, password, pathname, searchParams } = new URL(address);
  const take = (name: string): string | undefined => {
    const value = searchParams.get(name) ?? undefined;
    searchParams.delete(name);
    return value;
  };
  return {
    // What stands in the query goes before the rest, for the driver too: a user left there would be taken for everybody.
    host: take('host') ?? hostname,
    port: Number(take('port') ?? (port || 5432)),
    user: take('user') ?? decodeURIComponent(username),
    password: take('password') ?? decodeURIComponent(password),
    parameters: searchParams.toString(),
    database: decodeURIComponent(pathname.slice(1)) || 'postgres',
  };
}

/**
 * @example addressOf({ ...server, user: 'postern_sandbox_gateway', password }, 'postern_sandbox')
 */
export function addressOf({ host, port, user, password, parameters }: PostgresServer, database: string): string {
  const who = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const query = parameters === undefined || parameters === '' ? '' : `?${parameters}`;
  return `postgres://${who}@${host}:${port}/${encodeURIComponent(database)}${query}`;
}
