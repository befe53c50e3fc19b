import { createPublicKey } from 'node:crypto';
import type { Pool } from 'pg';
import type { Change } from '#disclosure';
import {
  type Checkpoint,
  EMPTY_ROOT,
  filler,
  LedgerError,
  type NoteSigner,
  noteVerifier,
  type NoteVerifier,
  openCheckpoint,
  openCosigned,
  type Sequencer,
  signCheckpoint,
  verifyConsistency,
} from '#ledger';
import { type PostgresLog, proveConsistency, readLeaves, rootAt } from '#postgres';
import { faultOf, type Log } from '#web';
import { askWitness, type WitnessAddress } from './ask-witness.js';
import type { Checkpoints, PublishedCheckpoint } from './checkpoints.js';
import { fillersMissing, publishable, uniform, untilFiller } from './pad-growth.js';
import { publishedIn, publishTiles } from './publish-tiles.js';

/** When and where checkpoints are published, and who must have seen them. */
export interface Publication {
  /** Milliseconds between two of them, counted from 1970: the same moments at every replica. */
  readonly every: number;
  /** Where the hash tiles are written, for a web server to serve; each replica has a folder of its own. */
  readonly folder?: string;
  readonly witnesses?: Witnessing;
}

export interface Witnessing {
  readonly asked: readonly WitnessAddress[];
  /** How many of them must have cosigned. */
  readonly quorum: number;
  /** For how long fewer may have done so before it is alarming; milliseconds. */
  readonly longest: number;
  /** What becomes of disclosures after that. Nothing that narrows is ever refused for want of a witness. */
  readonly afterwards: 'go on' | 'refuse';
}

/** Time, as this schedule needs it. */
export interface ScheduleClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `ring` after so many milliseconds, unless what is returned is called first. */
  after(milliseconds: number, ring: () => void): () => void;
}

export interface Publishing {
  readonly log: PostgresLog<Change>;
  readonly sequencer: Sequencer<Change>;
  readonly pool: Pool;
  readonly signer: NoteSigner;
  /** SHA-256 over the policies in force: a filler's header has it as any other's. */
  readonly policy: () => Uint8Array;
  /** Takes an entry that changes nothing into the map. */
  readonly fold: (seq: number) => void;
  readonly random: (bytes: number) => Uint8Array;
  readonly clock: ScheduleClock;
  /** The instant that an entry is of, which the database holds against its own clock. */
  readonly at: () => number;
  readonly tell: Log;
}

/** How long witnesses have to answer, at most; and never more than half of the time between two checkpoints. */
const LONGEST_ASKING = 10_000;
/** How far back a replica that starts looks for the last checkpoint that enough witnesses had cosigned. */
const REMEMBERED = 100;

/**
 * Publishes checkpoints at fixed moments, and at no other, each of a size that tells nothing: fillers take the log to the
 * next multiple of 256, put in at random moments. What happened between two checkpoints, when, and whether anything did,
 * cannot be read off their sizes, nor off the place of an entry among the others.
 *
 * Every replica does all of it. They publish at the same moments, of the same log, under the same key, and so the same
 * notes; where one is ahead of another both are right.
 */
export class ScheduledCheckpoints implements Checkpoints {
  readonly #publication: Publication;
  readonly #to: Publishing;
  readonly #key: NoteVerifier;
  #newest: PublishedCheckpoint;
  /** When enough witnesses had last cosigned, by their clocks; at the start, now. */
  #witnessedAt: number;
  /** By address, the size that a witness cosigned last. */
  readonly #known = new Map<WitnessAddress, number>();
  #cancel: () => void = () => {};
  #closed = false;
  #working: Promise<void> = Promise.resolve();

  private constructor(publication: Publication, to: Publishing, newest: PublishedCheckpoint, witnessedAt: number) {
    this.#publication = publication;
    this.#to = to;
    this.#key = verifierOf(to.signer);
    this.#newest = newest;
    this.#witnessedAt = witnessedAt;
  }

