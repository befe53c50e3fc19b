import type { DataSource, EntityManager } from 'typeorm';
import type { Serial } from '#certificates';
import { fromRecord as consentFrom } from '#consent';
import {
  type BrokenGlass,
  type Change,
  FoldedLog,
  type Inquiry,
  type InquiryAnswer,
  type Keyring,
  type LegalHold,
  readRecipientKey,
  type Review,
} from '#disclosure';
import { type CaseRole, type Docket, type Handle, fromRecord as matchingFrom } from '#matching';
import type { AgencyId, FieldName, HandleId, Instant, PersonId, QuestionId, RegimeName } from '#terms';
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
import { openRecord } from './sealed-record.js';

/**
 * The map as the tables hold it, and the size of the ledger at which they hold it: both read in one snapshot. Folding the
 * whole ledger from its first entry gives the same map, only later.
 */
export async function loadFoldedLog(source: DataSource, keyring: Keyring): Promise<FoldedLog> {
  return source.transaction('REPEATABLE READ', async (tables) => {
    const known = new FoldedLog();
    const [head] = await tables.query<{ size: string }[]>('SELECT size FROM ledger.head');
    for await (const change of changesIn(tables, keyring)) known.fold(change);
    known.size = Number(head?.size ?? 0);
    return known;
  });
}

async function* changesIn(tables: EntityManager, keyring: Keyring): AsyncGenerator<Change> {
  const wrapped = new Map<PersonId, Buffer>();
  for (const row of await tables.find(PersonRow)) wrapped.set(idOf(row.id), row.wrappedKey);
  const read = async (table: string, id: string, person: string, sealed: Uint8Array): Promise<unknown> => {
    const key = wrapped.get(idOf(person));
    if (key === undefined) throw new Error(`a row of ${table} is about a person without a key`);
    return openRecord(await keyring.open(idOf(person), key), table, id, sealed);
  };

  const persons = new Map<string, PersonId>();
  for (const row of await tables.find(HandleRow)) {
    const handle: Handle = {
      id: row.id as HandleId,
      agency: row.agency as AgencyId,
      person: idOf(row.person),
      openedAt: row.openedAt as Instant,
    };
    const wrappedKey = wrapped.get(handle.person);
    if (wrappedKey === undefined) throw new Error('a handle of a person without a key');
    persons.set(handle.id, handle.person);
    const localIdHash = row.localIdHash.toString('hex');
    yield { type: 'handle opened', handle, wrappedKey, sealedLocalId: row.sealedLocalId, localIdHash };
  }
  const personOf = (handle: string): PersonId => {
    const person = persons.get(handle);
    if (person === undefined) throw new Error('a row names a handle that does not exist');
    return person;
  };

  for (const row of await tables.find(DocketRow)) {
    const docket: Docket = {
      key: row.numberHash.toString('hex'),
      handle: row.handle as HandleId,
      role: row.role as CaseRole,
      agency: row.agency as AgencyId,
    };
    yield { type: 'docket stated', person: personOf(row.handle), docket };
  }
  for (const row of await tables.find(StandingRow)) {
    const agency = row.agency as AgencyId;
    // Who ordered it and why stands in the ledger; that it holds is all that decisions read.
    const order = { by: { agency, officer: '' as never }, reason: '', at: 0 as Instant };
    if (row.suspended) yield { type: 'agency suspended', agency, order };
  }
  for (const row of await tables.find(RecipientKeyRow, { order: { seq: 'ASC' } })) {
    const agency = row.agency as AgencyId;
    const said = { agency, by: { agency, officer: '' as never }, at: 0 as Instant };
    yield { type: 'recipient key published', ...said, key: readRecipientKey(row.publicKey) };
    if (row.withdrawn) yield { type: 'recipient key withdrawn', ...said, kid: row.kid };
  }
  for (const row of await tables.find(RevokedCertificateRow)) {
    const agency = row.agency as AgencyId;
    const order = { by: { agency, officer: '' as never }, reason: '', at: row.revokedAt as Instant };
    yield { type: 'certificate revoked', agency, serial: row.serial as Serial, order };
  }
  for (const row of await tables.find(LinkCodeRow)) {
    const code = await read('link_code', row.secretHash.toString('hex'), row.person, row.sealed);
    yield { type: 'link code issued', person: idOf(row.person), code: matchingFrom('code', code) };
  }
  for (const row of await tables.find(LinkRow)) {
    const link = matchingFrom('link', await read('link', idOf(row.id), row.person, row.sealed));
    yield { type: 'link made', link, persons: [personOf(link.a), personOf(link.b)] };
  }
  for (const row of await tables.find(ConsentRow)) {
    yield {
      type: 'consent recorded',
      consent: consentFrom(await read('consent', idOf(row.id), row.person, row.sealed)),
    };
  }
  for (const row of await tables.findBy(FactRow, { takenBack: false })) {
    const said = await read('fact', idOf(row.id), row.person, row.sealed);
    yield { type: 'fact asserted', assertion: matchingFrom('assertion', said) };
  }
  for (const row of await tables.find(InquiryRow)) {
    const id: QuestionId = idOf(row.id);
    const inquiry = (await read('inquiry', id, row.person, row.sealed)) as Inquiry;
    yield { type: 'inquiry raised', inquiry };
    if (row.sealedAnswer === null) continue;
    const answer = (await read('inquiry answer', id, row.person, row.sealedAnswer)) as InquiryAnswer;
    yield { type: 'inquiry answered', inquiry: id, person: inquiry.person, answer };
  }
  const involvedIn = async ({ id, person, sealed }: ReviewRow): Promise<Pick<Review, 'decision' | 'involved'>> =>
    sealed === null
      ? { involved: [] }
      : ((await read('review', idOf(id), person, sealed)) as Pick<Review, 'decision' | 'involved'>);
  for (const row of await tables.find(BrokenGlassRow)) {
    const glass = (await read('broken glass', idOf(row.decision), row.person, row.sealed)) as BrokenGlass;
    yield { type: 'glass broken', glass };
  }
  for (const row of await tables.findBy(ReviewRow, { closed: false })) {
    const review = {
      id: idOf(row.id),
      agency: row.agency as AgencyId,
      person: idOf(row.person),
      duty: row.duty,
      due: row.due as Instant,
      ...(await involvedIn(row)),
    };
    yield { type: 'review opened', review };
  }
  for (const row of await tables.find(OriginRow)) {
    const person: PersonId = idOf(row.person);
    const origins = new Map((await read('origin', person, row.person, row.sealed)) as [FieldName, RegimeName[]][]);
    yield { type: 'origin grew', person, origins };
  }
  for (const row of await tables.find(HoldRow)) {
    const person: PersonId = idOf(row.person);
    yield { type: 'hold placed', person, hold: (await read('hold', person, row.person, row.sealed)) as LegalHold };
  }
  const [published] = await tables.find(PublicationRow, { order: { seq: 'DESC' }, take: 1 });
  if (published !== undefined) {
    yield { type: 'policy published', digest: published.digest, vocabulary: '', at: published.at as Instant };
  }
}

/** PostgreSQL writes a UUID with dashes; our ids are the 32 digits alone. */
function idOf(uuid: string): never {
  return uuid.replaceAll('-', '') as never;
}
