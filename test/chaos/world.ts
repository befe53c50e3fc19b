import type { Pool, PoolClient } from 'pg';
import { seal, type SealedEntry, type StoredEntry, decodeHeader } from '#ledger';
import type { Kind } from './check.js';

/**
 * A world that has nothing but consents, each a number from 0 to 255: small enough to do millions of things in, on the
 * sequencer and the store that gateways run on.
 */
export const CONSENTS = 40;
export const TYPES: Readonly<Record<Kind, number>> = { disclosure: 2, grant: 3, withdrawal: 4, refusal: 5 };
const KIND_OF = new Map(Object.entries(TYPES).map(([kind, type]) => [type, kind as Kind]));

/** The release lease of these gateways, in milliseconds, and how far two clocks may run apart over it. */
export const LEASE = 250;
export const DRIFT = 0.01;

export const nameOf = (consent: number): string => `consent ${consent}`;
export const NOTHING: ReadonlySet<string> = new Set();

const POLICY = new Uint8Array(32);
const BODY = Buffer.alloc(96, 'x');

/** Entries whose ids begin with the number of their consent and then with what only this process has. */
export class Entries {
  readonly #logId: Uint8Array;
  readonly #own: Uint8Array;
  readonly #random: (size: number) => Uint8Array;
  #count = 0;

  constructor(logId: Uint8Array, random: (size: number) => Uint8Array) {
    this.#logId = logId;
    this.#own = random(7);
    this.#random = random;
  }

  make(kind: Kind, consent: number): SealedEntry {
    const id = Buffer.alloc(16);
    id[0] = consent;
    id.set(this.#own, 1);
    id.writeBigUInt64BE(BigInt((this.#count += 1)), 8);
    return seal(
      this.#logId,
      { id, type: TYPES[kind], at: Date.now(), policy: POLICY, body: BODY, keys: [] },
      this.#random,
    );
  }
}

/** What one replica knows: under which grant each consent stands. */
export class Standing {
  readonly grants = new Map<number, Uint8Array>();

  apply(kind: Kind | undefined, consent: number, entry: Uint8Array): void {
    if (kind === 'grant') this.grants.set(consent, entry);
    if (kind === 'withdrawal') this.grants.delete(consent);
  }

  fold(tail: readonly Pick<StoredEntry, 'header' | 'id'>[]): readonly ReadonlySet<string>[] {
    return tail.map(({ header, id }) => {
      const { kind, consent } = readEntry(header, id);
      this.apply(kind, consent, id);
      return kind === 'grant' || kind === 'withdrawal' ? new Set([nameOf(consent)]) : NOTHING;
    });
  }
}

export function readEntry(header: Uint8Array, id: Uint8Array): { kind: Kind | undefined; consent: number } {
  return { kind: KIND_OF.get(decodeHeader(header).type), consent: id[0] ?? 0 };
}

/** A change of one consent as it is projected: the entry of the grant under which it stands from now on. */
export interface ConsentChange {
  readonly consent: number;
  readonly grant: Uint8Array | null;
}

/** What the owner makes once. Stands in for what gateways keep of consents beside the log. */
export const CREATE_WORLD = `
CREATE SCHEMA chaos;
CREATE TABLE chaos.consent (id smallint PRIMARY KEY, granted bytea) WITH (fillfactor = 10);
INSERT INTO chaos.consent SELECT generate_series(0, ${CONSENTS - 1});
`;

export async function projectConsents(
  client: PoolClient,
  changes: readonly { readonly change: ConsentChange }[],
): Promise<void> {
  await client.query({
    name: 'project consents',
    text: 'UPDATE chaos.consent SET granted = said.granted FROM unnest($1::smallint[], $2::bytea[]) AS said (id, granted) WHERE consent.id = said.id',
    values: [changes.map(({ change }) => change.consent), changes.map(({ change }) => change.grant)],
  });
}

/** The map as it stands in the projection, and the size of the log that it is of: both of one instant. */
export async function loadStanding(pool: Pool): Promise<{ readonly standing: Standing; readonly position: number }> {
  const { rows } = await pool.query<{ size: string; id: number | null; granted: Buffer | null }>(
    'SELECT size, id, granted FROM ledger.head LEFT JOIN chaos.consent ON granted IS NOT NULL',
  );
  const standing = new Standing();
  for (const { id, granted } of rows) if (id !== null && granted !== null) standing.grants.set(id, granted);
  return { standing, position: Number(rows[0]?.size ?? 0) };
}
