import { run } from './run.js';

const { exitCode, out, err } = await run(process.argv.slice(2));
if (out !== '') process.stdout.write(out);
if (err !== '') process.stderr.write(err);
process.exitCode = exitCode;
