import {
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from './x509.js';
import { createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { type AgencyId, instantOf } from '#terms';
import { type Authority, createIssuing, createRoot } from './authority.js';
import { createCallerKey, readCallerKey } from './caller-key.js';
import { agencyOf } from './identify.js';
import { issueAgencyCertificate, issueServerCertificate } from './issue.js';
import { newKeyPair, SIGNING } from './keys.js';
import { createRequest, readRequest } from './request.js';
import { issueRevocationList, readRevocationList } from './revoke.js';
import { parseSerial, serialOf } from './serial.js';

const DAY = 86_400_000;
const at = instantOf(Date.UTC(2026, 2, 1, 9));
const serial = () => serialOf(randomBytes(16));
const withCode = (code: string) => expect.objectContaining({ name: 'CertificateError', code });
type Name = { type: 'url' | 'dns'; value: string };
const name = (value: string): Name => ({ type: 'url', value });
const shelter = 'harbour-house' as AgencyId;

let root: Authority;
let issuing: Authority;

beforeAll(async () => {
  root = await createRoot({ name: 'Riverside Root', at, days: 730, serial: serial() });
  issuing = await createIssuing(root, { name: 'Riverside Issuing', at, days: 365, serial: serial() });
});

describe('issueAgencyCertificate', () => {
  it('lasts at most 90 days, what it is backdated by included', async () => {
    const { publicKey } = await newKeyPair();
    const terms = { agency: shelter, publicKey, at, serial: serial() };
    const longest = new X509Certificate(await issueAgencyCertificate(issuing, { ...terms, days: 90 }));
    expect(Date.parse(longest.validTo) - Date.parse(longest.validFrom)).toBe(90 * DAY);
    for (const days of [0, 91, 1.5, Number.NaN, Infinity])
      await expect(issueAgencyCertificate(issuing, { ...terms, days })).rejects.toEqual(
        withCode('CERTIFICATE_LIFETIME'),
      );
  });

  it('never outlives its authority', async () => {
    const { publicKey } = await newKeyPair();
    const late = { agency: shelter, publicKey, at: instantOf(at + 300 * DAY), days: 90, serial: serial() };
    await expect(issueAgencyCertificate(issuing, late)).rejects.toEqual(withCode('CERTIFICATE_LIFETIME'));
    await expect(createIssuing(root, { name: 'Long', at, days: 731, serial: serial() })).rejects.toEqual(
      withCode('CERTIFICATE_LIFETIME'),
    );
  });

  it.each(['', 'Harbour', 'harbour_house', 'a,URI:urn:postern:agency:county-police', '-a', 'a-', 'a'.repeat(64), 'é'])(
    'refuses the agency name %j',
    async (agency) => {
      const { publicKey } = await newKeyPair();
      const terms = { agency: agency as AgencyId, publicKey, at, days: 90, serial: serial() };
      await expect(issueAgencyCertificate(issuing, terms)).rejects.toEqual(withCode('CERTIFICATE_NAME'));
    },
  );

  it('names a server by hosts and addresses only', async () => {
    const { publicKey } = await newKeyPair();
    const terms = { publicKey, at, days: 90, serial: serial() };
    const pem = await issueServerCertificate(issuing, { ...terms, hosts: ['postern.example', '127.0.0.1', '::1'] });
    expect(new X509Certificate(pem).subjectAltName).toBe(
      'DNS:postern.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
    for (const host of ['', 'a b', 'a,DNS:b', '*.example', 'a..b'])
      await expect(issueServerCertificate(issuing, { ...terms, hosts: [host] })).rejects.toEqual(
        withCode('CERTIFICATE_NAME'),
      );
  });
});

async function naming(names: Name[], usage: ExtendedKeyUsage): Promise<X509Certificate> {
  const certificate = await X509CertificateGenerator.createSelfSigned({
    keys: await newKeyPair(),
    serialNumber: serial(),
    signingAlgorithm: SIGNING,
    extensions: [new SubjectAlternativeNameExtension(names), new ExtendedKeyUsageExtension([usage])],
  });
  return new X509Certificate(certificate.toString('pem'));
}

describe('agencyOf', () => {
  it('reads agency, serial and end', async () => {
    const { publicKey } = await newKeyPair();
    const number = serial();
    const pem = await issueAgencyCertificate(issuing, { agency: shelter, publicKey, at, days: 30, serial: number });
    expect(agencyOf(new X509Certificate(pem))).toEqual({
      agency: 'harbour-house',
      serial: number,
      ends: at + 30 * DAY - 5 * 60_000,
    });
  });

  it.each<[string, Name[]]>([
    ['two agencies', [name('urn:postern:agency:a'), name('urn:postern:agency:b')]],
    ['a comma inside a name', [name('urn:postern:agency:a, URI:urn:postern:agency:b')]],
    ['a quote inside a name', [name('urn:postern:agency:a"')]],
    ['a host of that name', [{ type: 'dns', value: 'urn:postern:agency:a' }]],
    ['another kind of urn', [name('urn:postern:server:a')]],
    ['no name at all', [name('urn:postern:agency:')]],
  ])('reads nothing from %s', async (_, names) => {
    expect(agencyOf(await naming(names, ExtendedKeyUsage.clientAuth))).toBeUndefined();
  });

  it('reads nothing from what is not for clients', async () => {
    const names = [name('urn:postern:agency:a')];
    expect(agencyOf(await naming(names, ExtendedKeyUsage.serverAuth))).toBeUndefined();
    expect(agencyOf(await naming(names, ExtendedKeyUsage.clientAuth))?.agency).toBe('a');
  });
});

describe('readRequest', () => {
  it('takes the key and none of the names: a shelter cannot ask to be called the police', async () => {
    const keys = await newKeyPair();
    const request = await Pkcs10CertificateRequestGenerator.create({
      keys,
      name: 'CN=county-police',
      signingAlgorithm: SIGNING,
      extensions: [new SubjectAlternativeNameExtension([{ type: 'url', value: 'urn:postern:agency:county-police' }])],
    });
    const publicKey = await readRequest(request.toString('pem'));
    const pem = await issueAgencyCertificate(issuing, { agency: shelter, publicKey, at, days: 90, serial: serial() });
    expect(agencyOf(new X509Certificate(pem))?.agency).toBe('harbour-house');
    expect(new X509Certificate(pem).subject).toBe('CN=harbour-house');
    const asked = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
    expect(new X509Certificate(pem).publicKey.equals(asked)).toBe(true);
  });

  it('refuses a request that its key did not sign', async () => {
    const der = Buffer.from((await createRequest(await newKeyPair())).replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
    const altered = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    await expect(readRequest(altered)).rejects.toEqual(withCode('REQUEST_NOT_SIGNED'));
  });

  it('refuses a short RSA key', async () => {
    const algorithm = {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      publicExponent: new Uint8Array([1, 0, 1]),
      modulusLength: 1024,
    };
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const request = await Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm: algorithm });
    await expect(readRequest(request.toString('pem'))).rejects.toEqual(withCode('REQUEST_WEAK_KEY'));
  });

  it.each([
    '',
    'garbage',
    '-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----',
    '-----BEGIN CERTIFICATE REQUEST-----\nMAAwAA==\n-----END CERTIFICATE REQUEST-----',
    `-----BEGIN CERTIFICATE REQUEST-----\n${'A'.repeat(20_000)}\n-----END CERTIFICATE REQUEST-----`,
  ])('refuses what is no request (%#)', async (pem) => {
    await expect(readRequest(pem)).rejects.toEqual(withCode('REQUEST_MALFORMED'));
  });
});

describe('revocation lists', () => {
  it('are read back as they were written, numbers of any size', async () => {
    const revoked = [
      { serial: serial(), at, reason: 'key compromised' as const },
      { serial: serial(), at, reason: 'not said' as const },
    ];
    for (const number of [0, 127, 128, 255, 256, 65_535, 2 ** 40]) {
      const terms = { revoked, at, until: instantOf(at + 7 * DAY), number };
      const list = await readRevocationList(await issueRevocationList(issuing, terms), issuing.certificate);
      expect([...list.serials]).toEqual(revoked.map((entry) => entry.serial));
      expect(list.until).toBe(at + 7 * DAY);
    }
  });

  it('are refused from another authority, or as garbage', async () => {
    const terms = { revoked: [], at, until: instantOf(at + DAY), number: 1 };
    const list = await issueRevocationList(root, terms);
    await expect(readRevocationList(list, issuing.certificate)).rejects.toEqual(withCode('CERTIFICATE_MALFORMED'));
    await expect(readRevocationList('no list', issuing.certificate)).rejects.toEqual(withCode('CERTIFICATE_MALFORMED'));
    await expect(issueRevocationList(root, { ...terms, until: at })).rejects.toEqual(withCode('CERTIFICATE_LIFETIME'));
  });
});

describe('serials', () => {
  it('are positive, of one length, and spelled one way', () => {
    expect(serialOf(new Uint8Array(16))).toBe('40000000000000000000000000000000');
    expect(serialOf(new Uint8Array(16).fill(255))).toBe('7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF');
    expect(parseSerial('00ab')).toBe('AB');
    expect(() => serialOf(new Uint8Array(8))).toThrow(withCode('CERTIFICATE_SERIAL'));
    expect(() => parseSerial('AB:CD')).toThrow(withCode('CERTIFICATE_SERIAL'));
  });
});

describe('caller keys', () => {
  it('are read back under the same name', () => {
    const key = createCallerKey();
    expect(readCallerKey(key.publicKey).kid).toBe(key.kid);
  });

  it('are named after RFC 7638, appendix A.3 of RFC 8037', () => {
    const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
    expect(readCallerKey({ kty: 'OKP', crv: 'Ed25519', x }).kid).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });

  it('refuse a private key, so that nobody enrols what he has just given away', () => {
    expect(() => readCallerKey(createCallerKey().privateKey)).toThrow(withCode('CALLER_KEY_PRIVATE'));
  });

  it.each([
    null,
    'text',
    {},
    { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) },
    { kty: 'OKP', crv: 'Ed25519', x: 'short' },
    { kty: 'OKP', crv: 'Ed25519', x: 7 },
    { kty: 'oct', k: 'c2VjcmV0' },
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  ])('refuse what is no Ed25519 public key (%#)', (jwk) => {
    expect(() => readCallerKey(jwk)).toThrow(withCode('CALLER_KEY_MALFORMED'));
  });
});
