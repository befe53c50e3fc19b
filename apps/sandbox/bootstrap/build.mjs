import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CannotStart } from './cannot-start.mjs';

const SOURCES = ['apps', 'libs', 'test'];
const SETTINGS = ['package-lock.json', 'nest-cli.json', 'tsconfig.json', '.swcrc'];

/** @param {string} root */
export function isBuilt(root) {
  try {
    return fs.readFileSync(stampIn(root), 'utf8') === fingerprint(root);
  } catch {
    return false;
  }
}

/**
 * Compiles to `dist`. The stamp is written last: a build that was cut off is done again.
 * @param {string} root
 * @param {string} node
 */
export function build(root, node) {
  console.error('Building …');
  const before = fingerprint(root);
  const nest = path.join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const { status, stdout, stderr, error } = spawnSync(node, [nest, 'build', 'gateway'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) {
    console.error(stdout, stderr);
    throw new CannotStart(`The sources do not compile${error ? ` (${error.message})` : ''}; the reasons are above.`);
  }
  fs.writeFileSync(stampIn(root), before);
}

function stampIn(root) {
  return path.join(root, 'dist', '.built-from');
}

/** Of contents, not of times: a checkout changes every file's time. */
function fingerprint(root) {
  const hash = createHash('sha256');
  const files = [...SETTINGS, ...SOURCES.flatMap((folder) => sourcesIn(root, folder))];
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(fs.readFileSync(path.join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

function sourcesIn(root, folder) {
  const at = path.join(root, folder);
  if (!fs.existsSync(at)) return [];
  return fs
    .readdirSync(at, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/\.spec\.tsx?$/.test(file))
    .map((file) => path.join(folder, file))
    .toSorted();
}
