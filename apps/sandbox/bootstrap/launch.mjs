// node apps/sandbox/bootstrap/launch.mjs PROGRAM [ARGUMENT…] installs and builds what is not yet, then runs dist/PROGRAM.
import path from 'node:path';
import { endWith } from './cannot-start.mjs';
import { prepare, run } from './run.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', '..');
const [program, ...rest] = process.argv.slice(2);
await endWith(async () =>
  run(await prepare(root), ['--enable-source-maps', path.join(root, 'dist', program), ...rest]),
);