  /**
   * Begins where the last one ended, whichever replica that was. Throws `LEDGER_ROLLED_BACK` or `LEDGER_FORKED` where the
   * database does not hold what its folder shows that it once did: what is missing may be her withdrawal.
   */
  static async open(publication: Publication, to: Publishing): Promise<ScheduledCheckpoints> {
    const key = verifierOf(to.signer);
    if (publication.folder !== undefined) await checkHolds(to, await publishedIn(publication.folder, key));
    const notes = await to.log.scheduledCheckpoints(REMEMBERED);
    const [last] = notes;
    const empty = signCheckpoint({ origin: to.signer.name, size: 0, root: EMPTY_ROOT }, to.signer);
    const note = last ?? empty;
    const newest = { size: openCheckpoint(note, [key]).size, note };
    // THREAT: a gateway that is restarted again and again must not be given the whole time again and again.
    const witnessed = notes.map((one) => witnessedIn(one, key, publication.witnesses)).find((at) => at !== undefined);
    const checkpoints = new ScheduledCheckpoints(publication, to, newest, witnessed ?? to.clock.now());
    checkpoints.#await(to.clock.now());
    return checkpoints;
  }

  newest(): Promise<PublishedCheckpoint> {
    return Promise.resolve(this.#newest);
  }

  refuseIfUnwitnessed(): void {
    const { witnesses } = this.#publication;
    if (witnesses?.afterwards !== 'refuse' || this.#unwitnessedFor() <= witnesses.longest) return;
    throw new LedgerError('LEDGER_UNWITNESSED', 'the ledger has too few witnesses just now; ask again later');
  }

  /** Publishes nothing more, once what is under way is done. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#working;
  }

  #unwitnessedFor(): number {
    return this.#to.clock.now() - this.#witnessedAt;
  }

  /** Waits for the next moment at which there is something to do: a filler, or the checkpoint. */
  #await(now: number): void {
    if (this.#closed) return;
    const { every } = this.#publication;
    const due = (Math.floor(now / every) + 1) * every;
    const missing = fillersMissing(this.#to.sequencer.position, this.#newest.size);
    // Others append too: look again before long, whatever was drawn.
    const wait = Math.min(untilFiller(missing, due - now, uniform(this.#to.random)), every / 16);
    this.#cancel = this.#to.clock.after(Math.ceil(Math.min(wait, due - now)), () => {
      this.#working = this.#act(due, missing > 0 && wait < every / 16).finally(() => this.#await(this.#to.clock.now()));
    });
  }

  async #act(due: number, isFillerDue: boolean): Promise<void> {
    const isDue = this.#to.clock.now() >= due;
    try {
      if (isDue) await this.#publish();
      else if (isFillerDue) await this.#fill(1);
    } catch (error) {
      // Nothing waits for this: what was to be published is published next time, and whoever watches the log knows.
      this.#to.tell({ event: 'not published', fault: faultOf(error) });
    }
    if (isDue) this.#alarmIfUnwitnessed();
  }

  async #fill(count: number): Promise<void> {
    const { sequencer, random, at, policy, fold } = this.#to;
    const one = (): Promise<unknown> =>
      sequencer.submit({
        entry: filler({ id: random(16), at: at(), policy: policy() }),
        basis: sequencer.position,
        reads: new Set(),
        writes: new Set(),
        changes: [],
        apply: fold,
      });
    await Promise.all(Array.from({ length: count }, one));
  }

  async #publish(): Promise<void> {
    const { log, sequencer, pool, signer } = this.#to;
    const size = publishable(await this.#padded(await sequencer.catchUp()));
    if (size <= this.#newest.size) return;
    const checkpoint = { origin: signer.name, size, root: await rootAt(pool, size) };
    await this.#checkFollows(checkpoint);
    // Committed, and shown to follow from the last one: no later checkpoint can contradict this one. Crash here: signed
    // and seen by nobody.
    const note = await this.#cosigned(signCheckpoint(checkpoint, signer));
    // Crash here: witnesses know a checkpoint that is not published. The next one follows from it.
    await this.#writeTiles(note);
    await log.keepCheckpoint(size, note);
    const [kept = note] = await log.scheduledCheckpoints(1);
    this.#newest = { size: openCheckpoint(kept, [this.#key]).size, note: kept };
    this.#meetWitnesses(kept);
  }

  /** The size of the log, once fillers have taken all that is in it now to a size that may be published. */
  async #padded(size: number): Promise<number> {
    const { sequencer } = this.#to;
    const wanted = size + fillersMissing(size, this.#newest.size);
    // A filler that met too many others is lost: what comes in meanwhile has taken its place, or another does.
    for (let attempt = 0; attempt < 3 && sequencer.position < wanted; attempt += 1) {
      await this.#fill(wanted - sequencer.position);
    }
    return sequencer.position;
  }

  async #checkFollows({ size, root }: { readonly size: number; readonly root: Uint8Array }): Promise<void> {
    const { pool } = this.#to;
    const last = openCheckpoint(this.#newest.note, [this.#key]);
    if (last.size === 0) return;
    const proof = await proveConsistency(pool, last.size, size);
    if (verifyConsistency(last.size, size, proof, last.root, root)) return;
    throw new LedgerError('LEDGER_FORKED', `the log of size ${size} does not begin with the published ${last.size}`);
  }

  async #writeTiles(note: string): Promise<void> {
    const { folder } = this.#publication;
    const { pool, tell } = this.#to;
    if (folder === undefined) return;
    try {
      await publishTiles(folder, note, this.#key, (from, to) => readLeaves(pool, from, to));
    } catch (error) {
      // A full disk here holds up neither the gateway nor the checkpoint: tiles are a copy.
      tell({ event: 'not published', fault: faultOf(error) });
    }
  }

  /** The note with the lines of all witnesses that answered in time. */
  async #cosigned(note: string): Promise<string> {
    const { witnesses, every } = this.#publication;
    if (witnesses === undefined) return note;
    const { pool, tell } = this.#to;
    const late = new AbortController();
    const inTime = this.#to.clock.after(Math.min(LONGEST_ASKING, every / 2), () => late.abort());
    const prove = (from: number, to: number): Promise<Uint8Array[]> => proveConsistency(pool, from, to);
    const { size } = openCheckpoint(note, [this.#key]);
    const answers = await Promise.all(
      witnesses.asked.map(async (witness, at) => {
        const asked = await askWitness(witness, note, this.#known.get(witness) ?? 0, prove, late.signal);
        if (asked.kind === 'cosigned') this.#known.set(witness, size);
        else tell({ event: 'not cosigned', witness: at + 1, reason: asked.reason, ...sizeIn(asked) });
        return asked;
      }),
    );
    inTime();
    const lines = answers.map((asked) => (asked.kind === 'cosigned' ? asked.note.slice(note.length) : ''));
    return `${note}${lines.join('')}`;
  }

  /** Takes note of who has cosigned. */
  #meetWitnesses(note: string): void {
    const { witnesses } = this.#publication;
    const { tell, clock } = this.#to;
    const opened = openCosigned(note, [this.#key], witnesses?.asked.map((one) => one.key) ?? []);
    tell({ event: 'published', size: opened.size, cosignatures: opened.cosignatures.length });
    const at = witnessedIn(note, this.#key, witnesses);
    // A witness whose clock is ahead does not vouch for the future.
    if (at !== undefined) this.#witnessedAt = Math.max(this.#witnessedAt, Math.min(at, clock.now()));
  }

  #alarmIfUnwitnessed(): void {
    const { witnesses } = this.#publication;
    if (witnesses === undefined || this.#unwitnessedFor() <= witnesses.longest) return;
    const disclosures = witnesses.afterwards === 'refuse' ? 'are refused' : 'go on';
    this.#to.tell({ event: 'unwitnessed', seconds: Math.round(this.#unwitnessedFor() / 1000), disclosures });
  }
}

async function checkHolds({ log, pool }: Publishing, published: Checkpoint | undefined): Promise<void> {
  if (published === undefined) return;
  const { size } = await log.head();
  if (size < published.size) {
    throw new LedgerError('LEDGER_ROLLED_BACK', `${published.size} entries were published, the database holds ${size}`);
  }
  if (Buffer.compare(await rootAt(pool, published.size), published.root) === 0) return;
  throw new LedgerError('LEDGER_FORKED', `the first ${published.size} entries are not those that were published`);
}

/** When the last of as many witnesses as are needed had cosigned; nothing where fewer have. */
function witnessedIn(note: string, log: NoteVerifier, needed?: Witnessing): number | undefined {
  if (needed === undefined) return undefined;
  const { cosignatures } = openCosigned(
    note,
    [log],
    needed.asked.map(({ key }) => key),
  );
  const times = cosignatures.map(({ time }) => time * 1000).toSorted((a, b) => b - a);
  return times[needed.quorum - 1];
}

function verifierOf({ name, privateKey }: NoteSigner): NoteVerifier {
  return noteVerifier(name, createPublicKey(privateKey));
}

function sizeIn({ size }: { readonly size?: number }): { readonly size?: number } {
  return size === undefined ? {} : { size };
}
