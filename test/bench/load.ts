import { Connection, type Peer, type Reply } from './connection.js';

/** What one window of load measured. */
export interface Measured {
  /** Answers in the window. */
  readonly answers: number;
  /** Requests that were refused for want of time, in the window; they are no answers. */
  readonly tooLate: number;
  readonly seconds: number;
  /** Of each answer, in milliseconds, sorted. */
  readonly latencies: Float64Array;
  /** Some of the answers, to be read when the clock no longer runs. */
  readonly samples: readonly Reply[];
}

export interface Window {
  readonly peer: Peer;
  readonly connections: number;
  readonly seconds: number;
  readonly next: () => Uint8Array;
  /**
   * Looks at every reply, so it must be cheap: whether it is an answer, or was refused for want of time. Throws where it
   * is neither.
   */
  readonly isAnswer: (reply: Reply) => boolean;
  /** Called when the measured part begins, and when it ends. */
  readonly onEdge: () => void;
}

const WARM_UP_SECONDS = 0.7;
const SAMPLE_EVERY = 50;

/** Keeps exactly so many requests under way, first to warm up, then for the measured part. */
export async function drive(window: Window): Promise<Measured> {
  const { peer, connections, next, isAnswer, onEdge } = window;
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(peer)));
  const latencies: number[] = [];
  const samples: Reply[] = [];
  let tooLate = 0;
  let phase: 'warming up' | 'measuring' | 'over' = 'warming up';
  let under = 0;
  try {
    return await new Promise<Measured>((resolve, reject) => {
      let began = 0;
      let ended = 0;
      const finish = (): void =>
        resolve({
          answers: latencies.length,
          tooLate,
          seconds: (ended - began) / 1000,
          latencies: Float64Array.from(latencies).toSorted(),
          samples,
        });
      const ask = (connection: Connection): void => {
        const sent = performance.now();
        under += 1;
        connection.send(
          next(),
          (reply) => {
            under -= 1;
            let answered: boolean;
            try {
              answered = isAnswer(reply);
            } catch (error) {
              reject(error);
              return;
            }
            if (phase === 'measuring') {
              if (answered) latencies.push(performance.now() - sent);
              else tooLate += 1;
              if (answered && latencies.length % SAMPLE_EVERY === 1) samples.push(reply);
            }
            if (phase !== 'over') ask(connection);
            else if (under === 0) finish();
          },
          reject,
        );
      };
      const atEdge = (entered: typeof phase): void => {
        phase = entered;
        try {
          onEdge();
        } catch (error) {
          reject(error);
        }
      };
      setTimeout(() => {
        atEdge('measuring');
        began = performance.now();
        setTimeout(() => {
          ended = performance.now();
          atEdge('over');
        }, window.seconds * 1000);
      }, WARM_UP_SECONDS * 1000);
      for (const connection of open) ask(connection);
    });
  } finally {
    for (const connection of open) connection.close();
  }
}
