import { clock } from '../clock.js';
import { operate } from './run.js';

process.exitCode = await operate(process.argv.slice(2), {
  environment: process.env,
  clock,
  print: (line) => void process.stdout.write(`${line}\n`),
});
