import type { Change } from '#disclosure';
import { type NoteSigner, readCheckpoint, signCheckpoint } from '#ledger';
import type { PostgresLog } from '#postgres';

/** A signed statement of the log's size and root; proofs lead to these and to nothing in between. */
export interface PublishedCheckpoint {
  readonly size: number;
  readonly note: string;
}

/** The checkpoints that everybody may see. */
export interface Checkpoints {
  /** The newest of them. */
  newest(): Promise<PublishedCheckpoint>;
  /** Throws `LEDGER_UNWITNESSED` where, by configuration, nothing may be disclosed because no witness has cosigned lately. */
  refuseIfUnwitnessed(): void;
  close(): void | Promise<void>;
}

/** At most one in this time. */
const EVERY_MS = 1_000;

/**
 * Signs and keeps the log's checkpoints: one a second while it grows, none while it rests. For tests and trials: whoever
 * sees them sees when something happened, and how much. `ScheduledCheckpoints` show neither.
 */
export class CheckpointsEachSecond implements Checkpoints {
  readonly #log: PostgresLog<Change>;
  readonly #signer: NoteSigner;
  #newest: PublishedCheckpoint | undefined;
  #lookedAt = -Infinity;
  #looking: Promise<PublishedCheckpoint> | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(log: PostgresLog<Change>, signer: NoteSigner) {
    this.#log = log;
    this.#signer = signer;
    this.#timer = setInterval(() => void this.newest().catch(() => undefined), EVERY_MS).unref();
  }

  /** A new one where the log has grown and the last is a second old. */
  newest(): Promise<PublishedCheckpoint> {
    if (this.#looking !== undefined) return this.#looking;
    if (this.#newest !== undefined && performance.now() - this.#lookedAt < EVERY_MS)
      return Promise.resolve(this.#newest);
    this.#looking = this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  refuseIfUnwitnessed(): void {}

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<PublishedCheckpoint> {
    const head = await this.#log.head(true);
    if (this.#newest === undefined || this.#newest.size < head.size) {
      // What lies below a settled head outlasts a failover: no later checkpoint can contradict this one.
      const note = signCheckpoint({ origin: this.#signer.name, size: head.size, root: head.root }, this.#signer);
      await this.#log.keepCheckpoint(head.size, note);
      // Another replica may have been first; the one that is kept is the one to show.
      const kept = (await this.#log.newestCheckpoint()) ?? { size: head.size, note };
      this.#newest = { size: readCheckpoint(kept.note).size, note: kept.note };
    }
    this.#lookedAt = performance.now();
    return this.#newest;
  }
}
