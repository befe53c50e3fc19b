// `npm start`, from a fresh clone on: needs Node 20.19 and npm, nothing else.
import path from 'node:path';
import { endWith } from './bootstrap/cannot-start.mjs';
import { prepare, run } from './bootstrap/run.mjs';

const root = path.resolve(import.meta.dirname, '..', '..');
const main = path.join(root, 'dist', 'apps', 'sandbox', 'src', 'main.js');
// Reading and compiling a thousand modules is most of a later start. Where nothing can be written, it is done each time.
process.env.NODE_COMPILE_CACHE ??= path.join(root, '.postern', 'compiled');
await endWith(async () => run(await prepare(root), [main, ...process.argv.slice(2)]));
