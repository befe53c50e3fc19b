// npm run fuzz -- policy --runs N [--seed S] [--run R]: hostile texts at every door of the policy language.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawInput, type Input, type Kind } from './draw-input.js';
import { shrink } from './shrink.js';
import { WatchedWorker } from './watched-worker.js';
import type { Done, Found } from './worker.js';

const USAGE = `usage: npm run fuzz -- policy [--runs N] [--seed S] [--run R]

Hands hostile texts to whatever reads policies, vocabularies, cases and situations, and uses what can be read. A fault is
anything but a refusal that says where and why in a few lines: an error of another kind, no end, too much memory, or two
ways to decide that do not agree.

--runs N   so many inputs; 100000 where nothing is said
--seed S   the inputs of this seed; otherwise of one that is printed
--run R    only the input of this number

Exit codes: 0 no fault, 1 a fault (its input is left in .postern/fuzz), 2 the command is wrong.
`;
const BATCH = 200;
const MOST_FAULTS = 5;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Wanted {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

function readArguments(): Wanted | 'help' | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        runs: { type: 'string', default: '100000' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        run: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return 'help';
    const numbers = [values.runs, values.seed, values.run ?? '0'];
    const [runs = 0, seed = 0, run = 0] = numbers.map(Number);
    const isUnderstood =
      positionals.join(' ') === 'policy' && numbers.every((text) => /^\d{1,9}$/.test(text)) && runs > 0;
    if (!isUnderstood) return undefined;
    return values.run === undefined ? { seed, from: 0, to: runs } : { seed, from: run, to: run + 1 };
  } catch {
    return undefined;
  }
}

/** Takes runs from the same heap in turns, so that none waits for another. */
async function fuzz({ seed, from, to }: Wanted, workers: readonly WatchedWorker[]): Promise<readonly Found[]> {
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

async function main(): Promise<number> {
  const wanted = readArguments();
  if (wanted === undefined || wanted === 'help') {
    (wanted === 'help' ? process.stdout : process.stderr).write(USAGE);
    return wanted === 'help' ? 0 : 2;
  }
  say(`seed ${wanted.seed}`);
  const count = Math.min(availableParallelism(), Math.ceil((wanted.to - wanted.from) / BATCH));
  const workers = Array.from({ length: count }, () => new WatchedWorker());
  try {
    const found = await fuzz(wanted, workers);
    const first = new Map(found.toReversed().map((fault) => [fault.name, fault]));
    for (const fault of first.values()) await report(fault, wanted.seed, workers[0] ?? new WatchedWorker());
    return found.length === 0 ? 0 : 1;
  } finally {
    for (const worker of workers) await worker.end();
  }
}

process.exitCode = await main();
