import type { DataSource } from 'typeorm';
import type { Agency, Directory, Keyring } from '#disclosure';
import type { AgencyId, RegimeName, Sector, UnitId } from '#terms';
import { AgencyRow, CallerKeyRow, RevokedCertificateRow } from './rows.js';

/** What an agency brings when it is enrolled. Legal approval comes before, outside Postern. */
export interface Enrolment {
  readonly id: AgencyId;
  readonly title: string;
  readonly sector: Sector;
  readonly regimes: readonly RegimeName[];
  readonly units: readonly UnitId[];
  /** The public keys with which it signs who of its people asks, each by its `kid`. */
  readonly callerKeys: readonly { readonly kid: string; readonly publicKey: JsonWebKey }[];
}

/** Enrols an agency, or brings its enrolment up to date; its own key stays what it was. Done by the owner, not by a gateway. */
export async function enrol(owner: DataSource, keyring: Keyring, keyId: string, enrolment: Enrolment): Promise<void> {
  const { key: _discarded, wrapped } = await keyring.mint();
  const { id, title, sector } = enrolment;
  const row = { id, title, sector, regimes: [...enrolment.regimes], units: [...enrolment.units] };
  await owner
    .createQueryBuilder()
    .insert()
    .into(AgencyRow)
    .values({ ...row, keyId, wrappedKey: Buffer.from(wrapped) })
    .orUpdate(['title', 'sector', 'regimes', 'units'], ['id'])
    .execute();
  const keys = enrolment.callerKeys.map(({ kid, publicKey }) => ({ kid, agency: id, publicKey: { ...publicKey } }));
  if (keys.length > 0) await owner.getRepository(CallerKeyRow).upsert(keys, ['kid']);
}

/** Takes back the trust in one certificate, at once; the revocation list says the same to new connections. */
export async function revokeCertificate(
  owner: DataSource,
  agency: AgencyId,
  serial: string,
  at: number,
): Promise<void> {
  await owner.getRepository(RevokedCertificateRow).upsert([{ serial, agency, revokedAt: at }], ['serial']);
}

/** Everything about members that a gateway needs, as one frozen picture. */
export interface Members {
  readonly directory: Directory;
  readonly callerKeys: readonly { readonly kid: string; readonly agency: AgencyId; readonly publicKey: JsonWebKey }[];
  readonly revokedSerials: ReadonlySet<string>;
}

export async function loadMembers(source: DataSource): Promise<Members> {
  const agencies = await source.getRepository(AgencyRow).find();
  const keys = await source.getRepository(CallerKeyRow).find();
  const revoked = await source.getRepository(RevokedCertificateRow).find();
  return {
    directory: new Map(agencies.map((row) => [row.id as AgencyId, agencyOf(row)])),
    callerKeys: keys.map(({ kid, agency, publicKey }) => ({ kid, agency: agency as AgencyId, publicKey })),
    revokedSerials: new Set(revoked.map(({ serial }) => serial)),
  };
}

function agencyOf(row: AgencyRow): Agency {
  return {
    id: row.id as AgencyId,
    title: row.title,
    sector: row.sector as Sector,
    regimes: new Set(row.regimes as RegimeName[]),
    units: new Set(row.units as UnitId[]),
    keyId: row.keyId.replaceAll('-', ''),
    wrappedKey: row.wrappedKey,
  };
}
