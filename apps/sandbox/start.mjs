// `npm start`, from a fresh clone on: needs Node 20.19 and npm, nothing else.
import path from 'node:path';
import { endWith } from './bootstrap/cannot-start.mjs';
import { prepare, run } from './bootstrap/run.mjs';

const root = path.resolve(import.meta.dirname, '..', '..');
const main = path.join(root, 'dist', 'apps', 'sandbox', 'src', 'main.js');
await endWith(async () => run(await prepare(root), ['--enable-source-maps', main, ...process.argv.slice(2)]));
