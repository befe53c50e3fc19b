import { LedgerError } from './error.js';
import { HASH_SIZE } from './merkle.js';
import { base64, NoteSigner, NoteVerifier, openNote, parseNote, signNote } from './note.js';

/** What a log says of itself at one size, in the form of C2SP tlog-checkpoint. */
export interface Checkpoint {
  /** The log's name, such as `postern.example/ledger`. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Signs a checkpoint. INVARIANT of whoever calls: the head has been committed, so that no later checkpoint can
 * contradict this one.
 *
 * @example
 * const note = signCheckpoint({ origin, size: head.size, root: head.root }, signer);
 */
export function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): string {
  return signNote(encodeCheckpoint(checkpoint), [signer]);
}

/** The checkpoint in a note that one of these keys signed; `LEDGER_MALFORMED` says what is wrong with any other. */
export function openCheckpoint(note: string, verifiers: readonly NoteVerifier[]): Checkpoint {
  return parseText(openNote(note, verifiers));
}

/** What a note claims, with no signature verified: to be compared, never to be trusted. */
export function readCheckpoint(note: string): Checkpoint {
  return parseText(parseNote(note).text);
}

function encodeCheckpoint({ origin, size, root }: Checkpoint): string {
  if (origin === '' || origin.includes('\n') || !Number.isSafeInteger(size) || size < 0 || root.length !== HASH_SIZE) {
    throw new LedgerError('LEDGER_MALFORMED', 'not a checkpoint');
  }
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

function parseText(text: string): Checkpoint {
  // Lines after the third are extensions, which we neither write nor read.
  const [origin, size, hash, ...extensions] = text.slice(0, -1).split('\n');
  const root = hash === undefined ? undefined : base64(hash);
  if (origin === undefined || origin === '' || size === undefined || !/^(0|[1-9]\d{0,15})$/.test(size)) {
    throw new LedgerError('LEDGER_MALFORMED', 'a checkpoint begins with its origin and its size');
  }
  if (!Number.isSafeInteger(Number(size)) || root?.length !== HASH_SIZE || extensions.includes('')) {
    throw new LedgerError('LEDGER_MALFORMED', 'a checkpoint has a root of 32 bytes and no empty lines');
  }
  return { origin, size: Number(size), root };
}
