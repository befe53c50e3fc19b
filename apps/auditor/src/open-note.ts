import {
  type CosignedCheckpoint,
  LedgerError,
  type NoteVerifier,
  openCheckpoint,
  openCosigned,
  readCheckpoint,
  type WitnessVerifier,
} from '#ledger';
import type { Finding } from './verdict.js';

/** Whose signatures count, and how many witnesses are enough. */
export interface Trusted {
  readonly key: NoteVerifier;
  readonly witnesses: readonly WitnessVerifier[];
  readonly quorum: number;
}

/** What is wrong with something that was looked at; caught where it is put into words. */
export class Damaged extends Error {
  readonly finding: Finding;

  constructor(damage: string, place: string, message: string) {
    super(message);
    this.finding = { kind: 'damaged', damage, index: undefined, until: undefined, place, message };
  }
}

/** Does one thing, and gives what the ledger refuses in it this name. */
export function naming<T>(damage: string, place: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof LedgerError) throw new Damaged(damage, place, error.message);
    throw error;
  }
}

/** A checkpoint that the log signed, with the witnesses that cosigned it; each part that fails has a name of its own. */
export function openNote(note: string, place: string, { key, witnesses }: Trusted): CosignedCheckpoint {
  const { origin } = naming('checkpoint-malformed', place, () => readCheckpoint(note));
  naming('checkpoint-not-signed', place, () => openCheckpoint(note, [key]));
  if (origin !== key.name) {
    throw new Damaged('checkpoint-of-another-log', place, `its origin is not ${key.name}`);
  }
  return naming('cosignature-altered', place, () => openCosigned(note, [key], witnesses));
}

/** Who cosigned, in words; and what is missing of it, where it is too little. */
export function vouchersOf(
  { cosignatures, size }: CosignedCheckpoint,
  { witnesses, quorum }: Trusted,
): { readonly said: string; readonly open: readonly string[] } {
  const said = cosignatures
    .map(({ witness, time }) => `${witness.name} at ${new Date(time * 1000).toISOString()}`)
    .join(', ');
  const isEnough = witnesses.length === 0 || cosignatures.length >= quorum;
  const missing = `${cosignatures.length} of ${quorum} witnesses have cosigned the tree of ${size} entries`;
  return { said: said === '' ? 'nobody' : said, open: isEnough ? [] : [missing] };
}
