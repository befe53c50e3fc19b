import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'postern-bootstrap-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** Runs a program beside the bootstrap's own files, as plain Node does, in an empty checkout. */
function start(program: string, env: NodeJS.ProcessEnv = {}) {
  const text = program.replace(/from '\.\//g, `from '${import.meta.dirname}/`);
  const child = spawn(process.execPath, ['--input-type=module', '-e', text, root], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, said: said.trim() })));
  return { child, ended };
}

/** Where it never happens, the test runs out of time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

const lock = (packages: object) => JSON.stringify({ lockfileVersion: 3, packages });
/** Whether a checkout that wants some packages and has others counts as installed. */
const asked = (wanted: object, present: object | undefined): Promise<Ended> => {
  writeFileSync(join(root, 'package-lock.json'), lock(wanted));
  if (present !== undefined) {
    mkdirSync(join(root, 'node_modules'));
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), lock(present));
  }
  return start(`
    import { isInstalled } from './install.mjs';
    console.log(isInstalled(process.argv[1]));
  `).ended;
};

describe('whether the packages are there', () => {
  const a = { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } };
  const here = { os: [process.platform], cpu: [process.arch] };

  it.each<[string, object, object | undefined, boolean]>([
    ['nothing was ever installed', a, undefined, false],
    ['all is as it should be', a, a, true],
    ['another version is there', a, { 'node_modules/a': { version: '0.9.0', integrity: 'sha512-a' } }, false],
    ['other bytes are there', a, { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } }, false],
    ['one is missing', { ...a, 'node_modules/b': { version: '2.0.0' } }, a, false],
    ['one that may be missing is', { ...a, 'node_modules/b': { version: '2.0.0', optional: true } }, a, true],
    [
      'the Node that it needs was passed over',
      { ...a, 'node_modules/node-x': { version: '24.0.0', optional: true, ...here } },
      a,
      false,
    ],
    [
      'the Node of another machine is not there',
      { ...a, 'node_modules/node-x': { version: '24.0.0', optional: true, os: ['beos'], cpu: ['pdp11'] } },
      a,
      true,
    ],
  ])('%s', async (_title, wanted, present, expected) => {
    expect(await asked(wanted, present)).toEqual({ code: 0, said: String(expected) });
  });
});

describe('what is said when npm fails', () => {
  it.each([
    ['ENOTFOUND', /^postern: The packages could not be fetched from .*: check the network and start again\.$/],
    ['EUSAGE', /^postern: package-lock\.json does not fit package\.json; run npm install, then start again\.$/],
    ['ENOSPC', /^postern: The disk that holds .* is full; free some space\.$/],
    ['EACCES', /^postern: You have no permission to write in .*\.$/],
    ['ESOMETHING', /^postern: npm ci failed: it went wrong; run it by hand to see more\.$/],
  ])('%s', async (code, sentence) => {
    const npm = join(root, 'npm-cli.js');
    writeFileSync(npm, `console.error('npm error code ${code}\\nnpm error it went wrong'); process.exit(1);`);
    const { code: exit, said } = await start(
      `
      import { endWith } from './cannot-start.mjs';
      import { install } from './install.mjs';
      await endWith(() => install(process.argv[1]));
      `,
      { npm_execpath: npm, npm_node_execpath: process.execPath },
    ).ended;
    expect(exit).toBe(1);
    expect(said.split('\n').at(-1)).toMatch(sentence);
  });
});

describe('two starts at once', () => {
  const IN_TURN = `
    import fs from 'node:fs';
    import { inTurn } from './turn.mjs';
    const [, root] = process.argv;
    await inTurn(root, async () => {
      fs.appendFileSync(root + '/log', 'in ');
      await new Promise((resolve) => setTimeout(resolve, 300));
      fs.appendFileSync(root + '/log', 'out ');
    });
  `;

  it('prepare one after the other', async () => {
    const both = await Promise.all([start(IN_TURN).ended, start(IN_TURN).ended]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(readFileSync(join(root, 'log'), 'utf8')).toBe('in out in out ');
  });

  it('do not wait for one that died', async () => {
    const dead = start('setTimeout(() => {}, 0)');
    await dead.ended;
    mkdirSync(join(root, '.postern'));
    writeFileSync(join(root, '.postern', 'preparing'), String(dead.child.pid));
    expect(await start(IN_TURN).ended).toEqual({ code: 0, said: '' });
    expect(existsSync(join(root, '.postern', 'preparing'))).toBe(false);
  });
});

/** The signals that the program was told of; nothing before it runs. */
const signals = () => (existsSync(join(root, 'signals')) ? readFileSync(join(root, 'signals'), 'utf8') : undefined);

describe('the program that was started', () => {
  const RUN = `
    import { run } from './run.mjs';
    const [, root] = process.argv;
    process.exitCode = await run(process.execPath, [root + '/program.mjs']);
  `;
  beforeEach(() => {
    writeFileSync(
      join(root, 'program.mjs'),
      `
      import fs from 'node:fs';
      const file = new URL('./signals', import.meta.url);
      fs.writeFileSync(file, '');
      for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {
        fs.appendFileSync(file, signal);
        setTimeout(() => process.exit(7), 100);
      });
      setInterval(() => {}, 1000);
      `,
    );
  });

  it.each([
    ['SIGINT', 'SIGINT'],
    ['SIGTERM', 'SIGTERM'],
    ['SIGHUP', 'SIGTERM'],
  ] as const)('is told of %s once, and its exit code is ours', async (sent, told) => {
    const { child, ended } = start(RUN);
    await until(() => signals() === '');
    child.kill(sent);
    expect((await ended).code).toBe(7);
    expect(signals()).toBe(told);
  });

  it('ends in order when its starter is killed outright', async () => {
    const { child, ended } = start(RUN);
    await until(() => signals() === '');
    child.kill('SIGKILL');
    await ended;
    expect(signals()).toBe('SIGTERM');
  });
});
