import type { KeyObject } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import { toRecord as consentRecord } from '#consent';
import type { Change, ErasureOrder, FoldedLog, Keyring } from '#disclosure';
import { toRecord as matchingRecord } from '#matching';
import type { LinkId, PersonId } from '#terms';
import type { Project } from './ledger/log.js';
import {
  BrokenGlassRow,
  ConsentRow,
  DocketRow,
  FactRow,
  HandleRow,
  HoldRow,
  InquiryRow,
  LinkCodeRow,
  LinkRow,
  OriginRow,
  PersonRow,
  PublicationRow,
  RecipientKeyRow,
  ReviewRow,
  RevokedCertificateRow,
  StandingRow,
} from './rows.js';
import { sealRecord } from './sealed-record.js';

/** One row to be written. `over` names the columns that an earlier row of the same key gives way in. */
interface Write {
  readonly table: EntityTarget<ObjectLiteral>;
  readonly row: ObjectLiteral;
  readonly over?: { readonly columns: string[]; readonly key: string[] };
  /** The row's key, where rows of one key may give way to each other. */
  readonly is?: string;
}

/** Rows in one statement at most: none of the tables has more than 65 columns, and there are 65,535 parameters. */
const ROWS_TOGETHER = 1_000;

/**
 * Writes what a batch of entries changes into the tables, on the connection and in the transaction that appends them:
 * after a crash either both are there or neither.
 */
export function writeProjections(
  source: DataSource,
  known: Pick<FoldedLog, 'wrappedKey'>,
  keyring: Pick<Keyring, 'open'>,
): Project<Change> {
  return async (client, projected) => {
    const fresh = new Map<PersonId, Uint8Array>();
    const keyOf = (person: PersonId): Promise<KeyObject> => {
      const wrapped = fresh.get(person) ?? known.wrappedKey(person);
      if (wrapped === undefined) throw new Error('a projection about a person without a key');
      return keyring.open(person, wrapped);
    };
    const inserts: Inserts = new Map();
    const ended: LinkId[] = [];
    const lifted: PersonId[] = [];
    const orders: { readonly seq: number; readonly order: ErasureOrder }[] = [];
    for (const { seq, change } of projected) {
      if (change.type === 'handle opened') fresh.set(change.handle.person, change.wrappedKey);
      if (change.type === 'link ended') ended.push(change.link);
      else if (change.type === 'hold lifted') lifted.push(change.person);
      else if (change.type === 'person erased') orders.push({ seq, order: change });
      else for (const write of await rowsOf(seq, change, keyOf)) gather(inserts, write);
    }
    // One statement a table, not one a row: others wait for the head meanwhile, and their leases run.
    for (const like of inserts.values()) {
      const writes = [...like.values()];
      for (let from = 0; from < writes.length; from += ROWS_TOGETHER)
        await insert(source, client, writes.slice(from, from + ROWS_TOGETHER));
    }
    // Last: no link is ended in the batch that makes it, since whoever ends one has seen it made.
    if (ended.length > 0) await client.query('DELETE FROM postern.link WHERE id = ANY ($1::uuid[])', [ended]);
    if (lifted.length > 0) await client.query('DELETE FROM postern.hold WHERE person = ANY ($1::uuid[])', [lifted]);
    for (const { seq, order } of orders) await eraseRows(client, seq, order);
  };
}

export const OF_PERSONS = [
  'consent',
  'fact',
  'inquiry',
  'review',
  'broken_glass',
  'origin',
  'hold',
  'link',
  'link_code',
  'handle',
] as const;

/**
 * Everything that the tables say about them, but for their wrapped keys: as long as their entries have content, a replica
 * that is behind must be able to read past it. Only the owner's role may do this.
 */
