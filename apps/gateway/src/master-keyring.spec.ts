import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import * as fc from 'fast-check';
import { addEpoch, destroyEpochsBefore, KeyEpochs } from './key-epochs.js';
import { masterKeyFrom, MasterKeyring } from './master-keyring.js';

/** 32 bytes of key and 8 of integrity, by RFC 3394. */
const WRAPPED = 40;
const MINUTE = 60_000;

describe('a master keyring', () => {
  const master = randomBytes(32);
  const opened: MasterKeyring[] = [];
  let now = 0;

  const keyring = (key: Uint8Array = master): MasterKeyring => {
    const made = new MasterKeyring(key, () => now);
    opened.push(made);
    return made;
  };

  beforeEach(() => {
    now = 0;
    jest.useFakeTimers();
  });

  afterEach(() => {
    for (const each of opened.splice(0)) each.close();
    jest.useRealTimers();
  });

  it('opens what it has wrapped, in this process and in any other with the same master key', async () => {
    const { key, wrapped } = await keyring().mint();
    expect([key.symmetricKeySize, wrapped.length]).toEqual([32, WRAPPED]);
    expect((await keyring().open('a', wrapped)).equals(key)).toBe(true);
    const other = await keyring().mint();
    expect(other.key.equals(key)).toBe(false);
  });

  it('opens nothing that was altered, or wrapped under another master key', async () => {
    const { wrapped } = await keyring().mint();
    await expect(keyring(randomBytes(32)).open('a', wrapped)).rejects.toMatchObject({ code: 'MASTER_KEY_WRONG' });
    for (const at of [0, 7, 8, 39]) {
      const altered = Buffer.from(wrapped);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await expect(keyring().open('a', altered)).rejects.toMatchObject({ code: 'MASTER_KEY_WRONG' });
    }
    await expect(keyring().open('a', wrapped.subarray(0, 32))).rejects.toMatchObject({ code: 'MASTER_KEY_WRONG' });
  });

  it('forgets an open key within a minute, though nobody asks for it again', async () => {
    const keys = keyring();
    const { wrapped } = await keys.mint();
    await keys.open('hers', wrapped);
    for (now = 10_000; now < 50_000; now += 10_000) jest.advanceTimersByTime(10_000);
    expect(keys.remembered).toBe(1);
    now = MINUTE;
    jest.advanceTimersByTime(20_000);
    expect(keys.remembered).toBe(0);
  });

  it('reads a key anew once its time is over: a destroyed one is then gone', async () => {
    const keys = keyring();
    const { key, wrapped } = await keys.mint();
    await keys.open('hers', wrapped);
    const destroyed = new Uint8Array(WRAPPED);
    now = 40_000;
    expect((await keys.open('hers', destroyed)).equals(key)).toBe(true);
    now = MINUTE;
    await expect(keys.open('hers', destroyed)).rejects.toMatchObject({ code: 'MASTER_KEY_WRONG' });
  });

  it('forgets a destroyed key at once, and no other', async () => {
    const keys = keyring();
    for (const id of ['hers', 'another']) await keys.open(id, (await keys.mint()).wrapped);
    keys.forget('hers');
    expect(keys.remembered).toBe(1);
    await expect(keys.open('hers', new Uint8Array(WRAPPED))).rejects.toMatchObject({ code: 'MASTER_KEY_WRONG' });
  });

  it('forgets everything when it is closed', async () => {
    const keys = keyring();
    await keys.open('hers', (await keys.mint()).wrapped);
    keys.close();
    expect(keys.remembered).toBe(0);
  });

  it('hashes lists of parts apart, and each use with a key of its own', () => {
    const keys = keyring();
    const parts = fc.array(fc.string({ maxLength: 4 }), { maxLength: 4 });
    const apart = fc.property(parts, parts, (one, other) => {
      const same = one.length === other.length && one.every((part, index) => part === other[index]);
      const hashes = [keys.keyedHash('docket', ...one), keys.keyedHash('docket', ...other)];
      return same === (Buffer.compare(hashes[0]!, hashes[1]!) === 0);
    });
    expect(() =>
      fc.assert(apart, {
        examples: [
          [
            ['ab', 'c'],
            ['a', 'bc'],
          ],
          [['1:a'], ['a']],
        ],
      }),
    ).not.toThrow();
    expect(keys.keyedHash('docket', 'x')).not.toEqual(keys.keyedHash('local id', 'x'));
    expect(keyring().keyedHash('docket', 'x')).toEqual(keys.keyedHash('docket', 'x'));
    expect(keyring(randomBytes(32)).keyedHash('docket', 'x')).not.toEqual(keys.keyedHash('docket', 'x'));
  });

  it('keeps no process alive by its sweeping', () => {
    jest.useRealTimers();
    const before = timers();
    keyring();
    expect(timers()).toBe(before);
    const counted = setTimeout(() => undefined, 1);
    expect(timers()).toBe(before + 1);
    clearTimeout(counted);
  });

  it('has a key of 32 bytes or none', () => {
    expect(() => keyring(new Uint8Array(16))).toThrow('32 bytes');
  });
});

