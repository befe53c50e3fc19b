import type { Wanted } from '../../../../test/fuzz/read-arguments.js';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Draw } from './draw.js';
import { DOORS, makeGenuine } from './genuine.js';
import { mutate } from './mutate.js';
import type { Done } from './worker.js';

export const ABOUT = `Hands hostile bytes to whatever reads notes, checkpoints, cosignatures, witness requests, tiles, receipts, proofs, keys and
exports. A fault is anything but a refusal by name, or what was truly signed: an error of another kind, something believed
that nobody signed, no end, too much memory.
`;
const BATCH = 500;
/** One input takes milliseconds; one that takes this long takes for ever. */
const LONGEST_MS = 60_000;
const MOST_MEMORY_MB = 512;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** A batch in a worker of its own memory; `no end` and `too much memory` end the worker, and nothing else. */
async function runBatch(seed: number, from: number, to: number): Promise<Done> {
  const at = new Int32Array(new SharedArrayBuffer(4));
  at[0] = from;
  const worker = new Worker(join(import.meta.dirname, 'worker.js'), {
    workerData: { seed, from, to, at },
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  return new Promise((resolve) => {
    const fault = (name: string, message: string): void =>
      resolve({ to: (at[0] ?? from) + 1, outcomes: {}, faults: [{ run: at[0] ?? from, name, message }] });
    const late = setTimeout(
      () => void worker.terminate().then(() => fault('NoEnd', 'it was still running')),
      LONGEST_MS,
    );
    worker.once('message', (done: Done) => resolve(done));
    worker.once('error', (error: Error) => fault(error.name, error.message));
    worker.once('exit', () => clearTimeout(late));
  });
}

export async function fuzz({ seed, from, to }: Wanted): Promise<number> {
  const started = Date.now();
  const sums = new Map<string, number>();
  let [next, faults] = [from, 0];
  while (next < to && faults < 5) {
    const done = await runBatch(seed, next, Math.min(to, next + BATCH));
    next = done.to;
    for (const [name, count] of Object.entries(done.outcomes)) sums.set(name, (sums.get(name) ?? 0) + count);
    for (const { run, name, message } of done.faults) {
      faults += 1;
      say(`run ${run}: ${name}: ${message.split('\n', 1)[0]?.slice(0, 200)}`);
      say(`  in ${await leave(seed, run, message)}; again by npm run fuzz -- ledger --seed ${seed} --run ${run}`);
    }
  }
  for (const [name, count] of [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1))) say(`  ${name}: ${count}`);
  const seconds = (Date.now() - started) / 1_000;
  say(JSON.stringify({ fuzz: 'ledger', runs: next - from, seconds, faults, seed }));
  return faults;
}

/** The input of a run, to look at. */
async function leave(seed: number, run: number, message: string): Promise<string> {
  const genuine = await makeGenuine();
  const draw = new Draw(seed, run);
  const door = draw.of(DOORS);
  const folder = join('.postern', 'fuzz', `ledger-${seed}-${run}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, door.replaceAll(' ', '-')),
    mutate(genuine.bytes[door], Object.values(genuine.bytes), draw),
  );
  writeFileSync(join(folder, 'fault.txt'), `${message}\n`);
  return folder;
}
