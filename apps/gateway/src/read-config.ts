import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseDocument } from 'yaml';
import type { Access } from '#connectors';
import type { Limits } from '#disclosure';
import { LedgerError, parseWitnessKey } from '#ledger';
import { type AgencyId, type OfficerId, Outside } from '#terms';
import type { Credentials } from '#web';
import { type GatewayConfig, LIMITS, PUBLICATION, type SignedRules, type SourceConfig } from './config.js';
import { codeOf, GatewayError } from './error.js';
import type { WitnessAddress } from './ask-witness.js';
import { readMasterKey } from './master-keyring.js';
import type { Publication, Witnessing } from './scheduled-checkpoints.js';

/**
 * Reads the configuration file of a gateway. Paths in it begin at its own folder; a secret is written as `{file: PATH}`,
 * so that the file itself can be reviewed, mailed and versioned. The database's address is in `DATABASE_URL`.
 *
 * @example
 * const gateway = await startGateway(await readConfig('/etc/postern/gateway.yaml', process.env));
 */
export async function readConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<GatewayConfig> {
  const reading: Reading = { file, folder: path.dirname(path.resolve(file)) };
  const config = await parseYaml(reading, await textOf(reading, path.resolve(file)));
  config.closed(
    ['listen', 'pool', 'tls', 'ledger', 'masterKey', 'keyEpochs', 'policies', 'operator', 'sources'],
    ['limits', 'uncheckedRules', 'publication'],
  );
  const url = environment['DATABASE_URL'];
  if (url === undefined || url === '')
    throw new GatewayError(
      'CONFIG_INVALID',
      'DATABASE_URL is not set: it names the database and the role that gateways have there.',
    );
  const listen = config.get('listen').closed(['host', 'port']);
  const ledger = config.get('ledger').closed(['origin', 'key']);
  return Object.freeze({
    listen: { host: listen.get('host').name(), port: listen.get('port').wholeNumber() },
    database: { url, poolSize: config.get('pool').wholeNumber(), durability: 'required' as const },
    credentials: await credentialsIn(reading, config.get('tls')),
    ledger: { origin: ledger.get('origin').name(), key: await signingKey(reading, ledger.get('key').name()) },
    masterKey: await masterKey(reading, config.get('masterKey').name()),
    keyEpochs: path.resolve(reading.folder, config.get('keyEpochs').name()),
    policies: path.resolve(reading.folder, config.get('policies').name()),
    ...config.optional('uncheckedRules', signedRulesIn),
    operator: config.get('operator').name() as AgencyId,
    sources: await Promise.all(config.get('sources').list((source) => sourceIn(reading, source))),
    limits: config.optional('limits', limitsIn).limits ?? LIMITS,
    publication: config.optional('publication', (given) => publicationIn(reading, given)).publication ?? PUBLICATION,
    log: (line: string) => void process.stderr.write(line),
  });
}

export interface Reading {
  readonly file: string;
  readonly folder: string;
}

export async function parseYaml({ file }: Reading, text: string): Promise<Outside> {
  const document = parseDocument(text, { schema: 'core', uniqueKeys: true, strict: true });
  const [mistake] = document.errors;
  const line = mistake?.linePos?.[0].line;
  if (mistake !== undefined) throw invalid(file, `line ${line} is not YAML that means one thing`);
  return Outside.of(document.toJS({ maxAliasCount: 0 }), (problem) =>
    invalid(file, problem.replace(/^the record\.?/, '').trimStart()),
  );
}

async function credentialsIn(reading: Reading, tls: Outside): Promise<Credentials> {
  tls.closed(['key', 'certificate', 'authorities', 'revocationLists']);
  const read = (name: Outside): Promise<string> => textOf(reading, name.name());
  const [key, certificate, authorities, revocationLists] = await Promise.all([
    read(tls.get('key')),
    read(tls.get('certificate')),
    Promise.all(tls.get('authorities').list(read)),
    Promise.all(tls.get('revocationLists').list(read)),
  ]);
  return { key, certificate, authorities, revocationLists };
}

export async function signingKey(reading: Reading, name: string): Promise<KeyObject> {
  const text = await textOf(reading, name);
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // The parser quotes what it read.
  }
  throw invalid(reading.file, `ledger.key names ${name}, which is not an Ed25519 private key in PEM`);
}

export async function masterKey({ file, folder }: Reading, name: string): Promise<Uint8Array> {
  return readMasterKey(path.resolve(folder, name)).catch(() => {
    throw invalid(file, `masterKey names ${name}, which is no file with a master key`);
  });
}

function signedRulesIn(signed: Outside): SignedRules {
  signed.closed(['signedBy', 'on']);
  return { signedBy: signed.get('signedBy').name() as OfficerId, on: signed.get('on').date() };
}

function limitsIn(limits: Outside): Limits {
  limits.closed(['lease', 'source', 'uniform', 'question']);
  const number = (name: keyof Limits): number => limits.get(name).wholeNumber();
  return { lease: number('lease'), source: number('source'), uniform: number('uniform'), question: number('question') };
}

