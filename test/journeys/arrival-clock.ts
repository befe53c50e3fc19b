const TICK_MS = 5;

/**
 * When what was just read can have arrived at the earliest. A process that is busy reads an answer long after it came, and
 * its clock by then would accuse whoever sent it.
 *
 * The event loop runs its timers and then takes in whatever the kernel holds. Of the last two ticks, the earlier one was
 * in an earlier turn than this: what the kernel held by then was read in that turn, not in this one.
 */
export class ArrivalClock {
  #last = performance.now();
  #beforeLast = this.#last;
  readonly #timer = setInterval(() => {
    this.#beforeLast = this.#last;
    this.#last = performance.now();
  }, TICK_MS).unref();

  /** For what was read in this very turn: ask before anything else is awaited. */
  earliest(): number {
    return this.#beforeLast;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
