import { parentPort, workerData } from 'node:worker_threads';
import { makeGenuine } from './genuine.js';
import { tryRun } from './try-run.js';

export interface Done {
  /** The run to go on with. */
  readonly to: number;
  /** How often each door refused, and believed. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly faults: readonly { readonly run: number; readonly name: string; readonly message: string }[];
}

const { seed, from, to, at } = workerData as { seed: number; from: number; to: number; at: Int32Array };
const genuine = await makeGenuine();
const outcomes: Record<string, number> = {};
const faults: { run: number; name: string; message: string }[] = [];
for (let run = from; run < to; run += 1) {
  // Whoever watches sees where it stood, if it never comes back.
  at[0] = run;
  try {
    const { door, outcome } = await tryRun(genuine, seed, run);
    const name = `${door}, ${outcome}`;
    outcomes[name] = (outcomes[name] ?? 0) + 1;
  } catch (error) {
    const known = error instanceof Error ? error : new Error(String(error));
    faults.push({ run, name: known.name, message: known.stack ?? known.message });
  }
}
// eslint-disable-next-line unicorn/require-post-message-target-origin -- a port has none
parentPort?.postMessage({ to, outcomes, faults } satisfies Done);
