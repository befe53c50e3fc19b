import type { Wanted } from '../../../../test/fuzz/read-arguments.js';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { drawInput, type Input, type Kind } from './draw-input.js';
import { shrink } from './shrink.js';
import { WatchedWorker } from './watched-worker.js';
import type { Done, Found } from './worker.js';

export const ABOUT = `Hands hostile texts to whatever reads policies, vocabularies, cases and situations, and uses what can be read. A fault is
anything but a refusal that says where and why in a few lines: an error of another kind, no end, too much memory, or two
ways to decide that do not agree.
`;
const BATCH = 200;
const MOST_FAULTS = 5;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Takes runs from the same heap in turns, so that none waits for another. */
async function tryRuns({ seed, from, to }: Wanted, workers: readonly WatchedWorker[]): Promise<readonly Found[]> {
  const started = Date.now();
  const found: Found[] = [];
  const parts = new Map<Kind, [number, number]>();
  let [next, tried, said] = [from, 0, started];
  const add = (done: Done): void => {
    found.push(...done.found);
    for (const { run, name, message } of done.found)
      say(`run ${run}: ${name}: ${message.split('\n', 1)[0]?.slice(0, 200)}`);
    for (const [kind, [read, refused]] of done.parts) {
      const sum = parts.get(kind) ?? [0, 0];
      parts.set(kind, [sum[0] + read, sum[1] + refused]);
    }
  };
  const tell = (): void => {
    const speed = Math.round((1_000 * tried) / Math.max(1, Date.now() - started));
    const whole = [...parts.values()].reduce(([a, b], [read, refused]) => [a + read, b + refused], [0, 0]);
    say(
      `${tried} runs, ${speed} a second, ${whole[0]} texts read, ${whole[1]} refused, ${found.length} faults, seed ${seed}`,
    );
  };
  const work = async (worker: WatchedWorker): Promise<void> => {
    while (next < to && new Set(found.map(({ name }) => name)).size < MOST_FAULTS) {
      let at = next;
      const end = Math.min(to, at + BATCH);
      next = end;
      while (at < end) {
        const done = await worker.give({ kind: 'runs', seed, from: at, to: end });
        add(done);
        // Who gave up at a run goes on behind it.
        const isGivenUp = done.found.some(({ stack }) => stack === '');
        const reached = isGivenUp ? (done.found.at(-1)?.run ?? end) + 1 : end;
        tried += reached - at;
        at = reached;
      }
      if (Date.now() - said > 10_000) {
        said = Date.now();
        tell();
      }
    }
  };
  await Promise.all(workers.map(work));
  tell();
  for (const [kind, [read, refused]] of parts) say(`  ${kind}: ${read} texts read, ${refused} refused`);
  const seconds = (Date.now() - started) / 1_000;
  say(JSON.stringify({ fuzz: 'policy', runs: tried, seconds, faults: found.length, seed }));
  return found;
}

/** The smallest input that brings about the same, and where it was left. */
async function report(fault: Found, seed: number, worker: WatchedWorker): Promise<void> {
  const { run, name, message, stack } = fault;
  const again = async (input: Input): Promise<boolean> =>
    (await worker.give({ kind: 'input', seed, run, input })).found.some((one) => one.name === name);
  const input = drawInput(seed, run);
  const isReplayed = await again(input);
  const smallest = isReplayed ? await shrink(input, again) : input;
  const folder = join('.postern', 'fuzz', `${seed}-${run}`);
  const leave = (path: string, text: string): void => {
    const safe = path.replaceAll(/[^\w./-]/g, '_').replaceAll('..', '_');
    mkdirSync(dirname(join(folder, safe)), { recursive: true });
    writeFileSync(join(folder, safe), text);
  };
  if (smallest.vocabulary !== undefined) leave('vocabulary.yaml', smallest.vocabulary);
  for (const { path, text } of smallest.files) leave(join('policies', path), text);
  for (const [at, text] of smallest.given.entries()) leave(`given-${at}.yaml`, text);
  leave('fault.txt', `${name}: ${message}\n${stack}\n`);
  say(`\n${name}: ${message.slice(0, 1_000)}\n${stack.split('\n').slice(1, 6).join('\n')}`);
  say(`in ${folder}; again by npm run fuzz -- policy --seed ${seed} --run ${run}`);
}

export async function fuzz(wanted: Wanted): Promise<number> {
  const count = Math.min(availableParallelism(), Math.ceil((wanted.to - wanted.from) / BATCH));
  const workers = Array.from({ length: count }, () => new WatchedWorker());
  try {
    const found = await tryRuns(wanted, workers);
    const first = new Map(found.toReversed().map((fault) => [fault.name, fault]));
    for (const fault of first.values()) await report(fault, wanted.seed, workers[0] ?? new WatchedWorker());
    return found.length;
  } finally {
    for (const worker of workers) await worker.end();
  }
}
