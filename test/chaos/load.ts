import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client as PgClient } from 'pg';
import { EMPTY_HEAD, grow, leafHash } from '#ledger';
import { migrate } from '#postgres';
import type { DurablePostgres } from '../postgres.js';
import { check, type History, lateReleases, type Recorded, type Stop, type Verdict, type Violation } from './check.js';
import type { FromWorker, Orders, Progress, ToWorker } from './orders.js';
import { type Deed, inWords, isKill, type Step } from './plan.js';
import { familyOf, now, signal, stateOf, until } from './processes.js';
import { nothingTold, readRecords } from './records.js';
import type { VariantName } from './variants.js';
import { CONSENTS, CREATE_WORLD, readEntry } from './world.js';

/** One server may serve several loads, one after the other; each has a database of its own. */
let loads = 0;
const ORIGIN = 'chaos.example/postern';
const ROLE = { name: 'postern_chaos_gateway', password: 'only in tests' };

export interface LoadOptions {
  readonly seed: number;
  readonly postgres: DurablePostgres;
  readonly gateways: number;
  readonly admins: number;
  /** How many ask at each gateway at once, and how long each waits between two questions at most. */
  readonly producers: number;
  readonly think: number;
  readonly variant: VariantName;
  /** How long what was disturbed may take to come back by itself, in milliseconds. */
  readonly patience: number;
  /** Told what is done to whom. */
  readonly say: (line: string) => void;
  /** How to start a process of this name instead of simply running Node: words to put before it, and its environment. */
  readonly dress?: (name: string) => { readonly words?: readonly string[]; readonly env?: NodeJS.ProcessEnv };
  /** Where processes of this name reach the database, if not where it listens. */
  readonly address?: (name: string) => { readonly host: string; readonly port: number };
}

export interface LoadResult {
  readonly verdict: Verdict;
  readonly operations: number;
  readonly releases: number;
  readonly entries: number;
  readonly kills: number;
  readonly pauses: number;
  readonly late: number;
  readonly repeated: number;
  readonly halted: readonly string[];
  readonly seconds: number;
}

interface Player {
  readonly name: string;
  readonly database: string;
  readonly isGateway: boolean;
  readonly owns: readonly number[];
  child: ChildProcess | undefined;
  incarnation: number;
  ended: boolean;
  progress: Progress | undefined;
}

const NO_PROGRESS: Progress = {
  done: 0,
  released: 0,
  refused: 0,
  changes: 0,
  late: 0,
  repeated: 0,
  unavailable: 0,
};

