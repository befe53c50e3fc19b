import path from 'node:path';
import { parseArgs } from 'node:util';
import { GatewayError } from '../../gateway/src/error.js';
import { AgencyError } from '../agencies/error.js';
import { CHECKOUT } from '../checkout.js';
import { LaunchError } from '../postgres/embedded.js';
import { SandboxError } from './error.js';
import { type Sandbox, startSandbox } from './start-sandbox.js';
import { runStory, type Step } from './story.js';
import { inPrint } from './tell-story.js';
import { waysIn, waysInPrint } from './ways-in.js';

const USAGE = `npm start                     tells the story, and stays up until Ctrl-C
npm start -- --once           ends after the story; 0 only if every step was as it should be
npm start -- --once --json    prints one JSON document instead
npm start -- --hospital DIR   gives the hospital a folder of your own FHIR R4 bundles
npm start -- --decisions FILE writes every decision of the story, for \`postern policy replay\`
npm start -- --replicas N     runs N gateways on one ledger, each a process that you may kill
npm start -- --port N         the gateway's port, and the two after it (7443); further gateways' after those`;

const MOST_REPLICAS = 9;

interface Wanted {
  readonly once: boolean;
  readonly json: boolean;
  readonly port: number;
  readonly replicas: number;
  readonly hospital?: string;
  readonly decisions?: string;
}

async function main(): Promise<number> {
  const wanted = wantedFrom(process.argv.slice(2));
  if (wanted === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const say = wanted.json ? () => undefined : (line: string) => void process.stdout.write(`${line}\n`);
  const stopped = whenStopped();
  const starting = startSandbox({
    port: wanted.port,
    replicas: wanted.replicas,
    folder: path.join(CHECKOUT, '.postern'),
    ...(process.env['DATABASE_URL'] !== undefined && { databaseUrl: process.env['DATABASE_URL'] }),
    ...(wanted.hospital !== undefined && { hospitalBundles: wanted.hospital }),
    progress: (step) => void process.stderr.write(wanted.json ? '' : `${step} …\n`),
  });
  const sandbox = await starting;
  try {
    const steps = await Promise.race([runStory(sandbox, (step) => say(inPrint(step))), stopped.then(() => undefined)]);
    if (steps === undefined) return 130;
    const ok = steps.every((step) => step.wrong.length === 0);
    if (wanted.decisions !== undefined) await writeDecisions(sandbox, wanted.decisions, say);
    if (wanted.json) process.stdout.write(`${JSON.stringify(documentOf(sandbox, steps, ok), undefined, 2)}\n`);
    else say(ok ? '\nEvery step was as the story says.' : '\nThe story went wrong.');
    if (!wanted.once) {
      say(waysInPrint(waysIn(sandbox)));
      await stopped;
      say('\nStopping …');
    }
    return ok ? 0 : 1;
  } finally {
    await sandbox.close();
  }
}

async function writeDecisions(sandbox: Sandbox, file: string, say: (line: string) => void): Promise<void> {
  const { decisions, untold } = await sandbox.exportDecisions(file);
  const lost = untold === 0 ? '' : `, ${untold} of which nothing can be told any more`;
  say(`\n${decisions} decisions${lost}, in ${file}`);
  say(`What they would have been: npm run postern -- policy replay policies --records ${file}`);
}

function wantedFrom(argv: readonly string[]): Wanted | 'help' {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        port: { type: 'string', default: '7443' },
        replicas: { type: 'string', default: '1' },
        hospital: { type: 'string' },
        decisions: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_533)
      throw new SandboxError('--port takes a number from 1 to 65533');
    const replicas = Number(values.replicas);
    if (!Number.isInteger(replicas) || replicas < 1 || replicas > MOST_REPLICAS)
      throw new SandboxError(`--replicas takes a number from 1 to ${MOST_REPLICAS}`);
    if (port + 2 + replicas > 65_536) throw new SandboxError('--port leaves no room for so many gateways after it');
    if (values.json && !values.once) throw new SandboxError('--json goes with --once');
    return {
      once: values.once,
      json: values.json,
      port,
      replicas,
      ...(values.hospital !== undefined && { hospital: fromWhereAsked(values.hospital) }),
      ...(values.decisions !== undefined && { decisions: fromWhereAsked(values.decisions) }),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'this cannot be read';
    throw new SandboxError(`${why}.\n\n${USAGE}`, { cause: error });
  }
}

/** npm goes to the checkout first. */
function fromWhereAsked(file: string): string {
  return path.resolve(process.env['INIT_CWD'] ?? '.', file);
}

/** Resolves at Ctrl-C or when asked to end; a second Ctrl-C does not wait. */
function whenStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve();
        process.once(signal, () => process.exit(130));
      });
    }
  });
}

function documentOf(sandbox: Sandbox, steps: readonly Step[], ok: boolean): object {
  return {
    ok,
    gateway: sandbox.gateways[0]?.address,
    ...(sandbox.gateways.length > 1 && { gateways: sandbox.gateways }),
    verifierKey: sandbox.verifierKey,
    steps: steps.map(({ exchanges, ...step }) => ({
      ...step,
      ok: step.wrong.length === 0,
      exchanges: exchanges.map(({ reply: _reply, ...asked }) => ({
        ...asked,
        uniform: asked.received.length === 0,
        notAvailable: asked.wanted.filter((field) => !asked.received.some((received) => received.field === field)),
      })),
    })),
  };
}

/** What stands in the way, in one sentence; undefined for what we did not foresee. */
function sentenceOf(error: unknown): string | undefined {
  const foreseen = [SandboxError, GatewayError, LaunchError, AgencyError].some((kind) => error instanceof kind);
  if (foreseen && error instanceof Error) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'The disk that holds this checkout is full; free some space.';
  if (code === 'EACCES' || code === 'EROFS') return 'You have no permission to write in this checkout.';
  if (code === 'ECONNREFUSED') return 'The database server does not answer.';
  return undefined;
}

try {
  process.exitCode = await main();
} catch (error) {
  const sentence = sentenceOf(error);
  if (sentence === undefined) throw error;
  process.stderr.write(`postern: ${sentence}\n`);
  process.exitCode = 1;
}
