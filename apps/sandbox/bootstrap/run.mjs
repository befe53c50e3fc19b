import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, isBuilt } from './build.mjs';
import { CannotStart, fromFileSystem } from './cannot-start.mjs';
import { install, isInstalled } from './install.mjs';
import { inTurn } from './turn.mjs';

const NEEDED = [24, 11];

/**
 * Installs and builds what is not yet, and names the Node to go on with.
 * @param {string} root
 * @returns {Promise<string>}
 */
export async function prepare(root) {
  if (!isAtLeast(process.versions.node, [20, 19])) {
    throw new CannotStart(`Node ${process.versions.node} is too old; install Node 20.19 or newer.`);
  }
  if (isInstalled(root) && isBuilt(root)) return findNode(root);
  return inTurn(root, async () => {
    try {
      if (!isInstalled(root)) await install(root);
      const node = findNode(root);
      if (!isBuilt(root)) build(root, node);
      return node;
    } catch (error) {
      throw fromFileSystem(error, root);
    }
  });
}

/** The Node that came with the packages; where there is none for this machine, the one that runs us. */
function findNode(root) {
  const packaged = path.join(root, 'node_modules', '.bin', 'node');
  if (fs.existsSync(packaged)) {
    const { status, stdout } = spawnSync(packaged, ['--version'], { encoding: 'utf8' });
    if (status === 0 && isAtLeast(stdout.trim().slice(1), NEEDED)) return packaged;
  }
  if (isAtLeast(process.versions.node, NEEDED)) return process.execPath;
  throw new CannotStart(
    `The packages bring no Node that runs on ${process.platform}-${process.arch}; install Node ${NEEDED.join('.')} or newer.`,
  );
}

function isAtLeast(version, [wantedMajor, wantedMinor]) {
  const [major, minor] = version.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/**
 * Runs a program to its end and returns its exit code. It has a session of its own, so that Ctrl-C reaches it once, from
 * us, and never twice.
 * @param {string} node
 * @param {readonly string[]} programAndArguments
 * @returns {Promise<number>}
 */
export async function run(node, programAndArguments) {
  const preload = pathToFileURL(path.join(import.meta.dirname, 'end-with-parent.mjs')).href;
  const child = spawn(node, ['--import', preload, ...programAndArguments], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
    env: { ...process.env, POSTERN_STARTED_BY: String(process.pid) },
  });
  // A closed terminal asks for the same as SIGTERM.
  const forward = (signal) => child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + os.constants.signals[signal]));
    });
  } finally {
    for (const signal of signals) process.off(signal, forward);
  }
}
