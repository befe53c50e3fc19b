import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhen,
  wrap,
} from 'cockatiel';
import { ConnectorError } from './error.js';
import type { Limits } from './mapping.js';

/** What surrounds every question to one source, whatever its protocol. */
export interface Guard {
  /**
   * Asks, at most so many at once, unless the source has lately failed again and again. Settles by the deadline or when
   * the caller stops waiting, even where `ask` never does; `stop` then tells `ask` to let go of what it holds.
   */
  run<Answer>(deadline: number, caller: AbortSignal, ask: (stop: AbortSignal) => Promise<Answer>): Promise<Answer>;
}

export function guardOf(source: string, limits: Limits): Guard {
  const policy = wrap(
    bulkhead(limits.atOnce, limits.waiting),
    circuitBreaker(
      // One poisoned record must not close the source for everybody else.
      handleWhen((error) => !(error instanceof ConnectorError) || error.wholeSource),
      { halfOpenAfter: limits.pause, breaker: new ConsecutiveBreaker(limits.faults) },
    ),
  );
  return {
    async run(deadline, caller, ask) {
      const stopped = new Stop(source, Math.min(deadline, limits.deadline), caller);
      try {
        return await stopped.orSooner(policy.execute(() => stopped.orSooner(ask(stopped.signal))));
      } catch (error) {
        throw inOurWords(source, error);
      } finally {
        stopped.forget();
      }
    },
  };
}

function inOurWords(source: string, error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  if (error instanceof BrokenCircuitError)
    return new ConnectorError(
      'SOURCE_CIRCUIT_OPEN',
      `${source} failed several times in a row and is left alone for a while`,
    );
  if (error instanceof BulkheadRejectedError)
    return new ConnectorError('SOURCE_BUSY', `too many questions wait for ${source}`);
  // What we did not foresee is no answer either; its text may quote the source.
  return new ConnectorError('SOURCE_GARBAGE', `what ${source} sent could not be read`);
}

/** The end of waiting: the deadline, or the caller's own signal, whichever comes first. */
class Stop {
  readonly #controller = new AbortController();
  readonly #fault: Promise<never>;
  readonly #timer: NodeJS.Timeout;
  readonly #letGo: () => void;

  constructor(source: string, deadline: number, caller: AbortSignal) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.#fault = promise;
    this.#fault.catch(() => undefined);
    const stop = (wholeSource: boolean, message: string) => {
      reject(new ConnectorError('SOURCE_TIMEOUT', message, { wholeSource }));
      this.#controller.abort();
    };
    // A caller that hangs up says nothing about the source; a caller whose own time ran out does.
    const onCaller = () => stop(isTimeout(caller.reason), `the asker stopped waiting for ${source}`);
    this.#timer = setTimeout(() => stop(true, `${source} did not answer within ${deadline} ms`), deadline);
    caller.addEventListener('abort', onCaller, { once: true });
    this.#letGo = () => caller.removeEventListener('abort', onCaller);
    if (caller.aborted) onCaller();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  orSooner<Answer>(answer: Promise<Answer>): Promise<Answer> {
    // What comes after the end is nobody's any more.
    answer.catch(() => undefined);
    return Promise.race([this.#fault, answer]);
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.#letGo();
  }
}

function isTimeout(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'name' in reason && reason.name === 'TimeoutError';
}
