import type { DataSource, EntityManager } from 'typeorm';
import { type Instant, instantOf, type PersonId } from '#terms';

/** Since when a key-encryption key has wrapped every new key, and when all before it were destroyed. */
export interface KeyEpoch {
  readonly epoch: number;
  readonly beganAt: Instant;
  readonly finishedAt?: Instant;
}

/** The newest epoch that this database knows, or nothing where none ever began. */
export async function newestEpoch(owner: DataSource): Promise<KeyEpoch | undefined> {
  const [row] = await epochs(owner, 'ORDER BY epoch DESC LIMIT 1');
  return row;
}

/** The epoch under which the newest of these persons' keys is wrapped; its number is 0 before any began. */
export async function epochOf(owner: DataSource, persons: readonly PersonId[]): Promise<KeyEpoch | undefined> {
  return (
    await epochs(
      owner,
      'WHERE epoch = (SELECT max(postern.epoch_of(wrapped_key)) FROM postern.person WHERE id = ANY ($1::uuid[]))',
      [persons],
    )
  )[0];
}

async function epochs(owner: DataSource, which: string, values: readonly unknown[] = []): Promise<readonly KeyEpoch[]> {
  const rows = await owner.query<{ epoch: number; began_at: string; finished_at: string | null }[]>(
    `SELECT epoch, began_at, finished_at FROM postern.key_epoch ${which}`,
    [...values],
  );
  return rows.map(({ epoch, began_at, finished_at }) => ({
    epoch,
    beganAt: instantOf(Number(began_at)),
    ...(finished_at !== null && { finishedAt: instantOf(Number(finished_at)) }),
  }));
}

/**
 * From now on nothing is kept that an older epoch wraps. Waits for those who are writing such a key at this moment: whoever
 * comes after them is refused, and so the rows found afterwards are all there are.
 */
export async function beginEpoch(owner: DataSource, epoch: number, at: Instant): Promise<void> {
  await owner.transaction(async (tables) => {
    await tables.query('LOCK TABLE postern.person, postern.agency IN SHARE ROW EXCLUSIVE MODE');
    await tables.query('INSERT INTO postern.key_epoch (epoch, began_at) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      epoch,
      at,
    ]);
  });
}

const TABLES = [
  { table: 'person', id: 'id' },
  { table: 'agency', id: 'key_id' },
] as const;

/** Wraps up to `limit` keys of older epochs anew, each table in a transaction of its own; returns how many. */
export async function rewrapSome(
  owner: DataSource,
  epoch: number,
  limit: number,
  rewrap: (wrapped: Uint8Array) => Uint8Array,
): Promise<number> {
  let done = 0;
  for (const { table, id } of TABLES)
    done += await owner.transaction(async (tables) => {
      const rows = await olderRows(tables, table, id, epoch, limit);
      const ids = rows.map((row) => row.id);
      const wrapped = rows.map((row) => Buffer.from(rewrap(row.wrapped_key)).toString('hex'));
      await tables.query(
        `UPDATE postern.${table} AS kept SET wrapped_key = decode(anew.wrapped, 'hex')
          FROM unnest($1::uuid[], $2::text[]) AS anew (id, wrapped) WHERE kept.${id} = anew.id`,
        [ids, wrapped],
      );
      return rows.length;
    });
  return done;
}

/** Locked: a person who is being erased at this moment is either seen before she is gone, or not at all. */
function olderRows(tables: EntityManager, table: string, id: string, epoch: number, limit: number) {
  return tables.query<{ id: string; wrapped_key: Buffer }[]>(
    `SELECT ${id} AS id, wrapped_key FROM postern.${table} WHERE postern.epoch_of(wrapped_key) < $1
      ORDER BY ${id} LIMIT $2 FOR UPDATE`,
    [epoch, limit],
  );
}

/** Says when the keys before it were destroyed; only once they are. */
export async function finishEpoch(owner: DataSource, epoch: number, at: Instant): Promise<void> {
  await owner.query('UPDATE postern.key_epoch SET finished_at = $2 WHERE epoch = $1 AND finished_at IS NULL', [
    epoch,
    at,
  ]);
}
