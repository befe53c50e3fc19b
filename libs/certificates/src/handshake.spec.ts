import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { type AgencyId, type Instant, instantOf } from '#terms';
import { type Authority, createIssuing, createRoot } from './authority.js';
import { checkPeer } from './check.js';
import { agencyOf, agencyUri } from './identify.js';
import { issueAgencyCertificate, issueServerCertificate } from './issue.js';
import { newKeyPair, privateKeyPem, SIGNING } from './keys.js';
import { toPem } from './pem.js';
import { issueRevocationList, readRevocationList } from './revoke.js';
import { parseSerial, serialOf } from './serial.js';
import {
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from './x509.js';

const DAY = 86_400_000;
const now = instantOf(Date.now());
const police = 'county-police' as AgencyId;
const serial = () => serialOf(randomBytes(16));

interface House {
  readonly root: Authority;
  readonly issuing: Authority;
}

async function house(at: Instant = now): Promise<House> {
  const root = await createRoot({ name: 'Riverside Root', at, days: 730, serial: serial() });
  const issuing = await createIssuing(root, { name: 'Riverside Issuing', at, days: 365, serial: serial() });
  return { root, issuing };
}

async function list(authority: Authority, certificates: readonly string[] = [], until = instantOf(now + 7 * DAY)) {
  const revoked = certificates.map((pem) => ({
    serial: parseSerial(new X509Certificate(pem).serialNumber),
    at: now,
    reason: 'key compromised' as const,
  }));
  return issueRevocationList(authority, { revoked, at: instantOf(until - 14 * DAY), until, number: 1 });
}

async function client(issuing: Authority, at: Instant = now, days = 90) {
  const keys = await newKeyPair();
  const terms = { agency: police, publicKey: keys.publicKey, at, days, serial: serial() };
  return { cert: await issueAgencyCertificate(issuing, terms), key: await privateKeyPem(keys) };
}

async function selfSigned() {
  const keys = await newKeyPair();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    keys,
    serialNumber: serial(),
    name: [{ CN: [police] }],
    signingAlgorithm: SIGNING,
    extensions: [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension([{ type: 'url', value: agencyUri(police) }]),
    ],
  });
  return { cert: toPem(certificate.rawData, 'CERTIFICATE'), key: await privateKeyPem(keys) };
}

async function server(ours: House, crl: readonly string[]) {
  const keys = await newKeyPair();
  const hosts: [string, ...string[]] = ['localhost', '127.0.0.1'];
  const terms = { hosts, publicKey: keys.publicKey, at: now, days: 90, serial: serial() };
  return {
    key: await privateKeyPem(keys),
    cert: (await issueServerCertificate(ours.issuing, terms)) + ours.issuing.certificate,
    ca: [ours.root.certificate, ours.issuing.certificate],
    crl: [...crl],
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  } satisfies tls.TlsOptions;
}

