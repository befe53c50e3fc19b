import { readFileSync, writeSync } from 'node:fs';
import type { Acknowledged, Kind, Release } from './check.js';

/**
 * What a process saw, in a file that survives its being killed: 128 bytes for each event, written before the process
 * goes on. What the kill cut off had not happened: nobody had been told of it.
 */
export type Event =
  | {
      readonly event: 'acknowledged';
      readonly kind: Kind;
      readonly repeated: boolean;
      readonly consent: number;
      readonly entry: Uint8Array;
      readonly leaf: Uint8Array;
      readonly seq: number | undefined;
      readonly invoked: number;
    }
  | {
      /** A disclosure that was acknowledged by what left with it. */
      readonly event: 'released';
      readonly operation: Uint8Array;
      readonly consent: number;
      readonly entry: Uint8Array;
      readonly leaf: Uint8Array;
      readonly grant: Uint8Array;
      readonly seq: number | undefined;
      readonly invoked: number;
    }
  | { readonly event: 'head'; readonly size: number; readonly root: Uint8Array };

const SIZE = 128;
const KINDS: readonly Kind[] = ['disclosure', 'refusal', 'grant', 'withdrawal'];
const [RELEASED, HEAD, WRITTEN] = [10, 11, 12];
const REPEATED = 1;
const NO_SEQ = -1;

export class Recorder {
  readonly #file: number;
  readonly #now: () => number;
  #written: number | undefined;

  constructor(file: number, now: () => number) {
    this.#file = file;
    this.#now = now;
  }

  /**
   * Writes events at once; they happened at `at`. When the write was over is known only afterwards, and goes in front of
   * what is written next.
   */
  write(events: readonly Event[], at: number): void {
    const stamp = this.#written === undefined ? 0 : 1;
    const bytes = Buffer.alloc(SIZE * (events.length + stamp));
    if (this.#written !== undefined) {
      bytes[0] = WRITTEN;
      bytes.writeDoubleLE(this.#written, 80);
    }
    events.forEach((event, i) => put(bytes.subarray(SIZE * (i + stamp)), event, at));
    for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    this.#written = this.#now();
  }
}

function put(to: Buffer, event: Event, at: number): void {
  to.writeDoubleLE(at, 80);
  if (event.event === 'head') {
    to[0] = HEAD;
    to.set(event.root, 40);
    to.writeDoubleLE(event.size, 72);
    return;
  }
  to[2] = event.consent;
  to.set(event.entry, 24);
  to.set(event.leaf, 40);
  to.writeDoubleLE(event.seq ?? NO_SEQ, 72);
  to.writeDoubleLE(event.invoked, 88);
  if (event.event === 'acknowledged') {
    to[0] = KINDS.indexOf(event.kind);
    to[1] = event.repeated ? REPEATED : 0;
  } else {
    to[0] = RELEASED;
    to.set(event.operation, 8);
    to.set(event.grant, 96);
  }
}

export interface Told {
  readonly acknowledged: Acknowledged[];
  readonly releases: Release[];
  readonly checkpoints: { size: number; root: string }[];
}

/** Reads what one process wrote, and adds it to what others did. */
export function readRecords(path: string, by: string, told: Told): void {
  const bytes = readFileSync(path);
  /** Releases of the last write, whose end is not known yet. */
  let open: { -readonly [Key in keyof Release]: Release[Key] }[] = [];
  for (let from = 0; from + SIZE <= bytes.length; from += SIZE) {
    const one = bytes.subarray(from, from + SIZE);
    const at = one.readDoubleLE(80);
    const what = one[0] ?? 0;
    if (what === WRITTEN) {
      for (const release of open) release.left = at;
      open = [];
    } else if (what === HEAD) {
      told.checkpoints.push({ size: one.readDoubleLE(72), root: one.toString('hex', 40, 72) });
    } else {
      const kind = what === RELEASED ? 'disclosure' : KINDS[what];
      if (kind === undefined) throw new Error(`${path} holds what no process of ours wrote`);
      const seq = one.readDoubleLE(72);
      const entry = one.toString('latin1', 24, 40);
      const consent = String(one[2]);
      told.acknowledged.push({
        kind,
        consent,
        entry,
        leaf: one.toString('hex', 40, 72),
        ...(seq !== NO_SEQ && { seq }),
        ...(one[1] === REPEATED && { repeated: true }),
        by,
        invoked: one.readDoubleLE(88),
        acknowledged: at,
      });
      if (what !== RELEASED) continue;
      const [operation, grant] = [one.toString('latin1', 8, 24), one.toString('latin1', 96, 112)];
      const release = { operation, consent, entry, grant, by, checked: at, left: at };
      told.releases.push(release);
      open.push(release);
    }
  }
}

export function nothingTold(): Told {
  return { acknowledged: [], releases: [], checkpoints: [] };
}
