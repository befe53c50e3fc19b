import path from 'node:path';
import type { Access } from '#connectors';
import { CHECKOUT } from '../checkout.js';
import type { Sandbox } from './start-sandbox.js';

/** How somebody at a terminal reaches one system of the sandbox with the credentials that it asks for. */
export interface WayIn {
  readonly what: string;
  readonly wants: string;
  /** One line for a POSIX shell, good in any folder. */
  readonly command: string;
}

/** The gateway, and each agency's own system as the gateway reaches it. Good until the sandbox ends. */
export function waysIn({ gateways, agencies, credentials, countyAuthority, operating }: Sandbox): readonly WayIn[] {
  const file = (name: string): string => path.join(credentials, name);
  const asPolice = ['--cacert', file('authority.pem'), '--cert', file('county-police.pem')];
  const key = ['--key', file('county-police.key')];
  return [
    ...gateways.map(({ address, pid }, i) => ({
      what: gateways.length === 1 ? 'The gateway' : `Gateway ${i + 1}, ${address}`,
      wants: `an agency's certificate, here that of the police${pid === undefined ? '' : ` (kill -9 ${pid} ends it, and nothing is lost)`}`,
      command: line('curl', ...asPolice, ...key, `${address.replace('127.0.0.1', 'localhost')}/openapi.json`),
    })),
    ...[agencies.hospital, agencies.police, agencies.shelter, agencies.court].map(({ title, access }) => ({
      what: title,
      ...wayInto(access, countyAuthority),
    })),
    {
      what: 'What is kept, and for how long',
      wants:
        'the operator; `erase HANDLE --officer ID` instead of `retention` destroys it, with `--joined` wherever she is linked',
      command: `DATABASE_URL=${line(operating.databaseUrl)} npm --prefix ${line(CHECKOUT)} run --silent operate -- retention --config ${line(operating.config)}`,
    },
  ];
}

export function waysInPrint(ways: readonly WayIn[]): string {
  const each = ways.map(({ what, wants, command }) => `\n${what}: ${wants}\n  ${command}`);
  return ['', 'Everything is up. In another terminal:', ...each, '', 'Ctrl-C stops everything.'].join('\n');
}

/** Where each of them tells of her, under the name that she has there. */
function wayInto(access: Access, authority: string): Omit<WayIn, 'what'> {
  const curl = ['curl', '--cacert', authority] as const;
  switch (access.protocol) {
    case 'fhir': {
      const key = `Authorization: Bearer ${access.bearer ?? ''}`;
      return {
        wants: 'a bearer key',
        command: line(...curl, '-H', key, `${access.base}/Patient?identifier=900417`),
      };
    }
    case 'rest': {
      const client = ['-u', `${access.clientId}:${access.clientSecret}`];
      const form = ['-d', 'grant_type=client_credentials', '-d', 'scope=records.read'];
      const token = `${line(...curl, '-s', ...client, ...form, access.tokenEndpoint)} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/'`;
      return {
        wants: 'a token, for which its client shows a secret',
        command: `${line(...curl)} -H "Authorization: Bearer $(${token})" ${line(`${access.base}/people/P-55821`)}`,
      };
    }
    case 'sql': {
      const { user, password, host, port, database } = access;
      // The port is the sandbox's own, on this machine, and speaks no TLS before the server's.
      const address = `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}?sslmode=disable`;
      return {
        wants: 'a role that may call its reports',
        command: `${line('psql', address)} -c "SELECT * FROM reporting.contact('HH-0142')"`,
      };
    }
    case 'csv':
      return {
        wants: 'nothing, it is a folder that the gateway can read',
        command: `head ${line(access.folder)}/*.csv`,
      };
  }
}

function line(...words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
