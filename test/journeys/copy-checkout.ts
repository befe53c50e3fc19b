import { cpSync, existsSync, mkdtempSync, chmodSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT } from '../../apps/sandbox/checkout.js';

export interface Copy {
  readonly root: string;
  remove(): void;
}

/** What a start needs of a checkout; what is built comes along, and is built anew where it is not of these sources. */
const NEEDED = ['apps', 'libs', 'policies', 'test', 'dist', '.swcrc', 'nest-cli.json', 'tsconfig.json'];

/**
 * A checkout of one's own, so that a test of the commands neither meets a sandbox that somebody runs beside it nor takes
 * that one's database and keys away.
 */
export function copyCheckout(): Copy {
  const root = mkdtempSync(join(tmpdir(), 'postern-checkout-'));
  chmodSync(root, 0o711);
  for (const path of [...NEEDED, 'package.json', 'package-lock.json']) {
    const from = join(CHECKOUT, path);
    if (existsSync(from)) cpSync(from, join(root, path), { recursive: true });
  }
  symlinkSync(join(CHECKOUT, 'node_modules'), join(root, 'node_modules'));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
