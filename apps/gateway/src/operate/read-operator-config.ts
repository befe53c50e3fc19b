import type { KeyObject } from 'node:crypto';
import path from 'node:path';
import type { RetentionTerms } from '#disclosure';
import type { AgencyId, Outside, RegimeName } from '#terms';
import { GatewayError } from '../error.js';
import { invalid, masterKey, parseYaml, type Reading, signingKey, textOf } from '../read-config.js';

/** What the operator's commands are told. They are the only ones that work as the owner of the database. */
export interface OperatorConfig {
  readonly databaseUrl: string;
  readonly ledger: { readonly origin: string; readonly key: KeyObject };
  readonly masterKey: Uint8Array;
  /** The path of the gateways' own file. */
  readonly keyEpochs: string;
  readonly operator: AgencyId;
  /** How long a key-encryption key wraps, in days: so long may an old backup still tell of somebody who was erased. */
  readonly epochDays: number;
  readonly retention: RetentionTerms;
}

/**
 * Reads `operator.yaml`, in the form of the gateway's own; paths in it begin at its folder.
 *
 * @example await readOperatorConfig('/etc/postern/operator.yaml', process.env)
 */
export async function readOperatorConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<OperatorConfig> {
  const reading: Reading = { file, folder: path.dirname(path.resolve(file)) };
  const config = await parseYaml(reading, await textOf(reading, path.resolve(file)));
  config.closed(['ledger', 'masterKey', 'keyEpochs', 'operator', 'epochDays', 'retention']);
  const databaseUrl = environment['DATABASE_URL'];
  if (databaseUrl === undefined || databaseUrl === '')
    throw new GatewayError(
      'CONFIG_INVALID',
      'DATABASE_URL is not set: it names the database, and the role that owns it.',
    );
  const ledger = config.get('ledger').closed(['origin', 'key']);
  return Object.freeze({
    databaseUrl,
    ledger: { origin: ledger.get('origin').name(), key: await signingKey(reading, ledger.get('key').name()) },
    masterKey: await masterKey(reading, config.get('masterKey').name()),
    keyEpochs: path.resolve(reading.folder, config.get('keyEpochs').name()),
    operator: config.get('operator').name() as AgencyId,
    epochDays: days(config.get('epochDays')),
    retention: termsIn(reading, config.get('retention')),
  });
}

function termsIn({ file }: Reading, retention: Outside): RetentionTerms {
  const terms = retention.list((term): [RegimeName, number] => {
    term.closed(['regime', 'days']);
    return [term.get('regime').name() as RegimeName, days(term.get('days'))];
  });
  const known = new Map(terms);
  if (known.size < terms.length) throw invalid(file, 'retention names one regime twice');
  return known;
}

function days(given: Outside): number {
  const number = given.wholeNumber();
  return number >= 1 && number <= 36_500 ? number : given.fail('is not a number of days');
}
