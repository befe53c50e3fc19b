import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { startDurablePostgres, testDatabase, type TestDatabase } from '../../../test/postgres.js';
import { startEmbeddedPostgres } from './embedded.js';

const QUICK = ['fsync=off'];
const asRoot = process.getuid?.() === 0;
const owners: ChildProcess[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-launch-'));
  chmodSync(folder, 0o711);
});
afterEach(() => {
  for (const owner of owners.splice(0)) owner.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function query(database: TestDatabase, sql: string): Promise<unknown[]> {
  const client = new Client({ ...database });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

/** Another process that starts the database in `dir`, says so, and never stops it. */
async function startElsewhere(dir: string): Promise<{ owner: ChildProcess; postmaster: number }> {
  const program = `
    import { startEmbeddedPostgres } from ${JSON.stringify(join(import.meta.dirname, 'embedded.ts'))};
    const { pid } = await startEmbeddedPostgres({ dir: ${JSON.stringify(dir)}, flags: ['fsync=off'] });
    console.log(pid);
    setInterval(() => {}, 1000);
  `;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  owners.push(owner);
  const postmaster = await new Promise<number>((resolve, reject) => {
    owner.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
    owner.once('exit', () => reject(new Error('the other process did not start')));
  });
  return { owner, postmaster };
}

function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

/** Where it never happens, the test runs out of time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

describe('starting', () => {
  it('keeps the data between starts and leaves no process behind', async () => {
    const dir = join(folder, 'pg');
    const first = await startEmbeddedPostgres({ dir, flags: QUICK });
    await query(first, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
    await Promise.all([first.stop(), first.stop()]);
    expect(isRunning(first.pid)).toBe(false);

    const second = await startEmbeddedPostgres({ dir, flags: QUICK });
    expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await second.discard();
    expect(existsSync(dir)).toBe(false);
  }, 30_000);

  it('takes the port it is told, and says when it is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(startEmbeddedPostgres({ dir: join(folder, 'pg'), port, flags: QUICK })).rejects.toMatchObject({
      code: 'POSTGRES_PORT_TAKEN',
      message: `Port ${port} is taken by another program.`,
    });
    await new Promise((resolve) => server.close(resolve));

    const postgres = await startEmbeddedPostgres({ dir: join(folder, 'pg'), port, flags: QUICK });
    expect(postgres.port).toBe(port);
    await postgres.stop();
  }, 30_000);

  it('makes the database anew when an earlier start was cut off while making it', async () => {
    const dir = join(folder, 'pg');
    mkdirSync(join(dir, 'data.unfinished'), { recursive: true });
    writeFileSync(join(dir, 'data.unfinished', 'PG_VERSION'), '18\n');
    chmodSync(dir, 0o711);
    const postgres = await startEmbeddedPostgres({ dir, flags: QUICK });
    expect(await query(postgres, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await postgres.stop();
  }, 30_000);

  it('does not stop a stranger whose process id an old database had', async () => {
    const dir = join(folder, 'pg');
    const first = await startEmbeddedPostgres({ dir, flags: QUICK });
    await first.stop();
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    writeFileSync(join(dir, 'data', 'postmaster.pid'), `${stranger.pid}\n${dir}/data\n1\n1\n\n127.0.0.1\n1 1\nready\n`);
    const second = await startEmbeddedPostgres({ dir, flags: QUICK });
    expect(stranger.exitCode).toBeNull();
    expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    stranger.kill();
    await second.stop();
  }, 30_000);
});

describe('two starts in one folder', () => {
  it('refuses the second while the first lives, in one sentence', async () => {
    const dir = join(folder, 'pg');
    const { owner, postmaster } = await startElsewhere(dir);
    await expect(startEmbeddedPostgres({ dir, flags: QUICK })).rejects.toMatchObject({
      code: 'POSTGRES_IN_USE',
      message: `Process ${owner.pid} already runs on the database in ${dir}; stop it first, or start from another checkout.`,
    });
    expect(isRunning(postmaster)).toBe(true);
    owner.kill('SIGKILL');
    await until(() => !isRunning(postmaster));
  }, 30_000);

  it('refuses the second within one process too', async () => {
    const dir = join(folder, 'pg');
    const first = await startEmbeddedPostgres({ dir, flags: QUICK });
    await expect(startEmbeddedPostgres({ dir, flags: QUICK })).rejects.toMatchObject({ code: 'POSTGRES_IN_USE' });
    await first.stop();
  }, 30_000);

  it('takes over what a killed owner and its killed guard left running', async () => {
    const dir = join(folder, 'pg');
    const { owner, postmaster } = await startElsewhere(dir);
    const guard = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${postmaster}/status`, 'utf8'))?.[1]);
    const gone = new Promise((resolve) => owner.once('exit', resolve));
    for (const child of readFileSync(`/proc/${guard}/task/${guard}/children`, 'utf8').trim().split(' ').map(Number)) {
      if (child !== postmaster) process.kill(child, 'SIGKILL');
    }
    process.kill(guard, 'SIGKILL');
    owner.kill('SIGKILL');
    await gone;
    expect(isRunning(postmaster)).toBe(true);

    const heir = await startEmbeddedPostgres({ dir, flags: QUICK });
    expect(isRunning(postmaster)).toBe(false);
    expect(await query(heir, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await heir.stop();
  }, 30_000);
});

describe('where root cannot simply hand over', () => {
  it('keeps the database where its user can enter, though the checkout is closed to others', async () => {
    const home = join(folder, 'home');
    mkdirSync(home, { mode: 0o700 });
    const postgres = await startEmbeddedPostgres({ dir: join(home, 'pg'), flags: QUICK });
    const [row] = await query(postgres, 'SHOW data_directory');
    const data = (row as { data_directory: string }).data_directory;
    expect(data.startsWith(home)).toBe(!asRoot);
    expect(statSync(data).uid).not.toBe(0);
    await postgres.discard();
    expect(existsSync(data)).toBe(false);
  }, 30_000);
});

describe('a database that may be killed', () => {
  it('keeps what was committed', async () => {
    const postgres = await startDurablePostgres();
    expect(await query(postgres, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
    await query(postgres, 'CREATE TABLE t (n int); INSERT INTO t VALUES (1)');
    await postgres.crash();
    await expect(query(postgres, 'SELECT n FROM t')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await postgres.restart();
    expect(await query(postgres, 'SELECT n FROM t')).toEqual([{ n: 1 }]);
    await postgres.discard();
  }, 30_000);

  it('is apart from the fast one that the other tests share', async () => {
    expect(await query(testDatabase(), 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
  });
});
