import { Checkpoint, openCheckpoint, readCheckpoint } from './checkpoint.js';
import { cosign, type WitnessSigner } from './cosignature.js';
import { LedgerError } from './error.js';
import { EMPTY_ROOT, HASH_SIZE } from './merkle.js';
import { base64, encodeSignature, knownTo, type NoteVerifier, parseNote } from './note.js';
import { verifyConsistency } from './proof.js';

/** What a log sends to a witness (C2SP tlog-witness, `add-checkpoint`): a checkpoint, and how it follows from another. */
export interface AddCheckpoint {
  /** The size of the checkpoint that the witness cosigned last; 0 of one that has cosigned none. */
  readonly oldSize: number;
  /** That the tree of that size is the beginning of this one; empty from 0 on. */
  readonly proof: readonly Uint8Array[];
  /** The checkpoint, signed by the log. */
  readonly note: string;
}

const MOST_HASHES = 63;
const LONGEST_HEAD = 'old 9007199254740991\n'.length + MOST_HASHES * 45;

/** The body of the request. */
export function encodeAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  return `old ${oldSize}\n${proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('')}\n${note}`;
}

/** Reads the body of a request and refuses any that {@link encodeAddCheckpoint} would not have written. */
export function parseAddCheckpoint(body: string): AddCheckpoint {
  const end = body.slice(0, LONGEST_HEAD + 2).indexOf('\n\n');
  if (end < 0) throw new LedgerError('LEDGER_MALFORMED', `no empty line after at most ${MOST_HASHES} hashes`);
  const [old = '', ...lines] = body.slice(0, end).split('\n');
  const oldSize = old.startsWith('old ') ? parseSize(old.slice(4)) : undefined;
  if (oldSize === undefined) throw new LedgerError('LEDGER_MALFORMED', 'the first line says the old size');
  const note = body.slice(end + 2);
  readCheckpoint(note);
  return { oldSize, proof: lines.map(hashIn), note };
}

/** Hashes as the lines of a proof have them, each in base64 with its newline; none of an empty text. */
export function parseHashes(text: string): readonly Uint8Array[] {
  const lines = text.split('\n', MOST_HASHES + 2);
  if (lines.pop() !== '' || lines.length > MOST_HASHES) {
    throw new LedgerError('LEDGER_MALFORMED', `a proof has at most ${MOST_HASHES} lines, each with its newline`);
  }
  return lines.map(hashIn);
}

/** What a witness answers that knows another size than the one that was said (`text/x.tlog.size`). */
export function encodeTreeSize(size: number): string {
  return `${size}\n`;
}

export function parseTreeSize(text: string): number {
  const size = text.endsWith('\n') ? parseSize(text.slice(0, -1)) : undefined;
  if (size === undefined) throw new LedgerError('LEDGER_MALFORMED', 'the size of a tree is a number and a newline');
  return size;
}

/** The largest tree that a witness has cosigned of one log. */
export type WitnessedTree = Pick<Checkpoint, 'size' | 'root'> & { readonly note: string };

/** Where a witness keeps what it has seen. */
export interface WitnessMemory {
  latest(origin: string): Promise<WitnessedTree | undefined>;
  /**
   * Stores `next` if the latest of this log still has the size `from` (0: there is none), and says whether it did. The
   * two are one step, and it is durable when this resolves. Of two calls from one size only one resolves to true.
   */
  replace(origin: string, from: number, next: WitnessedTree): Promise<boolean>;
}

/** What a witness says to a request, one for each answer that the protocol knows. */
export type WitnessAnswer =
  /** Signature lines. */
  | { readonly kind: 'cosigned'; readonly lines: string }
  | { readonly kind: 'malformed'; readonly message: string }
  | { readonly kind: 'unknown log' }
  | { readonly kind: 'not signed by the log' }
  /** Another size was cosigned last, this one. */
  | { readonly kind: 'stale'; readonly size: number }
  | { readonly kind: 'inconsistent'; readonly message: string };

