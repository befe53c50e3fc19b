import { Worker } from 'node:worker_threads';
import type { Done, Found, Task } from './worker.js';

/** A run that takes this long does not end: by the clock, and by what this process was given to compute meanwhile. */
const MOST_SECONDS = 60;
/** What a gateway could spare. */
const MOST_MEGABYTES = 512;

/** A worker that is given up when it hangs or takes too much memory; another then stands in for it. */
export class WatchedWorker {
  private worker: Worker | undefined;
  private progress = new Int32Array(new SharedArrayBuffer(8));

  /** What came of a task; of one that was given up, at which run and why. */
  async give(task: Task): Promise<Done> {
    const worker = (this.worker ??= this.start());
    return new Promise((resolve) => {
      // Until it has begun, a worker is at the first run of its task, and not where it was before.
      if (task.kind === 'runs') Atomics.store(this.progress, 0, task.from);
      let [seen, since, spent] = [-1, Date.now(), process.cpuUsage()];
      const watch = setInterval(() => {
        const now = Atomics.load(this.progress, 1);
        const { user, system } = process.cpuUsage(spent);
        if (now !== seen) [seen, since, spent] = [now, Date.now(), process.cpuUsage()];
        else if (Date.now() - since > MOST_SECONDS * 1_000 && user + system > MOST_SECONDS * 1_000_000)
          giveUp('hang', `no end after ${MOST_SECONDS} s`);
      }, 1_000);
      const end = (done: Done): void => {
        clearInterval(watch);
        worker.off('message', end).off('error', onError).off('exit', onExit);
        resolve(done);
      };
      const giveUp = (name: string, message: string): void => {
        const run = task.kind === 'input' ? task.run : Atomics.load(this.progress, 0);
        const found: Found = { run, name, message, stack: '' };
        this.worker = undefined;
        void worker.terminate();
        end({ found: [found], parts: new Map() });
      };
      const onError = (error: Error): void => giveUp(error.name, error.message);
      const onExit = (code: number): void => giveUp('exit', `the worker ended with ${code}`);
      worker.on('message', end).on('error', onError).on('exit', onExit);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
      worker.postMessage(task);
    });
  }

  async end(): Promise<void> {
    await this.worker?.terminate();
  }

  private start(): Worker {
    const shared = new SharedArrayBuffer(8);
    this.progress = new Int32Array(shared);
    return new Worker(new URL('./worker.js', import.meta.url), {
      workerData: shared,
      resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
    });
  }
}