/**
 * Gateways and admins as processes of their own on one real database, disturbed from here. Whatever they saw is in files
 * that survive them.
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'postern-chaos-'));
  readonly #players: readonly Player[];
  readonly #databases: readonly string[];
  readonly #key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  readonly #files: { readonly path: string; readonly by: string }[] = [];
  readonly #stops: { by: string; from: number; until: number }[] = [];
  readonly #wrongClocks: Stop[] = [];
  readonly #trouble: Violation[] = [];
  readonly #past: Progress[] = [];
  readonly halted: string[] = [];
  readonly #began = now();
  #kills = 0;
  #pauses = 0;
  #ending = false;

  /** The database that is asked afterwards; another one after a failover. */
  #postgres: DurablePostgres;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#postgres = options.postgres;
    const names = castOf(options);
    const own = `postern_chaos_${(loads += 1)}`;
    const apart = options.variant === 'per-replica-logs';
    this.#players = [...names.gateways, ...names.admins].map((name, i, all) => ({
      name,
      database: apart ? `${own}_${i}` : own,
      isGateway: i < options.gateways,
      owns: Array.from({ length: CONSENTS }, (_, consent) => consent).filter((consent) => consent % all.length === i),
      child: undefined,
      incarnation: 0,
      ended: false,
      progress: undefined,
    }));
    this.#databases = [...new Set(this.#players.map(({ database }) => database))];
  }

  async start(): Promise<void> {
    for (const database of this.#databases) {
      await this.#asOwner('postgres', (owner) => owner.query(`CREATE DATABASE ${database}`));
      await migrate(this.#urlOf(database), ROLE);
      await this.#asOwner(database, async (owner) => {
        await owner.query(CREATE_WORLD);
        await owner.query(`GRANT USAGE ON SCHEMA chaos TO ${ROLE.name};
          GRANT SELECT, UPDATE ON chaos.consent TO ${ROLE.name}`);
      });
    }
    for (const player of this.#players) this.#enter(player);
    await this.untilAllWork('they start');
    this.#options.say(`${((now() - this.#began) / 1000).toFixed(1)} s  everybody works`);
  }

  /** Does everything in a plan, one after the other; each waits until everybody has come back from the one before. */
  async perform(plan: readonly Step[]): Promise<void> {
    for (const { after, deed } of plan) {
      await sleep(after);
      this.#options.say(`${((now() - this.#began) / 1000).toFixed(1)} s  ${inWords(deed)}`);
      if (isKill(deed)) this.#kills += 1;
      else this.#pauses += 1;
      await this.#do(deed);
      if (!(await this.untilAllWork(inWords(deed))) && this.#options.variant === 'none') return;
    }
  }

  /** How much has been done by everybody together. */
  get operations(): number {
    return [...this.#past, ...this.#players.map(({ progress }) => progress ?? NO_PROGRESS)].reduce(
      (sum, { done }) => sum + done,
      0,
    );
  }

  async untilDone(operations: number, patience: number): Promise<void> {
    for (const over = now() + patience; this.operations < operations && now() < over;) await sleep(50);
  }

  /** Until everybody has done something since now. False, and a violation, where somebody does not come back. */
  async untilAllWork(afterWhat: string): Promise<boolean> {
    const before = this.#players.map(workOf);
    const works = (player: Player, i: number): boolean =>
      (progressOf(player)?.done ?? 0) > 0 && workOf(player) !== before[i];
    try {
      await until(() => this.#players.every(works), 'work', this.#options.patience);
      return true;
    } catch {
      const idle = this.#players.filter((player, i) => !works(player, i)).map(({ name }) => name);
      this.#trouble.push({
        fault: 'did not come back',
        what: `${idle.join(', ')} did not come back within ${this.#options.patience / 1000} s after: ${afterWhat}`,
      });
      return false;
    }
  }

  /** While that was so, nothing of this process may have been recorded. */
  clockWasWrong(when: Stop): void {
    this.#wrongClocks.push(when);
  }

  /** From now on the database is this one. */
  moveTo(postgres: DurablePostgres): void {
    this.#postgres = postgres;
  }

  /** Kills the whole database at once and starts it again. */
  async crashDatabase(restart = true): Promise<void> {
    if (!restart) this.#kills += 1;
    const postgres = this.#postgres;
    const family = familyOf(postgres.pid);
    signal(family, 'SIGKILL');
    await postgres.crash();
    if (restart) await postgres.restart();
  }

  async finish(): Promise<LoadResult> {
    await sleep(300);
    this.#ending = true;
    for (const player of this.#players) this.#tell(player, { end: true });
    await until(() => this.#players.every(({ ended }) => ended), 'they end', 20_000).catch(() => undefined);
    await this.close();
    const logs = await Promise.all(this.#databases.map((database) => this.#readLog(database)));
    const told = nothingTold();
    for (const { path, by } of this.#files) readRecords(path, by, told);
    rmSync(this.#folder, { recursive: true, force: true });
    const verdict = judge({ ...told, stops: this.#stops, wrongClocks: this.#wrongClocks }, logs);
    const all = [...this.#past, ...this.#players.map(({ progress }) => progress ?? NO_PROGRESS)];
    const sum = (of: keyof Progress): number => all.reduce((total, each) => total + each[of], 0);
    return {
      verdict: { ...verdict, violations: [...this.#trouble, ...verdict.violations] },
      operations: told.acknowledged.length,
      releases: told.releases.length,
      entries: logs.reduce((total, log) => total + log.length, 0),
      kills: this.#kills,
      pauses: this.#pauses,
      late: sum('late'),
      repeated: sum('repeated'),
      halted: this.halted,
      seconds: (now() - this.#began) / 1000,
    };
  }

  /** Ends whatever of it still runs. */
  async close(): Promise<void> {
    this.#ending = true;
    for (const { child } of this.#players) {
      if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGCONT');
      child.kill('SIGKILL');
    }
    await until(
      () => this.#players.every(({ child }) => !child || child.exitCode !== null || child.signalCode !== null),
      'they are gone',
    );
  }

  async #do(deed: Deed): Promise<void> {
    switch (deed.kind) {
      case 'kill':
        await this.#kill(this.#player(deed.whom));
        return;
      case 'kill at': {
        const player = this.#player(deed.whom);
        const { child } = player;
        this.#tell(player, { arm: { point: deed.point, nth: deed.nth, signal: 'SIGKILL' } });
        // Where it never comes there, it is killed wherever it is.
        await until(() => player.child !== child, 'it ends there', 5_000).catch(() => this.#kill(player));
        return;
      }
      case 'stop': {
        const { child } = this.#player(deed.whom);
        const from = now();
        child?.kill('SIGSTOP');
        await sleep(deed.ms);
        child?.kill('SIGCONT');
        this.#stops.push({ by: deed.whom, from, until: now() });
        return;
      }
      case 'stop at': {
        const player = this.#player(deed.whom);
        const pid = player.child?.pid ?? 0;
        this.#tell(player, { arm: { point: deed.point, nth: deed.nth, signal: 'SIGSTOP' } });
        await until(() => stateOf(pid) === 'T', 'it stands still', 5_000).catch(() => undefined);
        await sleep(deed.ms);
        this.#tell(player, { disarm: true });
        player.child?.kill('SIGCONT');
        return;
      }
      case 'kill postgres':
        await this.crashDatabase();
        return;
      case 'kill backend': {
        const { pid } = this.#postgres;
        const backends = familyOf(pid).filter((each) => each !== pid && titleOf(each).includes(ROLE.name));
        const backend = backends[deed.nth % Math.max(1, backends.length)];
        if (backend !== undefined) signal([backend], 'SIGKILL');
        return;
      }
      case 'stop postgres': {
        const family = familyOf(this.#postgres.pid);
        signal(family, 'SIGSTOP');
        await sleep(deed.ms);
        signal(family, 'SIGCONT');
        return;
      }
    }
  }

  #player(name: string): Player {
    const player = this.#players.find((each) => each.name === name);
    if (player === undefined) throw new RangeError(`nobody is called ${name}`);
    return player;
  }

  async #kill(player: Player): Promise<void> {
    const { child } = player;
    child?.kill('SIGKILL');
    await until(() => player.child !== child, `${player.name} starts again`);
  }

  #tell({ child }: Player, message: ToWorker): void {
    if (child?.connected === true) child.send(message, () => undefined);
  }

  /** Starts a process, and another in its place whenever it ends before the end. */
  #enter(player: Player): void {
    const { seed, producers, think, variant, dress, address } = this.#options;
    const postgres = this.#postgres;
    const { name, database, incarnation, isGateway, owns } = player;
    const path = join(this.#folder, `${name.replace(' ', '-')}.${incarnation}`);
    closeSync(openSync(path, 'a'));
    this.#files.push({ path, by: name });
    const { words = [], env } = dress?.(name) ?? {};
    const program = [...words, process.execPath, '--enable-source-maps', join(import.meta.dirname, 'worker.js')];
    const [command = process.execPath, ...rest] = program;
    const child = spawn(command, rest, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, ...env },
    });
    player.child = child;
    const at = address?.(name) ?? { host: postgres.host, port: postgres.port };
    const orders: Orders = {
      name,
      incarnation,
      seed,
      // As a gateway's role, unless a variant does what that role may not.
      database: {
        ...at,
        database,
        ...(variant === 'same-statement'
          ? { user: postgres.user, password: postgres.password }
          : { user: ROLE.name, password: ROLE.password }),
      },
      others: this.#databases.filter((each) => each !== database),
      origin: ORIGIN,
      key: this.#key,
      records: path,
      producers: isGateway ? producers : 0,
      think,
      owns,
      variant,
    };
    child.on('message', (message: FromWorker) => {
      if ('ready' in message) child.send({ orders } satisfies ToWorker, () => undefined);
      else if ('progress' in message) player.progress = message.progress;
      else if ('halted' in message) {
        this.halted.push(`${name}: ${message.halted}`);
        child.kill('SIGKILL');
      } else {
        player.progress = message.ended;
        player.ended = true;
      }
    });
    child.once('exit', () => {
      if (this.#ending) {
        player.ended = true;
        return;
      }
      if (player.progress !== undefined) this.#past.push(player.progress);
      player.progress = undefined;
      player.incarnation += 1;
      this.#enter(player);
    });
  }

  #urlOf(database: string): string {
    const { host, port, user, password } = this.#postgres;
    return `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  }

  async #asOwner<Result>(database: string, act: (owner: PgClient) => Promise<Result>): Promise<Result> {
    const owner = new PgClient({ connectionString: this.#urlOf(database) });
    owner.on('error', () => undefined);
    await owner.connect();
    try {
      return await act(owner);
    } finally {
      await owner.end();
    }
  }

  /** Reads the whole log, computes every leaf anew, and holds the head against them. */
  #readLog(database: string): Promise<readonly Recorded[]> {
    return this.#asOwner(database, async (owner) => {
      const log: Recorded[] = [];
      for (;;) {
        const from = log.at(-1)?.seq ?? -1;
        const text = 'SELECT seq, header, commitment, leaf FROM ledger.entry WHERE seq > $1 ORDER BY seq LIMIT 20000';
        const { rows } = await owner.query<{ seq: string; header: Buffer; commitment: Buffer; leaf: Buffer }>(text, [
          from,
        ]);
        if (rows.length === 0) break;
        for (const { seq, header, commitment, leaf } of rows) {
          const id = header.subarray(header.length - 16);
          const { kind, consent } = readEntry(header, id);
          if (!leaf.equals(leafHash(Buffer.concat([header, commitment]))))
            this.#trouble.push({ fault: 'checkpoint contradicted', what: `the leaf at ${seq} is not of its entry` });
          log.push({
            seq: Number(seq),
            entry: id.toString('latin1'),
            leaf: leaf.toString('hex'),
            ...(kind !== undefined && { says: { kind, consent: String(consent) } }),
          });
        }
      }
      const { rows } = await owner.query<{ size: string; root: Buffer }>('SELECT size, root FROM ledger.head');
      const { head } = grow(
        EMPTY_HEAD,
        log.map(({ leaf }) => Buffer.from(leaf, 'hex')),
      );
      if (Number(rows[0]?.size) !== head.size || rows[0]?.root.equals(head.root) !== true)
        this.#trouble.push({ fault: 'checkpoint contradicted', what: 'the head is not that of its entries' });
      return log;
    });
  }
}

const workOf = ({ incarnation, progress }: Player): string => `${incarnation} ${progress?.done ?? 0}`;
const progressOf = ({ progress }: Player): Progress | undefined => progress;

export function castOf({ gateways, admins }: Pick<LoadOptions, 'gateways' | 'admins'>) {
  return { gateways: numbered('gateway', gateways), admins: numbered('admin', admins) };
}

function numbered(what: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${what} ${i + 1}`);
}

/**
 * Several logs have no common order. Then only what one clock shows can be held against them: each in itself, and what
 * left after an acknowledgement.
 */
function judge(told: History, logs: readonly (readonly Recorded[])[]): Verdict {
  const [only] = logs;
  if (only !== undefined && logs.length === 1) return check(told, only);
  const at = new Map(told.acknowledged.map(({ entry, acknowledged }) => [entry, acknowledged]));
  const merged = logs
    .flat()
    .toSorted((a, b) => (at.get(a.entry) ?? Infinity) - (at.get(b.entry) ?? Infinity))
    .map((one, seq) => ({ ...one, seq }));
  const { late, residual } = lateReleases(told, merged);
  return { violations: late, residual };
}

function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
