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
import type { AgencyId } from '#terms';
import { instantOf } from '#terms';
import { type Credentials, signCaller } from '#web';
import { type Peer, requestOf } from '../connection.js';

export const shelter = 'harbour-house' as AgencyId;
export const hospital = 'st-brigid' as AgencyId;
export const operator = 'postern-operator' as AgencyId;

/** One agency's system: its certificate, the key under which it says who asks, and who that is. */
export interface AgencySystem {
  readonly agency: AgencyId;
  readonly role: string;
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
  const system = async (agency: AgencyId, role: string): Promise<AgencySystem> => {
    const own = await newKeyPair();
    const leaf = { agency, publicKey: own.publicKey, at, days: 2, serial: serial() };
    const { kid, publicKey, privateKey } = createCallerKey();
    return {
      agency,
      role,
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
    shelter: await system(shelter, 'advocate'),
    hospital: await system(hospital, 'records_officer'),
  };
}

function serial(): Serial {
  return serialOf(randomBytes(16));
}

/** A request as this agency's system sends it, signed now and good for two minutes. */
export function signedRequest({ kid, key, role }: AgencySystem, path: string, body: object): Buffer {
  const text = JSON.stringify(body);
  const caller = signCaller(
    { kid, key, officer: `${role}-1`, role },
    { method: 'POST', path, body: text },
    instantOf(Date.now()),
  );
  return requestOf(path, caller, text);
}
