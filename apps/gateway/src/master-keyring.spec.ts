import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import * as fc from 'fast-check';
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
