import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Pool } from 'pg';
import type { Change } from '#disclosure';
import {
  decodeHeader,
  EMPTY_HEAD,
  FILLER,
  grow,
  logIdOf,
  noteSigner,
  noteVerifier,
  openCheckpoint,
  seal,
  Sequencer,
  signCheckpoint,
  verifyTiles,
} from '#ledger';
import { migrate, PostgresLog } from '#postgres';
import type { Line } from '#web';
import { testDatabase } from '../../../test/postgres.js';
import { publishedIn, publishTiles, readTileFrom } from './publish-tiles.js';
import { type Publication, type Publishing, ScheduledCheckpoints } from './scheduled-checkpoints.js';

const ORIGIN = 'test.example/scheduled';
const EVERY = 1_000;
const signer = noteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey);
const key = noteVerifier(ORIGIN, createPublicKey(signer.privateKey));
const policy = createHash('sha256').update('policy').digest();

/** Time that passes when it is told to, and stands still while something is being done. */
class Clock {
  #now = Math.floor(Date.now() / EVERY) * EVERY;
  #timers: { readonly at: number; readonly ring: () => void }[] = [];
  /** Who goes by this clock; each that does nothing has one timer. */
  replicas = 1;
  readonly now = (): number => this.#now;
  readonly after = (milliseconds: number, ring: () => void): (() => void) => {
    const timer = { at: this.#now + milliseconds, ring };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((one) => one !== timer));
  };

  /** Rings whatever is due until then, each only once the one before has set its next. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      while (this.#timers.length < this.replicas) await sleep(1);
      const [next] = this.#timers.toSorted((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
    this.#now = end;
  }
}

describe('checkpoints on a schedule', () => {
  let pool: Pool;
  let log: PostgresLog<Change>;
  let sequencer: Sequencer<Change>;
  let folder: string;
  let clock: Clock;
  const lines: Line[] = [];
  const open: ScheduledCheckpoints[] = [];

  beforeEach(async () => {
    const server = testDatabase();
    const name = `scheduled_${randomBytes(6).toString('hex')}`;
    const admin = new Client(server);
    await admin.connect();
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.end();
    const { host, port, user, password } = server;
    await migrate(`postgres://${user}:${password}@${host}:${port}/${name}`, { name, password: 'only in tests' });
    pool = new Pool({ host, port, database: name, user: name, password: 'only in tests', max: 4 });
    log = await PostgresLog.open<Change>(pool, logIdOf(ORIGIN), async () => {});
    sequencer = new Sequencer<Change>({
      store: log,
      position: 0,
      fold: async (tail) => tail.map(() => new Set<string>()),
      sign: async () => new Uint8Array(112),
      monotonic: () => performance.now(),
      queue: 4096,
      batch: 512,
    });
    folder = path.join(mkdtempSync(path.join(tmpdir(), 'postern-scheduled-')), 'public');
    clock = new Clock();
    lines.length = 0;
  });

  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
    await pool.end();
    rmSync(path.dirname(folder), { recursive: true });
  });

  const publishing = (): Publishing => ({
    log,
    sequencer,
    pool,
    signer,
    policy: () => policy,
    fold: () => {},
    random: randomBytes,
    clock,
    at: () => Date.now(),
    tell: (line) => void lines.push(line),
  });
  const start = async (more: Partial<Publication> = {}): Promise<ScheduledCheckpoints> => {
    const started = await ScheduledCheckpoints.open({ every: EVERY, folder, ...more }, publishing());
    open.push(started);
    return started;
  };
  const record = async (): Promise<number> => {
    const entry = seal(
      logIdOf(ORIGIN),
      { id: randomBytes(16), type: 2, at: Date.now(), policy, body: randomBytes(60), keys: [] },
      randomBytes,
    );
    const pending = { entry, basis: sequencer.position, reads: new Set<string>(), writes: new Set<string>() };
    const outcome = await sequencer.submit({ ...pending, changes: [], apply: () => {} });
    return outcome.kind === 'appended' ? outcome.seq : -1;
  };
  const published = (): number[] => lines.flatMap((line) => (line.event === 'published' ? [line.size] : []));

  it('come at their moments, each of the next multiple of 256, whether something happened or not', async () => {
    const checkpoints = await start();
    expect((await checkpoints.newest()).size).toBe(0);
    await clock.pass(EVERY / 2);
    const places = [await record(), await record(), await record()];
    await clock.pass(EVERY / 2 - 1);
    expect(published()).toEqual([]);
    await clock.pass(1);
    expect(published()).toEqual([256]);
    // In the second time nothing happens, and nobody can tell.
    await clock.pass(EVERY);
    expect(published()).toEqual([256, 512]);
    const { note } = await checkpoints.newest();
    const tail = await log.tail(0, 600);
    expect(openCheckpoint(note, [key])).toEqual({
      origin: ORIGIN,
      size: 512,
      root: grow(
        EMPTY_HEAD,
        tail.map(({ leaf }) => leaf),
      ).head.root,
    });
    const fillers = tail.filter(({ header }) => decodeHeader(header).type === FILLER);
    expect([tail.length, fillers.length]).toEqual([512, 509]);
    // About half of the fillers came before the entries, and about half after.
    expect(Math.min(...places)).toBeGreaterThan(60);
    expect(Math.max(...places)).toBeLessThan(200);
    expect(await verifyTiles(readTileFrom(folder), (await publishedIn(folder, key))!)).toMatchObject({
      kind: 'sound',
      size: 512,
    });
  });

  it('go on where another replica, or the one before, stopped', async () => {
    const first = await start({ folder: `${folder}-1` });
    await clock.pass(EVERY);
    await first.close();
    const second = await start();
    expect(await second.newest()).toEqual(await first.newest());
    await clock.pass(EVERY);
    expect(published()).toEqual([256, 512]);
    const here = await publishedIn(folder, key);
    expect(here?.size).toBe(512);
    rmSync(`${folder}-1`, { recursive: true });
  });

  it('of two replicas are of one log', async () => {
    const [one, other] = [await start(), await start({ folder: `${folder}-2` })];
    clock.replicas = 2;
    for (let i = 0; i < 3; i += 1) await record();
    await clock.pass(EVERY);
    await clock.pass(EVERY);
    const notes = await log.scheduledCheckpoints(10);
    const heads = await Promise.all([one.newest(), other.newest()]);
    for (const { note, size } of heads) {
      expect(notes).toContain(note);
      expect(size % 256).toBe(0);
    }
    for (const each of [folder, `${folder}-2`])
      expect((await verifyTiles(readTileFrom(each), (await publishedIn(each, key))!)).kind).toBe('sound');
    rmSync(`${folder}-2`, { recursive: true });
  });

  it('are not given where the database lost what was published, or changed it', async () => {
    const { root } = grow(
      EMPTY_HEAD,
      Array.from({ length: 256 }, (_, i) => Buffer.alloc(32, i)),
    ).head;
    const note = signCheckpoint({ origin: ORIGIN, size: 256, root }, signer);
    await publishTiles(folder, note, key, async function* () {
      yield Buffer.concat(Array.from({ length: 256 }, (_, i) => Buffer.alloc(32, i)));
    });
    await expect(start()).rejects.toMatchObject({ code: 'LEDGER_ROLLED_BACK' });
    const other = await start({ folder: `${folder}-3` });
    await clock.pass(EVERY);
    await other.close();
    await expect(start()).rejects.toMatchObject({ code: 'LEDGER_FORKED' });
    expect(readFileSync(path.join(folder, 'checkpoint'), 'utf8')).toBe(note);
    rmSync(`${folder}-3`, { recursive: true });
  });

  it('are there without tiles where these cannot be written, and that is said', async () => {
    const checkpoints = await start();
    mkdirSync(folder);
    writeFileSync(path.join(folder, '.incoming'), 'not a folder');
    await clock.pass(EVERY);
    expect((await checkpoints.newest()).size).toBe(256);
    expect(lines.map(({ event }) => event)).toEqual(['not published', 'published']);
    expect(existsSync(path.join(folder, 'checkpoint'))).toBe(false);
  });
});
