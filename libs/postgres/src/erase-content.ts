import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { Change, ContentErased, FoldedLog, Keyring, Remains } from '#disclosure';
import { decodeHeader } from '#ledger';
import { type Instant, instantOf, type PersonId } from '#terms';
import type { Project, Projected } from './ledger/log.js';
import { writeProjections } from './write-projections.js';

const HOUR = 3_600_000;

/**
 * Projections of a store that may destroy: content goes in the transaction that appends the erasure listing it, so that
 * after a crash either both are there or neither. Needs the role of the database's owner.
 */
export function eraseProjections(
  source: DataSource,
  known: Pick<FoldedLog, 'wrappedKey'>,
  keyring: Pick<Keyring, 'open'>,
): Project<Change | ContentErased> {
  const write = writeProjections(source, known, keyring);
  return async (client, projected) => {
    await write(client, projected.filter(isChange));
    for (const { seq, change } of projected) {
      if (change.type !== 'content erased') continue;
      const { indices, persons, isLast } = change;
      const values = [seq, `{${indices.join()}}`, `{${persons.join()}}`, isLast];
      await client.query('SELECT ledger.erase($1, $2, $3, $4)', values);
      if (isLast) await client.query('DELETE FROM postern.person WHERE id = ANY ($1::uuid[])', [persons]);
    }
  };
}

function isChange(one: Projected<Change | ContentErased>): one is Projected<Change> {
  return one.change.type !== 'content erased';
}

/** What recorded erasures have left in this database. */
export function remainsIn(pool: Pool): Remains {
  return {
    async persons() {
      const { rows } = await pool.query<{ id: string }>('SELECT id FROM postern.person WHERE erased_by IS NOT NULL');
      return rows.map(({ id }) => id.replaceAll('-', '') as PersonId);
    },
    async contentOf(persons, limit) {
      // The empty set of keys is an erasure's own: its list is for everybody, and is never erased.
      const text = `SELECT seq FROM ledger.content WHERE key_ids && $1::uuid[] AND key_ids <@ $1::uuid[] ORDER BY seq LIMIT $2`;
      const { rows } = await pool.query<{ seq: string }>(text, [persons, limit]);
      return rows.map(({ seq }) => Number(seq));
    },
  };
}

/** When the last entry was written that concerns each person: the end of its hour, for a header says no more. */
export async function lastEntriesIn(pool: Pool): Promise<ReadonlyMap<PersonId, Instant>> {
  const text = `
    SELECT last.id, e.header FROM (
      SELECT key.id, max(c.seq) AS seq FROM ledger.content AS c, unnest(c.key_ids) AS key (id) GROUP BY key.id
    ) AS last JOIN ledger.entry AS e ON e.seq = last.seq`;
  const { rows } = await pool.query<{ id: string; header: Buffer }>(text);
  return new Map(
    rows.map(({ id, header }) => {
      const { hour } = decodeHeader(header);
      return [id.replaceAll('-', '') as PersonId, instantOf((hour + 1) * HOUR)];
    }),
  );
}
