import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';
import {
  createCallerKey,
  createIssuing,
  createRoot,
  issueAgencyCertificate,
  issueRevocationList,
  issueServerCertificate,
  newKeyPair,
  privateKeyPem,
  type Serial,
  serialOf,
} from '#certificates';
import { type AgencyId, instantOf, type UnitId } from '#terms';
import { type Credentials, signCaller } from '#web';
import { type Peer, requestOf } from '../connection.js';

export const shelter = 'harbour-house' as AgencyId;
export const hospital = 'st-brigid' as AgencyId;
export const operator = 'postern-operator' as AgencyId;
/** The unit that asks, of which it has been said that nobody in it is tied to him. */
export const shelterUnit = 'advocacy' as UnitId;

/** One agency's system: its certificate, the key under which it says who asks, and who that is. */
export interface AgencySystem {
  readonly agency: AgencyId;
  readonly role: string;
  readonly unit?: UnitId;
  readonly kid: string;
  readonly publicKey: JsonWebKey;
  readonly key: KeyObject;
  readonly shown: Omit<Peer, 'port'>;
}

export interface Certified {
  readonly server: Credentials;
  readonly shelter: AgencySystem;
  readonly hospital: AgencySystem;
}

const DAY = 86_400_000;

/** One authority, one server certificate for gateway and floor alike, one client certificate for each agency. */
export async function certify(): Promise<Certified> {
  const at = instantOf(Date.now());
  const root = await createRoot({ name: 'Bench Root', at, days: 730, serial: serial() });
  const issuing = await createIssuing(root, { name: 'Bench Issuing', at, days: 365, serial: serial() });
  const lists = [root, issuing].map((authority) =>
    issueRevocationList(authority, { revoked: [], at, until: instantOf(at + DAY), number: 0 }),
  );
  const pair = await newKeyPair();
  const terms = { hosts: ['127.0.0.1'] as [string], publicKey: pair.publicKey, at, days: 2, serial: serial() };
  const system = async (agency: AgencyId, role: string, unit?: UnitId): Promise<AgencySystem> => {
    const own = await newKeyPair();
    const leaf = { agency, publicKey: own.publicKey, at, days: 2, serial: serial() };
    const { kid, publicKey, privateKey } = createCallerKey();
    return {
      agency,
      role,
      ...(unit !== undefined && { unit }),
      kid,
      publicKey,
      key: createPrivateKey({ key: { ...privateKey }, format: 'jwk' }),
      shown: {
        ca: root.certificate,
        cert: (await issueAgencyCertificate(issuing, leaf)) + issuing.certificate,
        key: await privateKeyPem(own),
      },
    };
  };
  return {
    server: {
      key: await privateKeyPem(pair),
      certificate: (await issueServerCertificate(issuing, terms)) + issuing.certificate,
      authorities: [root.certificate, issuing.certificate],
      revocationLists: await Promise.all(lists),
    },
    shelter: await system(shelter, 'advocate', shelterUnit),
    hospital: await system(hospital, 'records_officer'),
  };
}

function serial(): Serial {
  return serialOf(randomBytes(16));
}

/** A request as this agency's system sends it, signed now and good for two minutes. */
export function signedRequest({ kid, key, role, unit }: AgencySystem, path: string, body: object): Buffer {
  const text = JSON.stringify(body);
  const caller = signCaller(
    { kid, key, officer: `${role}-1`, role, ...(unit !== undefined && { unit }) },
    { method: 'POST', path, body: text },
    instantOf(Date.now()),
  );
  return requestOf(path, caller, text);
}