function publicationIn(reading: Reading, publication: Outside): Publication {
  publication.closed(['everySeconds'], ['folder', 'witnesses']);
  return {
    every: seconds(publication.get('everySeconds')),
    ...publication.optional('folder', (folder) => path.resolve(reading.folder, folder.name())),
    ...publication.optional('witnesses', (witnesses) => witnessingIn(reading, witnesses)),
  };
}

function witnessingIn(reading: Reading, witnesses: Outside): Witnessing {
  witnesses.closed(['asked', 'quorum', 'longestSeconds', 'afterwards']);
  const asked = witnesses.get('asked').list((one) => witnessIn(reading, one));
  const quorum = witnesses.get('quorum').wholeNumber();
  // Two names for one key would be one witness that counts twice.
  const keys = new Set(asked.map(({ key }) => key.publicKey.export({ format: 'der', type: 'spki' }).toString('hex')));
  if (keys.size < asked.length) throw invalid(reading.file, 'publication.witnesses.asked names one key twice');
  if (quorum < 1 || quorum > asked.length)
    throw invalid(reading.file, 'publication.witnesses.quorum is at least 1, and no more than there are witnesses');
  const longest = seconds(witnesses.get('longestSeconds'));
  return { asked, quorum, longest, afterwards: witnesses.get('afterwards').word(['go on', 'refuse']) };
}

function witnessIn({ file }: Reading, witness: Outside): WitnessAddress {
  witness.closed(['key', 'url']);
  const url = witness.get('url').name().replace(/\/$/, '');
  if (!URL.canParse(url) || !['https:', 'http:'].includes(new URL(url).protocol))
    throw invalid(file, 'the url of a witness is not an address that begins with https://');
  try {
    return { key: parseWitnessKey(witness.get('key').name()), url };
  } catch (error) {
    if (error instanceof LedgerError) throw invalid(file, 'the key of a witness is not name+id+key, of type 4');
    throw error;
  }
}

/** In milliseconds; at least one, and no more than a timer can wait. */
function seconds(given: Outside): number {
  const number = given.wholeNumber();
  return number >= 1 && number <= 2_000_000 ? number * 1000 : given.fail('is not between 1 and 2000000 seconds');
}

async function sourceIn(reading: Reading, source: Outside): Promise<SourceConfig> {
  source.closed(['agency', 'mapping', 'access']);
  return {
    agency: source.get('agency').name() as AgencyId,
    mapping: path.resolve(reading.folder, source.get('mapping').name()),
    access: await accessIn(reading, source.get('access')),
  };
}

const HTTPS = ['authority', 'certificate', 'key'] as const;

async function accessIn(reading: Reading, access: Outside): Promise<Access> {
  const protocol = access.get('protocol').word(['fhir', 'sql', 'rest', 'csv']);
  switch (protocol) {
    case 'fhir':
      access.closed(['protocol', 'base'], [...HTTPS, 'bearer']);
      return { protocol, ...(await texts(reading, access, ['base'], [...HTTPS, 'bearer'])) };
    case 'rest': {
      const needed = ['base', 'tokenEndpoint', 'clientId', 'clientSecret'] as const;
      access.closed(['protocol', ...needed], HTTPS);
      return { protocol, ...(await texts(reading, access, needed, HTTPS)) };
    }
    case 'sql': {
      const needed = ['host', 'database', 'user', 'password'] as const;
      access.closed(['protocol', 'port', ...needed], ['authority']);
      const port = access.get('port').wholeNumber();
      return { protocol, port, ...(await texts(reading, access, needed, ['authority'])) };
    }
    case 'csv':
      access.closed(['protocol', 'folder']);
      return { protocol, folder: path.resolve(reading.folder, access.get('folder').name()) };
  }
}

type Texts<Needed extends string, Perhaps extends string> = Readonly<Record<Needed, string>> & {
  readonly [P in Perhaps]?: string;
};

/** Each a text as it stands, or `{file: PATH}`. */
async function texts<Needed extends string, Perhaps extends string>(
  reading: Reading,
  access: Outside,
  needed: readonly Needed[],
  perhaps: readonly Perhaps[],
): Promise<Texts<Needed, Perhaps>> {
  const found: Record<string, string> = {};
  for (const name of needed) found[name] = await textIn(reading, access.get(name));
  for (const name of perhaps) {
    const given = access.optional<string, Outside>(name, (value) => value)[name];
    if (given !== undefined) found[name] = await textIn(reading, given);
  }
  return found as Texts<Needed, Perhaps>;
}

/** The last line break of a file is the editor's, not the secret's. */
async function textIn(reading: Reading, value: Outside): Promise<string> {
  if (value.isText()) return value.text();
  return (await textOf(reading, value.closed(['file']).get('file').name())).replace(/\r?\n$/, '');
}

export async function textOf({ file, folder }: Reading, name: string): Promise<string> {
  try {
    return await readFile(path.resolve(folder, name), 'utf8');
  } catch (cause) {
    throw new GatewayError('CONFIG_INVALID', `${file} cannot be used: ${name} cannot be read (${codeOf(cause)}).`, {
      cause,
    });
  }
}

export function invalid(file: string, problem: string): GatewayError {
  return new GatewayError('CONFIG_INVALID', `${file} cannot be used: ${problem}.`);
}