async function eraseRows(client: PoolClient, seq: number, { persons, links, codes }: ErasureOrder): Promise<void> {
  const theirs = [persons];
  await client.query(
    'DELETE FROM postern.docket WHERE handle IN (SELECT id FROM postern.handle WHERE person = ANY ($1::uuid[]))',
    theirs,
  );
  for (const table of OF_PERSONS)
    await client.query(`DELETE FROM postern.${table} WHERE person = ANY ($1::uuid[])`, theirs);
  // Those that are sealed under the other side's key.
  await client.query('DELETE FROM postern.link WHERE id = ANY ($1::uuid[])', [links]);
  await client.query("DELETE FROM postern.link_code WHERE encode(secret_hash, 'hex') = ANY ($1::text[])", [codes]);
  await client.query('UPDATE postern.person SET erased_by = $2 WHERE id = ANY ($1::uuid[])', [persons, seq]);
}

/** Together with its like; of two rows with one key in a table, the later alone: one statement may write each but once. */
function gather(inserts: Inserts, write: Write): void {
  const kind = `${(write.table as { readonly name: string }).name} ${write.over?.columns.join() ?? ''}`;
  const like = inserts.get(kind) ?? new Map<unknown, Write>();
  inserts.set(kind, like.set(write.is ?? write, write));
}

/** By kind of statement, and in each by the row's key, where it has one that matters. */
type Inserts = Map<string, Map<unknown, Write>>;

async function insert(source: DataSource, client: PoolClient, writes: readonly Write[]): Promise<void> {
  const [first] = writes;
  if (first === undefined) return;
  const rows = writes.map(({ row }) => row);
  const query = source.createQueryBuilder().insert().into(first.table).values(rows).updateEntity(false);
  const { over } = first;
  const [text, values] = (over === undefined ? query : query.orUpdate(over.columns, over.key)).getQueryAndParameters();
  await client.query(text, values);
}

