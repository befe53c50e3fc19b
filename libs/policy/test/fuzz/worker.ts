import { parentPort, workerData } from 'node:worker_threads';
import { Draw } from './draw.js';
import { drawInput, type Input, type Kind } from './draw-input.js';
import { tryInput } from './try-input.js';

/** Runs by their numbers, or one input that was made smaller. */
export type Task =
  | { readonly kind: 'runs'; readonly seed: number; readonly from: number; readonly to: number }
  | { readonly kind: 'input'; readonly seed: number; readonly run: number; readonly input: Input };

export interface Found {
  readonly run: number;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

export interface Done {
  /** Faults, and for each kind of input how many parts were read whole and how many were refused. */
  readonly found: readonly Found[];
  readonly parts: ReadonlyMap<Kind, readonly [read: number, refused: number]>;
}

/** The run that is being tried, and how many were: whoever waits sees whether it goes on. */
const progress = new Int32Array(workerData as SharedArrayBuffer);

function attempt(input: Input, seed: number, run: number, parts: Map<Kind, [number, number]>): Found | undefined {
  try {
    const { read, refused } = tryInput(input, new Draw(~seed, run));
    const sum = parts.get(input.kind) ?? [0, 0];
    parts.set(input.kind, [sum[0] + read, sum[1] + refused]);
    return undefined;
  } catch (error) {
    const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    return { run, name, message: message.slice(0, 4_000), stack: stack.slice(0, 4_000) };
  }
}

parentPort?.on('message', (task: Task) => {
  const found: Found[] = [];
  const parts = new Map<Kind, [number, number]>();
  const take = (one: Found | undefined): void => void (one !== undefined && found.push(one));
  if (task.kind === 'input') take(attempt(task.input, task.seed, task.run, parts));
  else
    for (let run = task.from; run < task.to; run += 1) {
      Atomics.store(progress, 0, run);
      Atomics.add(progress, 1, 1);
      take(attempt(drawInput(task.seed, run), task.seed, run, parts));
    }
  const done: Done = { found, parts };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
  parentPort?.postMessage(done);
});