describe('keys whose epochs end', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-epochs-'));
  const file = path.join(folder, 'key-epochs');
  const master = randomBytes(32);
  const opened: MasterKeyring[] = [];

  const keyring = async (stored = new Map<string, Uint8Array>()): Promise<MasterKeyring> => {
    const find = (ids: readonly string[]) => Promise.resolve(new Map([...stored].filter(([id]) => ids.includes(id))));
    const made = new MasterKeyring(master, () => 0, { keys: await KeyEpochs.open(file), stored: { find } });
    opened.push(made);
    return made;
  };

  beforeEach(async () => {
    rmSync(file, { force: true });
    await addEpoch(file, 1);
  });
  afterEach(() => opened.splice(0).forEach((each) => each.close()));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('wrap under the newest, and say which it was', async () => {
    const keys = await keyring();
    const first = await keys.mint();
    await addEpoch(file, 2);
    const second = await keys.mint();
    expect([first, second].map(({ wrapped }) => Buffer.from(wrapped).readUInt32BE())).toEqual([1, 2]);
    const other = await keyring();
    expect((await other.open('a', first.wrapped)).equals(first.key)).toBe(true);
    expect((await other.open('b', second.wrapped)).equals(second.key)).toBe(true);
  });

  it('leave an old backup as noise, once its epoch is over', async () => {
    const { key, wrapped } = await (await keyring()).mint();
    const rewrapped = await keyring();
    await addEpoch(file, 2);
    await rewrapped.mint();
    const anew = rewrapped.rewrap(wrapped);
    const stolen = readFileSync(file, 'utf8');
    await destroyEpochsBefore(file, 2);
    // Hers was erased and is in the backup alone; the other's is where it is kept, for whoever remembers the old wrapping.
    await expect((await keyring()).open('hers', wrapped)).rejects.toMatchObject({ code: 'MASTER_KEY_WRONG' });
    expect((await (await keyring(new Map([['other', anew]]))).open('other', wrapped)).equals(key)).toBe(true);
    // What the destruction is worth: with the file as it was, the backup opens.
    writeFileSync(file, stolen);
    expect((await (await keyring()).open('hers', wrapped)).equals(key)).toBe(true);
  });

  it('take over what the master key itself has wrapped', async () => {
    const old = new MasterKeyring(master, () => 0);
    opened.push(old);
    const { key, wrapped } = await old.mint();
    const keys = await keyring();
    expect((await keys.open('a', wrapped)).equals(key)).toBe(true);
    expect((await keys.open('b', keys.rewrap(wrapped))).equals(key)).toBe(true);
    expect(Buffer.from(keys.rewrap(wrapped)).readUInt32BE()).toBe(1);
  });

  it('are added once, for their owner alone, and the last is never destroyed', async () => {
    const before = readFileSync(file, 'utf8');
    await addEpoch(file, 1);
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await expect(destroyEpochsBefore(file, 2)).rejects.toMatchObject({ code: 'KEY_EPOCHS_INVALID' });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it.each(['', 'x', '0 AAAA', `1 ${'A'.repeat(43)}=\n1 ${'B'.repeat(43)}=`])('are not read from %j', async (text) => {
    writeFileSync(file, text);
    await expect(KeyEpochs.open(file)).rejects.toMatchObject({ code: 'KEY_EPOCHS_INVALID' });
  });
});

describe('a file with the master key', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-key-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is made once, for its owner alone, and read from then on', async () => {
    const file = path.join(folder, 'master.key');
    const made = await Promise.all([masterKeyFrom(file), masterKeyFrom(file)]);
    expect(made[1]).toEqual(made[0]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).toEqual(made[0]);
  });

  it('is refused where it holds anything else', async () => {
    const file = path.join(folder, 'short.key');
    writeFileSync(file, 'c2hvcnQ=');
    await expect(masterKeyFrom(file)).rejects.toThrow('32 bytes');
  });
});

/** Timers that this process would wait for. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}