async function rowsOf(
  seq: number,
  change: Exclude<Change, { readonly type: 'link ended' | 'hold lifted' | 'person erased' }>,
  keyOf: (person: PersonId) => Promise<KeyObject>,
): Promise<readonly Write[]> {
  switch (change.type) {
    case 'handle opened': {
      const { handle } = change;
      const row = {
        id: handle.id,
        agency: handle.agency,
        person: handle.person,
        localIdHash: Buffer.from(change.localIdHash, 'hex'),
        sealedLocalId: Buffer.from(change.sealedLocalId),
        openedAt: handle.openedAt,
      };
      const person = { id: handle.person, wrappedKey: Buffer.from(change.wrappedKey) };
      return [
        { table: PersonRow, row: person },
        { table: HandleRow, row },
      ];
    }
    case 'docket stated': {
      const { key, handle, role, agency } = change.docket;
      return [{ table: DocketRow, row: { numberHash: Buffer.from(key, 'hex'), handle, role, agency } }];
    }
    case 'link code issued':
    case 'link code redeemed': {
      const { secretHash } = change.code;
      const sealed = sealRecord(
        await keyOf(change.person),
        'link_code',
        secretHash,
        matchingRecord('code', change.code),
      );
      const row = { secretHash: Buffer.from(secretHash, 'hex'), person: change.person, sealed };
      return [{ table: LinkCodeRow, row, over: { columns: ['sealed'], key: ['secret_hash'] }, is: secretHash }];
    }
    case 'link made': {
      const { id } = change.link;
      const [person] = change.persons;
      const sealed = sealRecord(await keyOf(person), 'link', id, matchingRecord('link', change.link));
      return [{ table: LinkRow, row: { id, person, sealed } }];
    }
    case 'consent recorded':
    case 'consent confirmed':
    case 'consent withdrawn':
    case 'consent used':
    case 'consent given back': {
      const { id, person } = change.consent;
      const sealed = sealRecord(await keyOf(person), 'consent', id, consentRecord(change.consent));
      return [{ table: ConsentRow, row: { id, person, sealed }, over: { columns: ['sealed'], key: ['id'] }, is: id }];
    }
    case 'fact asserted': {
      const { id, person } = change.assertion;
      const sealed = sealRecord(await keyOf(person), 'fact', id, matchingRecord('assertion', change.assertion));
      return [{ table: FactRow, row: { id, person, sealed, takenBack: false } }];
    }
    case 'fact corrected': {
      const { fact: id, person, instead } = change;
      // The statement is there already; only that it is taken back is written, and the rest of this row goes nowhere.
      const row = { id, person, sealed: Buffer.alloc(0), takenBack: true };
      const over = { columns: ['taken_back'], key: ['id'] };
      const stated = instead && { type: 'fact asserted' as const, assertion: instead };
      return [{ table: FactRow, row, over, is: id }, ...(stated ? await rowsOf(seq, stated, keyOf) : [])];
    }
    case 'inquiry raised': {
      const { id, person } = change.inquiry;
      const sealed = sealRecord(await keyOf(person), 'inquiry', id, withoutUndefined(change.inquiry));
      return [{ table: InquiryRow, row: { id, person, sealed, sealedAnswer: null } }];
    }
    case 'inquiry answered': {
      const { inquiry: id, person } = change;
      const key = await keyOf(person);
      const sealedAnswer = sealRecord(key, 'inquiry answer', id, withoutUndefined(change.answer));
      // The inquiry is there already; only its answer is written, and the rest of this row goes nowhere.
      const row = { id, person, sealed: Buffer.alloc(0), sealedAnswer };
      return [{ table: InquiryRow, row, over: { columns: ['sealed_answer'], key: ['id'] }, is: id }];
    }
    case 'review opened': {
      const { id, agency, person, duty, due, decision, involved } = change.review;
      const sealed = sealRecord(await keyOf(person), 'review', id, withoutUndefined({ decision, involved }));
      return [{ table: ReviewRow, row: { id, agency, person, duty, due, sealed, closed: false } }];
    }
    case 'review closed': {
      const { review: id, person } = change;
      // The review is there already; only that it is closed is written, and the rest of this row goes nowhere.
      const row = { id, agency: '', person, duty: '', due: 0, sealed: null, closed: true };
      return [{ table: ReviewRow, row, over: { columns: ['closed'], key: ['id'] }, is: id }];
    }
    case 'glass broken': {
      const { decision, person } = change.glass;
      const sealed = sealRecord(await keyOf(person), 'broken glass', decision, withoutUndefined(change.glass));
      return [{ table: BrokenGlassRow, row: { decision, person, sealed } }];
    }
    case 'agency suspended':
    case 'agency resumed': {
      const { agency } = change;
      const row = { agency, suspended: change.type === 'agency suspended' };
      return [{ table: StandingRow, row, over: { columns: ['suspended'], key: ['agency'] }, is: agency }];
    }
    case 'recipient key published': {
      const { agency, key } = change;
      const row = { agency, kid: key.kid, seq, publicKey: { ...key.publicKey }, withdrawn: false };
      return [{ table: RecipientKeyRow, row }];
    }
    case 'recipient key withdrawn': {
      const { agency, kid } = change;
      // The key is there already; only that it is withdrawn is written, and the rest of this row goes nowhere.
      const row = { agency, kid, seq, publicKey: {}, withdrawn: true };
      const over = { columns: ['withdrawn'], key: ['agency', 'kid'] };
      return [{ table: RecipientKeyRow, row, over, is: `${agency} ${kid}` }];
    }
    case 'certificate revoked': {
      const { agency, serial } = change;
      const row = { serial, agency, revokedAt: change.order.at };
      const over = { columns: ['revoked_at'], key: ['serial', 'agency'] };
      return [{ table: RevokedCertificateRow, row, over, is: `${agency} ${serial}` }];
    }
    case 'origin grew': {
      const { person } = change;
      const origins = [...change.origins].map(([field, regimes]) => [field, [...regimes]]);
      const sealed = sealRecord(await keyOf(person), 'origin', person, origins);
      return [
        { table: OriginRow, row: { person, sealed }, over: { columns: ['sealed'], key: ['person'] }, is: person },
      ];
    }
    case 'hold placed': {
      const { person } = change;
      const sealed = sealRecord(await keyOf(person), 'hold', person, withoutUndefined(change.hold));
      return [{ table: HoldRow, row: { person, sealed }, over: { columns: ['sealed'], key: ['person'] }, is: person }];
    }
    case 'policy published':
      return [{ table: PublicationRow, row: { seq, at: change.at, digest: change.digest } }];
  }
}

function withoutUndefined(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}
