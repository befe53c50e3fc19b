import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contenders/contender.js';
import { percentile } from '../figures.js';

export interface Order {
  /** Each submits, awaits, and submits again. */
  readonly producers: number;
  /** How long to measure, after a warm-up; or how many entries to record, measured from the first to the last. */
  readonly until: { readonly seconds: number } | { readonly entries: number };
}

/** What one window of load measured. */
export interface Measured {
  readonly perSecond: number;
  /** Of each that was under way in the measured part, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** All that was acknowledged, before and after the measured part too. */
  readonly acknowledged: number;
  /** The first four bytes of all that was acknowledged, XORed: by it, and by the count, all can be found again. */
  readonly marks: number;
  /** CPU seconds of this process, from the first submission to the last acknowledgement. */
  readonly cpu: number;
}

const WARM_UP = 0.25;

/** Keeps exactly so many entries under way. Whatever is acknowledged counts; whatever fails ends it all. */
export async function drive(contender: Contender, { producers, until }: Order): Promise<Measured> {
  const latencies: number[] = [];
  let [submitted, acknowledged, inTime, marks] = [0, 0, 0, 0];
  const everybodyServed = Promise.withResolvers<void>();
  const span = { from: 0, to: Infinity };
  const most = 'entries' in until ? until.entries : Infinity;
  const cpu = process.cpuUsage();

  const produce = async (): Promise<void> => {
    while (submitted < most && span.to === Infinity) {
      submitted += 1;
      const began = performance.now();
      const recorded = await contender.record();
      const ended = performance.now();
      acknowledged += 1;
      // Who waits long would look quick to whoever stops the clock before the first has waited.
      if (acknowledged === producers) everybodyServed.resolve();
      marks ^= markOf(recorded);
      if (span.from === 0) continue;
      if (ended <= span.to) inTime += 1;
      // Of what is still under way at the end too: who waits longest must not fall out of the figures.
      latencies.push(ended - began);
    }
  };
  if ('entries' in until) span.from = performance.now();
  else {
    void Promise.all([sleep(until.seconds * 1000 * WARM_UP), everybodyServed.promise]).then(async () => {
      span.from = performance.now();
      await sleep(until.seconds * 1000);
      span.to = performance.now();
    });
  }
  await Promise.all(Array.from({ length: producers }, produce));
  if ('entries' in until) span.to = performance.now();
  const spent = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  return {
    perSecond: (inTime * 1000) / (span.to - span.from),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    acknowledged,
    marks,
    cpu: (spent.user + spent.system) / 1e6,
  };
}

/** The first four bytes as a number; every leaf and every body begins with random ones. */
export function markOf(bytes: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  return (a << 24) | (b << 16) | (c << 8) | d;
}
