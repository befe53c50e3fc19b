import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotStart, fromFileSystem } from './cannot-start.mjs';

const PATIENCE_MS = 5 * 60_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs `work` while no other start of this checkout installs or builds: two at once would empty each other's folders.
 * @template T
 * @param {string} root
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function inTurn(root, work) {
  const file = path.join(root, '.postern', 'preparing');
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    await take(file);
  } catch (error) {
    throw fromFileSystem(error, path.dirname(file));
  }
  const leave = () => fs.rmSync(file, { force: true });
  process.once('exit', leave);
  for (const signal of SIGNALS) process.once(signal, exit);
  try {
    return await work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, exit);
    process.off('exit', leave);
    leave();
  }
}

/** What the work started ends in listeners to `exit`, which a signal by itself would skip. */
function exit(_name, number) {
  process.exit(128 + number);
}

async function take(file) {
  let said = false;
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(200)) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = read(file);
    if (holder === undefined) continue;
    if (!isAlive(Number(holder))) {
      fs.rmSync(file, { force: true });
    } else if (Date.now() > end) {
      throw new CannotStart(`Process ${holder} has been preparing this checkout for long; if it hangs, stop it.`);
    } else if (!said) {
      console.error(`Waiting for process ${holder}, which is preparing this checkout …`);
      said = true;
    }
  }
}

/** Undefined where it was just given up, or its number is not written yet. */
function read(file) {
  try {
    return fs.readFileSync(file, 'utf8') || undefined;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
