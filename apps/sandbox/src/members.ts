import { createPrivateKey, randomBytes } from 'node:crypto';
import {
  type Authority,
  createCallerKey,
  createIssuing,
  createRoot,
  issueAgencyCertificate,
  issueRevocationList,
  issueServerCertificate,
  newKeyPair,
  privateKeyPem,
  serialOf,
} from '#certificates';
import type { Enrolment } from '#postgres';
import type { AgencyId, Instant, RegimeName, Sector, UnitId } from '#terms';
import type { Credentials } from '#web';
import type { Identity } from './client.js';

/** One invented member of the county's coordinated response. */
interface Member {
  readonly id: string;
  readonly title: string;
  readonly sector: string;
  readonly regimes: readonly string[];
  readonly units?: readonly string[];
}

export const MEMBERS = [
  { id: 'harbour-house', title: 'Harbour House', sector: 'victim_service', regimes: ['us-victim-services'] },
  { id: 'st-brigid', title: 'St. Brigid’s Hospital', sector: 'health', regimes: ['us-health'] },
  {
    id: 'county-police',
    title: 'County Police',
    sector: 'police',
    regimes: ['us-protection-orders'],
    units: ['domestic-violence-unit', 'detectives'],
  },
  { id: 'county-court', title: 'County Court', sector: 'court', regimes: ['us-protection-orders'] },
  { id: 'northgate-logistics', title: 'Northgate Logistics', sector: 'employer', regimes: [] },
  { id: 'postern-operator', title: 'The operator of Postern', sector: 'court', regimes: [] },
] as const satisfies readonly Member[];

export type MemberId = (typeof MEMBERS)[number]['id'];
export const OPERATOR = 'postern-operator' as AgencyId;

export interface Enrolled {
  readonly identities: ReadonlyMap<MemberId, Identity>;
  readonly enrolments: readonly Enrolment[];
  /** For the gateway's own face. */
  readonly credentials: Credentials;
  /** Whoever connects trusts this. */
  readonly authority: string;
}

const DAY = 24 * 60 * 60 * 1000;

/** Certificates and keys for everybody, from an authority that lives as long as the sandbox does. */
export async function enrolEverybody(at: Instant): Promise<Enrolled> {
  const root = await createRoot({ at, days: 365, name: 'Riverside Sandbox Root', serial: serial() });
  const issuing = await createIssuing(root, { at, days: 180, name: 'Riverside Sandbox Issuing', serial: serial() });
  const people = await Promise.all(MEMBERS.map((member) => enrolOne(issuing, member, at)));
  const list = { revoked: [], at, until: (at + 30 * DAY) as Instant, number: 1 };
  const server = await newKeyPair();
  const shown = await issueServerCertificate(issuing, {
    hosts: ['localhost', '127.0.0.1'],
    publicKey: server.publicKey,
    at,
    days: 90,
    serial: serial(),
  });
  return {
    identities: new Map(people.map(({ id, identity }) => [id, identity])),
    enrolments: people.map(({ enrolment }) => enrolment),
    credentials: {
      key: await privateKeyPem(server),
      certificate: `${shown}\n${issuing.certificate}`,
      authorities: [root.certificate, issuing.certificate],
      revocationLists: [await issueRevocationList(root, list), await issueRevocationList(issuing, list)],
    },
    authority: root.certificate,
  };
}

async function enrolOne(issuing: Authority, member: (typeof MEMBERS)[number], at: Instant) {
  const agency = member.id as AgencyId;
  const keys = await newKeyPair();
  const certificate = await issueAgencyCertificate(issuing, {
    agency,
    publicKey: keys.publicKey,
    at,
    days: 90,
    serial: serial(),
  });
  const caller = createCallerKey();
  const identity: Identity = {
    agency,
    title: member.title,
    certificate: `${certificate}\n${issuing.certificate}`,
    privateKey: await privateKeyPem(keys),
    kid: caller.kid,
    callerKey: createPrivateKey({ key: { ...caller.privateKey }, format: 'jwk' }),
  };
  const enrolment: Enrolment = {
    id: agency,
    title: member.title,
    sector: member.sector as Sector,
    entityClasses: [],
    regimes: member.regimes.map((name) => name as RegimeName),
    units: ('units' in member ? member.units : []).map((name) => name as UnitId),
    callerKeys: [{ kid: caller.kid, publicKey: caller.publicKey }],
  };
  return { id: member.id, identity, enrolment };
}

function serial() {
  return serialOf(randomBytes(16));
}