/** What a real server makes of a real client: the agency it sees, or why it hung up. */
async function shake(options: tls.TlsOptions, credentials: { cert?: string; key?: string }): Promise<string> {
  const listener = tls.createServer(options);
  const outcome = new Promise<string>((resolve) => {
    listener.on('secureConnection', (socket) => {
      const certificate = socket.getPeerX509Certificate();
      resolve(`accepted ${certificate === undefined ? 'nobody' : agencyOf(certificate)?.agency}`);
      socket.destroy();
    });
    listener.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      resolve(`refused ${String(socket.authorizationError ?? error.code)}`);
      socket.destroy();
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const socket = tls.connect({ port, host: '127.0.0.1', ca: options.ca, minVersion: 'TLSv1.3', ...credentials });
  socket.on('error', () => {}).resume();
  const said = await outcome;
  socket.destroy();
  listener.close();
  return said;
}

describe('a TLS server under our authority', () => {
  let ours: House;
  let options: tls.TlsOptions;

  beforeAll(async () => {
    ours = await house();
    options = await server(ours, [await list(ours.root), await list(ours.issuing)]);
  });

  it('accepts an agency and knows it by name', async () => {
    expect(await shake(options, await client(ours.issuing))).toBe('accepted county-police');
  });

  it('refuses who shows nothing', async () => {
    expect(await shake(options, {})).toBe('refused ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE');
  });

  it('refuses an expired certificate', async () => {
    const old = await house(instantOf(now - 200 * DAY));
    const expired = await client(old.issuing, instantOf(now - 100 * DAY), 90);
    const lists = [await list(old.root), await list(old.issuing)];
    expect(await shake(await server(old, lists), expired)).toBe('refused CERT_HAS_EXPIRED');
    expect(await shake(await server(old, lists), await client(old.issuing))).toBe('accepted county-police');
  });

  it('refuses a certificate that is not valid yet', async () => {
    const early = await client(ours.issuing, instantOf(now + 2 * DAY));
    expect(await shake(options, early)).toBe('refused CERT_NOT_YET_VALID');
  });

  it('refuses the same names from another authority that calls itself ours', async () => {
    const theirs = await house();
    expect(await shake(options, await client(theirs.issuing))).toMatch(
      /^refused (CERT_SIGNATURE_FAILURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/,
    );
  });

  it('refuses a self-signed certificate', async () => {
    const credentials = await selfSigned();
    expect(await shake(options, credentials)).toMatch(/^refused/);
    // Without lists the server says which of its reasons came first.
    expect(await shake({ ...options, crl: undefined }, credentials)).toBe('refused DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  it('refuses a revoked certificate, and only that one', async () => {
    const lost = await client(ours.issuing);
    const kept = await client(ours.issuing);
    const revoking = { ...options, crl: [await list(ours.root), await list(ours.issuing, [lost.cert])] };
    expect(await shake(revoking, lost)).toBe('refused CERT_REVOKED');
    expect(await shake(revoking, kept)).toBe('accepted county-police');
  });

  it('refuses everybody under a revoked issuing authority', async () => {
    const revoking = { ...options, crl: [await list(ours.root, [ours.issuing.certificate]), await list(ours.issuing)] };
    expect(await shake(revoking, await client(ours.issuing))).toBe('refused CERT_REVOKED');
  });

  it('refuses everybody once a list is stale or missing, so that a forgotten list is never a way in', async () => {
    const stale = { ...options, crl: [await list(ours.root), await list(ours.issuing, [], instantOf(now - DAY))] };
    expect(await shake(stale, await client(ours.issuing))).toBe('refused CRL_HAS_EXPIRED');
    const missing = { ...options, crl: [await list(ours.issuing)] };
    expect(await shake(missing, await client(ours.issuing))).toBe('refused UNABLE_TO_GET_CRL');
  });

  it("refuses a list that somebody else signed in the authority's name", async () => {
    const theirs = await house();
    const forged = { ...options, crl: [await list(ours.root), await list(theirs.issuing)] };
    expect(await shake(forged, await client(ours.issuing))).toMatch(
      /^refused (CRL_SIGNATURE_FAILURE|UNABLE_TO_GET_CRL)$/,
    );
  });

  it('refuses a server certificate that is shown as a client', async () => {
    const { cert, key } = await server(ours, []);
    expect(await shake(options, { cert, key })).toBe('refused INVALID_PURPOSE');
  });

  it('refuses what an agency issued with its own key', async () => {
    const keys = await newKeyPair();
    const terms = { agency: police, publicKey: keys.publicKey, at: now, days: 90, serial: serial() };
    const agency: Authority = {
      certificate: await issueAgencyCertificate(ours.issuing, terms),
      privateKey: await privateKeyPem(keys),
    };
    const minted = await client(agency, now, 60);
    const credentials = { ...minted, cert: minted.cert + agency.certificate };
    expect(await shake(options, credentials)).toMatch(/^refused/);
    // Node has no name of its own for a certificate whose key may not sign certificates.
    expect(await shake({ ...options, crl: undefined }, credentials)).toMatch(/^refused (INVALID_CA|UNSPECIFIED)$/);
  });

  it('says the same in words as the handshake does by hanging up', async () => {
    const lost = await client(ours.issuing);
    const under = {
      issuing: ours.issuing.certificate,
      list: await readRevocationList(await list(ours.issuing, [lost.cert]), ours.issuing.certificate),
      at: now,
    };
    const alone = await selfSigned();
    const foreign = await client((await house()).issuing);
    const kept = await client(ours.issuing);
    const mine = await server(ours, []);
    expect(checkPeer(kept.cert, under)).toMatchObject({ kind: 'good', peer: { agency: 'county-police' } });
    expect(checkPeer(lost.cert, under).kind).toBe('revoked');
    expect(checkPeer(alone.cert, under).kind).toBe('self_signed');
    expect(checkPeer(foreign.cert, under).kind).toBe('foreign');
    expect(checkPeer(mine.cert, under).kind).toBe('not_an_agency');
    expect(checkPeer(kept.cert, { ...under, at: instantOf(now + 91 * DAY) }).kind).toBe('expired');
    expect(checkPeer(kept.cert, { ...under, at: instantOf(now - DAY) }).kind).toBe('not_yet_valid');
    expect(checkPeer('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', under).kind).toBe('malformed');
  });
});
