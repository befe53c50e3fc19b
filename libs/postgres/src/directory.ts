import type { DataSource } from 'typeorm';
import type { Agency, Directory, Keyring } from '#disclosure';
import {
  type AgencyId,
  type EntityClass,
  type FactName,
  nearestWord,
  type RegimeName,
  type Sector,
  TermsError,
  type UnitId,
  type Vocabulary,
} from '#terms';
import { AgencyRow, CallerKeyRow, RevokedCertificateRow } from './rows.js';

/** What an agency brings when it is enrolled. Legal approval comes before, outside Postern. */
export interface Enrolment {
  readonly id: AgencyId;
  readonly title: string;
  readonly sector: Sector;
  /** As what a law prescribes it; as nothing, for most. */
  readonly entityClasses: readonly EntityClass[];
  readonly regimes: readonly RegimeName[];
  readonly units: readonly UnitId[];
  /** The public keys with which it signs who of its people asks, each by its `kid`. */
  readonly callerKeys: readonly { readonly kid: string; readonly publicKey: JsonWebKey }[];
}

const ENTITY_CLASS = 'entity_class' as FactName;

/**
 * Enrols an agency, or brings its enrolment up to date; its own key stays what it was. Done by the owner, not by a gateway.
 * A sector or a class that the vocabulary does not have is refused: it would open nothing, and nobody would know why.
 */
export async function enrol(
  owner: DataSource,
  keyring: Keyring,
  keyId: string,
  enrolment: Enrolment,
  vocabulary: Vocabulary,
): Promise<void> {
  checkWord('a sector', enrolment.sector, [...vocabulary.sectors.keys()]);
  const classes = vocabulary.facts.get(ENTITY_CLASS)?.values ?? [];
  for (const one of enrolment.entityClasses) checkWord('a class of entities', one, classes);
  const { key: _discarded, wrapped } = await keyring.mint();
  const { id, title, sector } = enrolment;
  const row = {
    id,
    title,
    sector,
    regimes: [...enrolment.regimes],
    units: [...enrolment.units],
    entityClasses: [...enrolment.entityClasses],
  };
  await owner
    .createQueryBuilder()
    .insert()
    .into(AgencyRow)
    .values({ ...row, keyId, wrappedKey: Buffer.from(wrapped) })
    .orUpdate(['title', 'sector', 'regimes', 'units', 'entity_classes'], ['id'])
    .execute();
  const keys = enrolment.callerKeys.map(({ kid, publicKey }) => ({ kid, agency: id, publicKey: { ...publicKey } }));
  if (keys.length > 0) await owner.getRepository(CallerKeyRow).upsert(keys, ['kid']);
}

function checkWord(what: string, word: string, known: readonly string[]): void {
  if (known.includes(word)) return;
  const meant = nearestWord(word, known);
  const why = meant === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${meant}?`;
  throw new TermsError('WORD_UNKNOWN', `${word} is not ${what}; ${why}`);
}

/**
 * Takes back the trust in one certificate where no gateway runs that could write it into the ledger: those that start later
 * know it at once, others when they next look.
 */
export async function revokeCertificate(
  owner: DataSource,
  agency: AgencyId,
  serial: string,
  at: number,
): Promise<void> {
  await owner.getRepository(RevokedCertificateRow).upsert([{ serial, agency, revokedAt: at }], ['serial', 'agency']);
}

/** Everything about members that a gateway needs, as one frozen picture. */
export interface Members {
  readonly directory: Directory;
  readonly callerKeys: readonly { readonly kid: string; readonly agency: AgencyId; readonly publicKey: JsonWebKey }[];
  readonly revoked: readonly { readonly agency: AgencyId; readonly serial: string }[];
}

export async function loadMembers(source: DataSource): Promise<Members> {
  const agencies = await source.getRepository(AgencyRow).find();
  const keys = await source.getRepository(CallerKeyRow).find();
  const revoked = await source.getRepository(RevokedCertificateRow).find();
  return {
    directory: new Map(agencies.map((row) => [row.id as AgencyId, agencyOf(row)])),
    callerKeys: keys.map(({ kid, agency, publicKey }) => ({ kid, agency: agency as AgencyId, publicKey })),
    revoked: revoked.map(({ agency, serial }) => ({ agency: agency as AgencyId, serial })),
  };
}

function agencyOf(row: AgencyRow): Agency {
  return {
    id: row.id as AgencyId,
    title: row.title,
    sector: row.sector as Sector,
    entityClasses: new Set(row.entityClasses as EntityClass[]),
    regimes: new Set(row.regimes as RegimeName[]),
    units: new Set(row.units as UnitId[]),
    keyId: row.keyId.replaceAll('-', ''),
    wrappedKey: row.wrappedKey,
  };
}
