import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { Tasks } from './tasks.js';

export interface Asked {
  readonly task: keyof Tasks;
  readonly order: unknown;
}

export type Told = { readonly result: unknown } | { readonly error: string };

const MAY_TAKE_TO_END_MS = 5_000;

/** A process of its own for load, sequencer and verification, so that nobody's garbage is collected on another's time. */
export class Child {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcess) {
    this.#process = child;
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()));
  }

  /** Resolves once it is ready to be asked. */
  static async start(): Promise<Child> {
    const started = fork(path.join(import.meta.dirname, 'worker.js'), { serialization: 'advanced' });
    const child = new Child(started);
    await child.#answer();
    return child;
  }

  async ask<Task extends keyof Tasks>(
    task: Task,
    ...[order]: Parameters<Tasks[Task]>
  ): Promise<Awaited<ReturnType<Tasks[Task]>>> {
    this.#process.send({ task, order } satisfies Asked);
    return (await this.#answer()) as Awaited<ReturnType<Tasks[Task]>>;
  }

  async stop(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    const force = setTimeout(() => this.#process.kill('SIGKILL'), MAY_TAKE_TO_END_MS);
    await this.#ended;
    clearTimeout(force);
  }

  #answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onEnd = (): void => reject(new Error('a process of the benchmark ended before it answered'));
      this.#process.once('exit', onEnd);
      this.#process.once('message', (told: Told) => {
        this.#process.off('exit', onEnd);
        if ('error' in told) reject(new Error(told.error));
        else resolve(told.result);
      });
    });
  }
}
