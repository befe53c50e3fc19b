import { parseArgs } from 'node:util';
import { ConnectorError } from '#connectors';
import { PolicyError } from '#policy';
import { instantOf, inWords, nearestWord, TermsError } from '#terms';
import { type Answer, UsageError } from './answer.js';
import { previewSample } from './connector/preview-sample.js';
import { checkPolicies } from './policy/check-policies.js';
import { diffPolicies } from './policy/diff-policies.js';
import { explainPolicies } from './policy/explain-policies.js';
import { provePolicies } from './policy/prove-policies.js';
import { replayPolicies, type Stretch } from './policy/replay-policies.js';
import { showMatrix } from './policy/show-matrix.js';
import { testPolicies } from './policy/test-policies.js';

const USAGE = `postern policy check FOLDER                      is every word known; which rules can never matter
    --aloud                                      each rule and promise as a sentence, as it was understood
postern policy test FOLDER                       do the cases hold; what would nobody miss
postern policy prove FOLDER                      do the promises hold in every situation, under whichever regimes
postern policy diff FOLDER FOLDER                in which situations something else leaves; widenings first
postern policy explain FOLDER [FIELD…]           what leaves in one situation, why, and what nearly did
    --case NAME                                  the situation of this case
    --given '{purpose: treatment, sector: …}'    a situation, or what is otherwise than in the case
postern policy matrix FOLDER --purpose PURPOSE   who can see what: sectors and categories
    --origins REGIME                             under this regime alone
postern policy replay FOLDER --records FILE      what recorded decisions would have been by these policies
    --since 90d                                  only those of so many days (d) or hours (h); until --at, or now
    --at 2026-11-22T12:00:00Z
postern connector preview MAPPING --sample FILE  what would leave of a sample at each level; asks no source
    --vocabulary FILE                            where not policies/vocabulary.yaml

--json  for machines
Exit codes: 0 all is well, 1 the policies or the mapping are wrong or (diff, replay) something differs, 2 the command is wrong.
`;

export interface Printed {
  readonly exitCode: 0 | 1 | 2;
  readonly out: string;
  readonly err: string;
}

/**
 * One command of `postern`, from its arguments to what is printed. Reads files and nothing else.
 *
 * @example await run(['policy', 'test', 'policies']) // { exitCode: 0, out: '116 cases hold …', err: '' }
 */
export async function run(argv: readonly string[]): Promise<Printed> {
  let json = false;
  try {
    const { values, positionals } = parse(argv);
    if (values.help === true) return { exitCode: 0, out: USAGE, err: '' };
    json = values.json === true;
    return print(await answer(positionals, values), json);
  } catch (error) {
    if (error instanceof UsageError) return { exitCode: 2, out: '', err: `${printable(error.message)}\n` };
    if (error instanceof PolicyError && error.code === 'POLICY_TOO_INTRICATE')
      return print({ exitCode: 1, lines: [error.message], json: { code: error.code } }, json);
    if (error instanceof PolicyError && error.code !== 'POLICY_INVALID')
      return { exitCode: 2, out: '', err: `${printable(error.message)}\n` };
    if (error instanceof ConnectorError && error.code !== 'MAPPING_INVALID')
      return { exitCode: 2, out: '', err: `${printable(error.message)}\n` };
    if (error instanceof ConnectorError) return print(wrongMapping(error), json);
    if (error instanceof PolicyError || error instanceof TermsError) return print(wrong(error), json);
    throw error;
  }
}

interface Values {
  readonly json?: boolean;
  readonly help?: boolean;
  readonly case?: string;
  readonly given?: string;
  readonly sample?: string;
  readonly vocabulary?: string;
  readonly aloud?: boolean;
  readonly purpose?: string;
  readonly records?: string;
  readonly origins?: string;
  readonly since?: string;
  readonly at?: string;
}

