import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Copy, copyCheckout } from './copy-checkout.js';
import { closed, freePorts, listen } from './ports.js';

/** `npm start` as it is typed, in a checkout of its own with its own embedded PostgreSQL. */
describe('the command', () => {
  let copy: Copy;
  let port: number;

  beforeAll(async () => {
    copy = copyCheckout();
    port = await freePorts(3);
  });

  afterAll(() => copy?.remove());

  interface Run {
    readonly child: ChildProcess;
    readonly said: { out: string; err: string };
    readonly ended: Promise<number | null>;
  }

  const start = (...args: readonly string[]): Run => {
    const { DATABASE_URL: _none, ...env } = process.env;
    const child = spawn(
      process.execPath,
      [join(copy.root, 'apps/sandbox/start.mjs'), '--port', String(port), ...args],
      {
        cwd: copy.root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env,
      },
    );
    const said = { out: '', err: '' };
    child.stdout?.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
    return { child, said, ended: new Promise((resolve) => child.once('close', resolve)) };
  };

  it('--once --json tells nine steps, all as they should be, in one document and nothing else', async () => {
    const { said, ended } = start('--once', '--json');
    const code = await ended;
    expect(said.err.replace('Building …\n', '')).toBe('');
    const document = JSON.parse(said.out) as { ok: boolean; steps: { id: string; ok: boolean; wrong: string[] }[] };
    expect(document.steps.map(({ id, ok, wrong }) => [id, ok, wrong])).toEqual(
      ['before', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((id) => [id, true, []]),
    );
    expect([code, document.ok]).toEqual([0, true]);
  }, 120_000);

  it('--replicas 3 tells the same story over three gateways, each asked in turn', async () => {
    const first = await freePorts(5);
    const { said, ended } = start('--once', '--json', '--replicas', '3', '--port', String(first));
    const code = await ended;
    const document = JSON.parse(said.out) as {
      steps: { id: string; wrong: string[] }[];
      gateways: { port: number; pid: number }[];
    };
    expect(document.steps.flatMap(({ id, wrong }) => wrong.map((each) => `${id}: ${each}`))).toEqual([]);
    expect(document.gateways.map((each) => each.port)).toEqual([first, first + 3, first + 4]);
    expect(code).toBe(0);
    await untilGone(document.gateways.map(({ pid }) => pid));
  }, 120_000);

  it.each([0, 1, 2])(
    'port %d of its three taken: one clear sentence, not zero, and nothing left behind',
    async (nth) => {
      const holder = await listen(port + nth);
      const { child, said, ended } = start('--once');
      const seen = new Set<number>();
      while (child.exitCode === null) {
        for (const pid of descendantsOf(child.pid)) seen.add(pid);
        await sleep(50);
      }
      const code = await ended;
      if (holder !== undefined) await closed(holder);
      expect(code).toBe(1);
      expect(said.out).toBe('');
      const [last, ...before] = said.err.trimEnd().split('\n').toReversed();
      expect(last).toMatch(new RegExp(`^postern: Port ${port + nth} .*is taken by another program\\.$`));
      for (const line of before) expect(line).toMatch(/^\w[\w ,]* …$/);
      await untilGone([...seen]);
    },
    120_000,
  );

  it('Ctrl-C while it is up: every process that it started is gone, and its ports are free', async () => {
    const { child, said, ended } = start();
    while (!said.out.includes('Ctrl-C stops everything.')) {
      if (child.exitCode !== null) throw new Error(said.err);
      await sleep(50);
    }
    const started = descendantsOf(child.pid);
    const commands = started.map(commandOf);
    expect(commands.some((command) => command.includes('main.js'))).toBe(true);
    expect(commands.some((command) => /postgres/.test(command))).toBe(true);
    child.kill('SIGINT');
    const code = await ended;
    expect(wrongIn(said.out)).toEqual([]);
    expect(code).toBe(0);
    expect(said.out).toContain('Every step was as the story says.');
    expect(said.out.trimEnd().endsWith('Stopping …')).toBe(true);
    await untilGone(started);
    for (const each of [port, port + 1, port + 2]) {
      const free = await listen(each);
      expect(free).toBeDefined();
      if (free !== undefined) await closed(free);
    }
  }, 120_000);

  it('Ctrl-C while it starts: it ends, and leaves nothing', async () => {
    const { child, said, ended } = start();
    while (!said.err.includes('Making keys')) {
      if (child.exitCode !== null) throw new Error(said.err);
      await sleep(10);
    }
    const started = descendantsOf(child.pid);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    await untilGone(started);
  }, 120_000);
});

/** What the story says was not as it should be, each under the title of its step. */
function wrongIn(told: string): readonly string[] {
  let step = '';
  return told.split('\n').flatMap((line) => {
    if (/^(Before|\(\w\)) /.test(line)) step = line;
    return line.includes('Not as it should be') ? [`${step}: ${line.trim()}`] : [];
  });
}

/** Processes end in their own time once they are told; half a minute is not their own time any more. */
async function untilGone(pids: readonly number[]): Promise<void> {
  let left = pids;
  for (const end = Date.now() + 30_000; Date.now() < end && left.length > 0; await sleep(20)) {
    left = left.filter((pid) => commandOf(pid) !== '');
  }
  expect(left.map(commandOf)).toEqual([]);
}

/** All processes below one, as the kernel knows them. */
function descendantsOf(pid: number | undefined): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (of: number): number[] => (children.get(of) ?? []).flatMap((each) => [each, ...below(each)]);
  return pid === undefined ? [] : below(pid);
}

function parentOf(pid: number): number | undefined {
  // The name of a program may hold spaces and brackets; what follows the last bracket does not.
  const stat = read(`/proc/${pid}/stat`);
  return stat === '' ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
