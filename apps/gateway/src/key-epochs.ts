import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, GatewayError } from './error.js';

/**
 * The keys under which persons' keys are wrapped, by the number of their epoch, as one file keeps them: a line for each,
 * `3 base64`. They are random and not derived, or destroying one would mean nothing.
 *
 * THREAT: whoever has this file and an old backup of the database reads what was erased in between. It is kept away from
 * those backups, and an epoch ends by its line going.
 */
export class KeyEpochs {
  readonly #file: string;
  #keys: ReadonlyMap<number, KeyObject>;

  private constructor(file: string, keys: ReadonlyMap<number, KeyObject>) {
    this.#file = file;
    this.#keys = keys;
  }

  static async open(file: string): Promise<KeyEpochs> {
    return new KeyEpochs(file, keysIn(file, await linesIn(file)));
  }

  /** Under which new keys are wrapped. */
  get newest(): number {
    return Math.max(...this.#keys.keys());
  }

  key(epoch: number): KeyObject | undefined {
    return this.#keys.get(epoch);
  }

  /** What has come since, and what has gone: a key that the file no longer has is not in memory any more either. */
  async reread(): Promise<void> {
    this.#keys = keysIn(this.#file, await linesIn(this.#file));
  }
}

/** Adds the key of an epoch, durably, before anything is wrapped under it; where it is there already, does nothing. */
export async function addEpoch(file: string, epoch: number): Promise<void> {
  const lines = await linesIn(file);
  if (lines.some((line) => line.startsWith(`${epoch} `))) return;
  await write(file, [...lines, `${epoch} ${randomBytes(32).toString('base64')}`]);
}

/** Destroys the keys of all earlier epochs. What only they wrapped is noise from here on, in every backup. */
export async function destroyEpochsBefore(file: string, epoch: number): Promise<void> {
  const lines = await linesIn(file);
  const left = lines.filter((line) => Number(line.split(' ')[0]) >= epoch);
  if (left.length === 0) throw new GatewayError('KEY_EPOCHS_INVALID', `${file} does not have epoch ${epoch}.`);
  if (left.length < lines.length) await write(file, left);
}

async function linesIn(file: string): Promise<readonly string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw new GatewayError('KEY_EPOCHS_INVALID', `${file} cannot be read (${codeOf(cause)}).`, { cause });
  }
}

function keysIn(file: string, lines: readonly string[]): ReadonlyMap<number, KeyObject> {
  const keys = new Map<number, KeyObject>();
  for (const line of lines) {
    const [, epoch, encoded] = /^([1-9]\d{0,8}) ([A-Za-z0-9+/]{43}=)$/.exec(line) ?? [];
    if (epoch === undefined || encoded === undefined || keys.has(Number(epoch)))
      throw new GatewayError('KEY_EPOCHS_INVALID', `${file} has a line that is not an epoch and its key.`);
    const bytes = Buffer.from(encoded, 'base64');
    keys.set(Number(epoch), createSecretKey(bytes));
    bytes.fill(0);
  }
  if (keys.size === 0)
    throw new GatewayError('KEY_EPOCHS_INVALID', `${file} has no key; \`npm run operate -- rotate-keys\` makes one.`);
  return keys;
}

/** Whole and on the disk, or as it was: a crash leaves the old file, and perhaps one beside it that nobody reads. */
async function write(file: string, lines: readonly string[]): Promise<void> {
  const beside = `${file}.next`;
  const written = await open(beside, 'w', 0o600);
  await written.writeFile(lines.map((line) => `${line}\n`).join(''));
  await written.sync();
  await written.close();
  await rename(beside, file);
  const folder = await open(path.dirname(path.resolve(file)), 'r');
  await folder.sync();
  await folder.close();
}