export interface WitnessOptions {
  readonly signer: WitnessSigner;
  /** By origin: whose signature each log's checkpoints must have. */
  readonly logs: ReadonlyMap<string, readonly NoteVerifier[]>;
  readonly memory: WitnessMemory;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * A witness: it cosigns a log's checkpoint only where the last one that it cosigned is provably its beginning. Of a log it
 * sees the name, the size and the root, and nothing else.
 *
 * @example
 * const witness = new Witness({ signer, logs: new Map([[origin, [logKey]]]), memory, now: Date.now });
 * const answer = await witness.addCheckpoint(body);
 */
export class Witness {
  readonly #options: WitnessOptions;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** Answers one request, whatever it says. */
  async addCheckpoint(body: string): Promise<WitnessAnswer> {
    const { signer, memory, now } = this.#options;
    const judged = this.#judge(body);
    if (judged.kind !== 'signed') return judged;
    const { oldSize, proof, note, checkpoint } = judged;
    const { origin, size, root } = checkpoint;
    const latest = await memory.latest(origin);
    if (oldSize !== (latest?.size ?? 0)) return { kind: 'stale', size: latest?.size ?? 0 };
    const wrong = contradiction(latest, checkpoint, proof);
    if (wrong !== undefined) return { kind: 'inconsistent', message: wrong };
    const lines = cosign(note, signer, Math.floor(now() / 1000));
    // INVARIANT: stored before it is said. Crash here: a tree remembered that nobody has our word for, which only makes
    // the log prove more the next time. The other way round, we would have vouched for a tree that we then forget.
    const stored = await memory.replace(origin, oldSize, { size, root, note: `${note}${lines}` });
    if (stored) return { kind: 'cosigned', lines };
    // Another request came in between. It was checked against the same tree; this one would roll it back.
    return { kind: 'stale', size: (await memory.latest(origin))?.size ?? 0 };
  }

  /** The last checkpoint of a log with this witness's line under it, for those who compare. */
  async checkpoint(origin: string): Promise<string | undefined> {
    return (await this.#options.memory.latest(origin))?.note;
  }

  #judge(
    body: string,
  ): Exclude<WitnessAnswer, { kind: 'cosigned' }> | (AddCheckpoint & { kind: 'signed'; checkpoint: Checkpoint }) {
    let request: AddCheckpoint;
    let claimed: Checkpoint;
    try {
      request = parseAddCheckpoint(body);
      claimed = readCheckpoint(request.note);
    } catch (error) {
      return { kind: 'malformed', message: reasonOf(error) };
    }
    const log = this.#options.logs.get(claimed.origin);
    if (log === undefined) return { kind: 'unknown log' };
    let checkpoint: Checkpoint;
    try {
      checkpoint = openCheckpoint(request.note, log);
    } catch (error) {
      reasonOf(error);
      return { kind: 'not signed by the log' };
    }
    if (request.oldSize > checkpoint.size) return { kind: 'malformed', message: 'the old size is beyond the new one' };
    return { kind: 'signed', ...request, note: signedBy(request.note, log), checkpoint };
  }
}

/** Why these two cannot both be of one log that only grows; nothing where they can. */
function contradiction(
  latest: WitnessedTree | undefined,
  { size, root }: Checkpoint,
  proof: readonly Uint8Array[],
): string | undefined {
  if (size === 0 && !same(root, EMPTY_ROOT)) return 'an empty tree has another root';
  if (latest === undefined || latest.size === 0)
    return proof.length === 0 ? undefined : 'a proof from nothing is empty';
  return verifyConsistency(latest.size, size, proof, latest.root, root)
    ? undefined
    : `it does not follow from the tree of size ${latest.size}`;
}

/** The note without the lines of strangers, for which nobody has vouched. */
function signedBy(note: string, log: readonly NoteVerifier[]): string {
  const { text, signatures } = parseNote(note);
  const lines = signatures.filter((line) => knownTo(log, line) !== undefined);
  return `${text}\n${lines.map(encodeSignature).join('')}`;
}

function hashIn(line: string): Uint8Array {
  const hash = base64(line);
  if (hash?.length !== HASH_SIZE) throw new LedgerError('LEDGER_MALFORMED', 'a line of the proof is not a hash');
  return hash;
}

function parseSize(text: string): number | undefined {
  const size = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : undefined;
  return Number.isSafeInteger(size) ? size : undefined;
}

function reasonOf(error: unknown): string {
  if (error instanceof LedgerError) return error.message;
  throw error;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
