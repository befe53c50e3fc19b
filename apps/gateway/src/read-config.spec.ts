import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LIMITS, PUBLICATION } from './config.js';
import { masterKeyFrom } from './master-keyring.js';
import { readConfig } from './read-config.js';

const README = readFileSync(path.join(import.meta.dirname, '..', 'README.md'), 'utf8');
const EXAMPLE = /```yaml\n([\s\S]*?)```/.exec(README)?.[1] ?? '';

describe('a configuration file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-config-'));
  const file = path.join(folder, 'gateway.yaml');
  const environment = { DATABASE_URL: 'postgres://postern_gateway:x@127.0.0.1/postern' };
  const key = generateKeyPairSync('ed25519').privateKey;

  beforeAll(async () => {
    await masterKeyFrom(path.join(folder, 'master.key'));
    mkdirSync(path.join(folder, 'tls'));
    mkdirSync(path.join(folder, 'secrets'));
    for (const name of ['gateway.pem', 'gateway.key', 'root.pem', 'issuing.pem', 'root.crl', 'issuing.crl'])
      writeFileSync(path.join(folder, 'tls', name), `text of ${name}`);
    writeFileSync(path.join(folder, 'ledger.key'), key.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(path.join(folder, 'secrets', 'harbour'), 'correct horse\n');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  async function read(text: string) {
    writeFileSync(file, text);
    return readConfig(file, environment);
  }

  it('is read as the README shows it', async () => {
    const { log: _log, ledger, masterKey, ...config } = await read(EXAMPLE);
    expect(config).toEqual({
      listen: { host: '0.0.0.0', port: 8443 },
      database: { url: environment.DATABASE_URL, poolSize: 16, durability: 'required' },
      credentials: {
        key: 'text of gateway.key',
        certificate: 'text of gateway.pem',
        authorities: ['text of root.pem', 'text of issuing.pem'],
        revocationLists: ['text of root.crl', 'text of issuing.crl'],
      },
      keyEpochs: path.join(folder, 'key-epochs'),
      policies: path.join(folder, 'policies'),
      operator: 'postern-operator',
      sources: [
        {
          agency: 'harbour-house',
          mapping: path.join(folder, 'mappings', 'harbour-house.yaml'),
          access: {
            protocol: 'sql',
            host: '10.0.0.7',
            port: 5432,
            database: 'cases',
            user: 'postern',
            password: 'correct horse',
          },
        },
      ],
      limits: LIMITS,
      publication: {
        every: 3_600_000,
        folder: '/var/lib/postern/tiles',
        witnesses: {
          asked: [
            { key: expect.objectContaining({ name: 'witness.example/vectors' }), url: 'https://witness.example' },
          ],
          quorum: 1,
          longest: 86_400_000,
          afterwards: 'go on',
        },
      },
    });
    expect(ledger.origin).toBe('riverside.example/postern');
    expect(ledger.key.equals(key)).toBe(true);
    expect(masterKey).toHaveLength(32);
  });

  it('says which officer answers for rules that nobody has checked', async () => {
    const { uncheckedRules } = await read(`${EXAMPLE}uncheckedRules: { signedBy: o-12, on: 2026-11-02 }\n`);
    expect(uncheckedRules).toEqual({ signedBy: 'o-12', on: '2026-11-02' });
    expect(await read(EXAMPLE)).not.toHaveProperty('uncheckedRules');
  });

  it('publishes hourly, and nowhere, where nothing is said of it', async () => {
    const { publication } = await read(EXAMPLE.replace(/publication:[\s\S]*(?=sources:)/, ''));
    expect(publication).toEqual(PUBLICATION);
  });

  it('knows how each protocol is reached', async () => {
    const sources = `sources:
  - {agency: a, mapping: m, access: {protocol: fhir, base: https://f.example, bearer: {file: secrets/harbour}}}
  - {agency: b, mapping: m, access: {protocol: rest, base: https://r.example, tokenEndpoint: https://t.example, clientId: c, clientSecret: s}}
  - {agency: c, mapping: m, access: {protocol: csv, folder: nightly}}
`;
    const config = await read(`${EXAMPLE.slice(0, EXAMPLE.indexOf('sources:'))}${sources}`);
    expect(config.sources.map(({ access }) => access)).toEqual([
      { protocol: 'fhir', base: 'https://f.example', bearer: 'correct horse' },
      {
        protocol: 'rest',
        base: 'https://r.example',
        tokenEndpoint: 'https://t.example',
        clientId: 'c',
        clientSecret: 's',
      },
      { protocol: 'csv', folder: path.join(folder, 'nightly') },
    ]);
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ['is no YAML', () => 'a: [', /line 1 is not YAML/],
    ['says a thing twice', (text) => `${text}pool: 3\n`, /line \d+ is not YAML that means one thing/],
    ['says what it does not mean', (text) => `${text}durability: none\n`, /has a key that does not belong there/],
    ['leaves out the ledger', (text) => text.replace(/ledger:.*/, ''), /lacks ledger/],
    ['has words for a number', (text) => text.replace('8443', 'https'), /listen\.port is not a whole number/],
    [
      'names a file that is not there',
      (text) => text.replace('tls/root.crl', 'tls/none.crl'),
      /tls\/none\.crl cannot be read \(ENOENT\)/,
    ],
    [
      'publishes all the time',
      (text) => text.replace('everySeconds: 3600', 'everySeconds: 0'),
      /everySeconds is not between/,
    ],
    [
      'wants more witnesses than it asks',
      (text) => text.replace('quorum: 1', 'quorum: 2'),
      /quorum is at least 1, and no more/,
    ],
    ['wants none', (text) => text.replace('quorum: 1', 'quorum: 0'), /quorum is at least 1, and no more/],
    [
      'counts one witness twice',
      (text) => text.replace(/( +- key: witness.*\n +url: .*\n)/, '$1$1'),
      /names one key twice/,
    ],
    [
      'takes a key that signs notes for a witness’s',
      (text) =>
        text.replace(/key: witness\S+/, 'key: example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'),
      /the key of a witness is not name/,
    ],
    [
      'asks a witness by file',
      (text) => text.replace('https://witness.example', 'file:///etc'),
      /the url of a witness/,
    ],
    ['does something else then', (text) => text.replace('go on', 'shrug'), /afterwards is none of go on, refuse/],
    [
      'signs on no day',
      (text) => `${text}uncheckedRules: { signedBy: o-12, on: 2026-02-30 }\n`,
      /uncheckedRules\.on is not a date/,
    ],
    ['is signed by nobody', (text) => `${text}uncheckedRules: { on: 2026-02-03 }\n`, /uncheckedRules lacks signedBy/],
    ['names no key of a ledger', (text) => text.replace('ledger.key', 'tls/gateway.key'), /not an Ed25519 private key/],
    ['names no master key', (text) => text.replace('master.key', 'secrets/harbour'), /no file with a master key/],
    [
      'knows no such protocol',
      (text) => text.replace('protocol: sql', 'protocol: ftp'),
      /is none of fhir, sql, rest, csv/,
    ],
    ['lacks a password', (text) => text.replace(/, password: .*\} \}/, ' }'), /lacks password/],
  ])('is refused in one sentence where it %s', async (_, change, words) => {
    await expect(read(change(EXAMPLE))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(words),
    });
    await expect(read(change(EXAMPLE))).rejects.toThrow(/^[^\n]*gateway\.yaml cannot be used: [^\n]*\.$/);
  });

  it('wants to know the database from the environment', async () => {
    writeFileSync(file, EXAMPLE);
    await expect(readConfig(file, {})).rejects.toMatchObject({ message: expect.stringContaining('DATABASE_URL') });
  });
});