function parse(argv: readonly string[]): { readonly values: Values; readonly positionals: readonly string[] } {
  const options = {
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    case: { type: 'string' },
    given: { type: 'string' },
    sample: { type: 'string' },
    vocabulary: { type: 'string' },
    aloud: { type: 'boolean' },
    purpose: { type: 'string' },
    records: { type: 'string' },
    origins: { type: 'string' },
    since: { type: 'string' },
    at: { type: 'string' },
  } as const;
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${whatIsWrong(error)}\n\n${USAGE}`, { cause: error });
  }
}

/** Node's first sentence; the rest of it is advice for those who write such parsers. */
function whatIsWrong(error: unknown): string {
  const { message } = error as { readonly message?: unknown };
  return typeof message === 'string' ? (message.split('. ', 1)[0] ?? '') : 'the arguments cannot be read';
}

const COMMANDS = ['check', 'test', 'prove', 'diff', 'matrix', 'replay', 'explain'] as const;

async function answer([room, command, folder, ...rest]: readonly string[], values: Values): Promise<Answer> {
  if (room === 'connector') return connector([command, folder, ...rest], values);
  if (room !== 'policy' || command === undefined) throw new UsageError(USAGE);
  const known = COMMANDS.find((candidate) => candidate === command);
  if (known === undefined) {
    const near = nearestWord(command, COMMANDS);
    throw new UsageError(
      `\`${command}\` is not a command${near === undefined ? '' : `; did you mean \`${near}\`?`}\n\n${USAGE}`,
    );
  }
  if (folder === undefined) throw new UsageError(`which folder? \`npm run postern -- policy ${known} policies\``);
  if (known === 'diff' && rest.length === 1) return await diffPolicies(folder, rest[0] ?? '');
  if (known === 'diff')
    throw new UsageError('which two folders? `npm run postern -- policy diff policies changed-policies`');
  if (known !== 'explain' && (rest.length > 0 || values.case !== undefined || values.given !== undefined))
    throw new UsageError(`\`${known}\` takes a folder and nothing else`);
  if (known !== 'check' && values.aloud === true) throw new UsageError('`--aloud` belongs to `check`');
  if (known !== 'replay' && [values.records, values.since, values.at].some((value) => value !== undefined))
    throw new UsageError('`--records`, `--since` and `--at` belong to `replay`');
  if (known !== 'matrix' && (values.purpose !== undefined || values.origins !== undefined))
    throw new UsageError('`--purpose` and `--origins` belong to `matrix`');
  switch (known) {
    case 'check':
      return await checkPolicies(folder, values.aloud === true);
    case 'test':
      return await testPolicies(folder);
    case 'prove':
      return await provePolicies(folder);
    case 'replay':
      return await replayPolicies(folder, values.records, stretch(values.since, values.at));
    case 'matrix':
      return await showMatrix(folder, values.purpose, values.origins);
    case 'explain':
      return await explainPolicies(folder, rest, values);
    default:
      return known satisfies never;
  }
}

async function connector(
  [command, mapping, ...rest]: readonly (string | undefined)[],
  values: Values,
): Promise<Answer> {
  if (command !== 'preview') throw new UsageError(USAGE);
  if (mapping === undefined || values.sample === undefined || rest.length > 0)
    throw new UsageError(
      'which mapping, and of what? `npm run postern -- connector preview MAPPING.yaml --sample SAMPLE.json`',
    );
  return await previewSample(mapping, values.sample, values.vocabulary ?? 'policies/vocabulary.yaml');
}

function wrongMapping({ problems }: ConnectorError): Answer {
  return { exitCode: 1, lines: problems.map(inWords), json: { problems } };
}

function wrong({ problems, message }: PolicyError | TermsError): Answer {
  const count = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`;
  return {
    exitCode: 1,
    lines: [message, '', `${count}; nothing can be decided by these policies`],
    json: { problems },
  };
}

function print({ exitCode, lines, json }: Answer, asJson: boolean): Printed {
  const out = asJson ? JSON.stringify(json, undefined, 2) : lines.map(printable).join('\n');
  return { exitCode, out: `${out}\n`, err: '' };
}

/** A file may hold what would move a terminal's cursor or hide a line. */
function printable(text: string): string {
  return text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
}

const UNIT = { d: 24 * 60 * 60 * 1_000, h: 60 * 60 * 1_000 };

/** @example stretch('90d', '2026-11-22T12:00:00Z') // the 90 days up to that instant */
function stretch(since: string | undefined, at: string | undefined): Stretch | undefined {
  if (since === undefined && at === undefined) return undefined;
  const until = at === undefined ? Date.now() : Date.parse(at);
  if (Number.isNaN(until) || (at !== undefined && !/(Z|[+-]\d\d:\d\d)$/.test(at)))
    throw new UsageError('`--at` takes an instant such as 2026-11-22T12:00:00Z');
  const [, count, unit] = /^(\d{1,5})([dh])$/.exec(since ?? '') ?? [];
  if (since === undefined) return { from: instantOf(0), until: instantOf(until) };
  if (count === undefined || (unit !== 'd' && unit !== 'h'))
    throw new UsageError('`--since` takes days or hours: 90d, 36h');
  return { from: instantOf(Math.max(0, until - Number(count) * UNIT[unit])), until: instantOf(until) };
}
