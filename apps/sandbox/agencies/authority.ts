import { randomBytes } from 'node:crypto';
import {
  type Authority,
  createRoot,
  issueServerCertificate,
  newKeyPair,
  privateKeyPem,
  type Serial,
  serialOf,
} from '#certificates';
import { instantOf } from '#terms';

/** What a server shows and signs with, PEM. */
export interface Identity {
  readonly certificate: string;
  readonly privateKey: string;
}

/**
 * The authority of the county's own computing centre, which Postern has no part in: agencies had servers before. It lives
 * as long as the sandbox does.
 */
export interface CountyAuthority {
  readonly certificate: string;
  issue(): Promise<Identity>;
}

export async function createCountyAuthority(now: number): Promise<CountyAuthority> {
  const at = instantOf(now);
  const root: Authority = await createRoot({
    name: 'Riverside County Computing Centre',
    at,
    days: 365,
    serial: serial(),
  });
  return {
    certificate: root.certificate,
    async issue() {
      const keys = await newKeyPair();
      const certificate = await issueServerCertificate(root, {
        hosts: ['localhost', '127.0.0.1'],
        publicKey: keys.publicKey,
        at,
        days: 90,
        serial: serial(),
      });
      return { certificate, privateKey: await privateKeyPem(keys) };
    },
  };
}

function serial(): Serial {
  return serialOf(randomBytes(16));
}
