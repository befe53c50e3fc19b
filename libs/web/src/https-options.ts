import { constants } from 'node:crypto';
import { Server } from 'node:tls';

/** What a face needs to speak mutual TLS: PEM texts. */
export interface Credentials {
  readonly key: string;
  /** The server's certificate followed by that of the authority that issued it. */
  readonly certificate: string;
  /** Every authority whose clients are let in, the root included. */
  readonly authorities: readonly string[];
  /** A living list of every one of these authorities: where one is missing or stale, nobody under it gets in. */
  readonly revocationLists: readonly string[];
}

/**
 * TLS 1.3 only, and only for clients that show a certificate of our authorities which is neither expired nor revoked.
 *
 * @example https.createServer(httpsOptions(credentials), listener)
 */
export function httpsOptions(credentials: Credentials) {
  return {
    key: credentials.key,
    cert: credentials.certificate,
    ca: [...credentials.authorities],
    crl: [...credentials.revocationLists],
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3' as const,
    // A resumed session skips the client's certificate, and with it the revocation list of today.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/**
 * Swaps certificates and revocation lists under a running server. New handshakes see the new ones; connections that
 * stand are not cut, which is why the guard looks at every request's serial as well.
 */
export function renewCredentials(server: unknown, credentials: Credentials): void {
  if (!(server instanceof Server)) throw new TypeError('only a TLS server has credentials to renew');
  server.setSecureContext(httpsOptions(credentials));
}
