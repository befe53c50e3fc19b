import { createPublicKey, KeyObject, sign, verify } from 'node:crypto';
import { Checkpoint, openCheckpoint, readCheckpoint } from './checkpoint.js';
import { LedgerError } from './error.js';
import {
  checkedName,
  encodeKey,
  encodeSignature,
  keyIdOf,
  knownTo,
  type NoteSignature,
  NoteVerifier,
  parseKey,
  parseNote,
  parseSignatures,
  SIGNATURE_SIZE,
} from './note.js';

/**
 * Cosignatures as C2SP tlog-cosignature has them (`cosignature/v1`, Ed25519): a witness's word that at this second this
 * was the largest tree of this log that it knew, and that every tree it had cosigned before is the beginning of it.
 */
const COSIGNATURE = 0x04;
const TIMESTAMP_SIZE = 8;
const HEADER = 'cosignature/v1';

/** A witness, as it signs. */
export interface WitnessSigner {
  readonly way: typeof HEADER;
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly privateKey: KeyObject;
}

/** A witness, as others know it. */
export interface WitnessVerifier {
  readonly way: typeof HEADER;
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly publicKey: KeyObject;
}

/** One verified cosignature. */
export interface Cosignature {
  readonly witness: WitnessVerifier;
  /** When it was made by the witness's clock, in seconds since 1970. */
  readonly time: number;
}

/** A checkpoint, and the witnesses that vouch for it. */
export interface CosignedCheckpoint extends Checkpoint {
  readonly cosignatures: readonly Cosignature[];
}

/** A witness by its name and Ed25519 key, which it uses for nothing else: the message does not say who cosigns. */
export function witnessSigner(name: string, privateKey: KeyObject): WitnessSigner {
  const keyId = keyIdOf(checkedName(name), COSIGNATURE, createPublicKey(privateKey));
  return { way: HEADER, name, keyId, privateKey };
}

export function witnessVerifier(name: string, publicKey: KeyObject): WitnessVerifier {
  return { way: HEADER, name: checkedName(name), keyId: keyIdOf(name, COSIGNATURE, publicKey), publicKey };
}

/** The witness's key in the usual one-line form. */
export function encodeWitnessKey(witness: WitnessVerifier): string {
  return encodeKey(COSIGNATURE, witness);
}

/** Reads a witness's key; refuses a key that signs plain notes, such as a log's. */
export function parseWitnessKey(text: string): WitnessVerifier {
  const { name, publicKey } = parseKey(COSIGNATURE, text);
  return witnessVerifier(name, publicKey);
}

/**
 * The signature line of a witness under a checkpoint. INVARIANT of whoever calls: that this is the largest tree the
 * witness has seen of this log is durably stored, or a crash makes it cosign two trees that contradict each other.
 *
 * @example
 * const line = cosign(note, witnessSigner('witness.example/w1', key), Math.floor(now / 1000));
 */
export function cosign(note: string, witness: WitnessSigner, time: number): string {
  const { text } = parseNote(note);
  readCheckpoint(note);
  if (!Number.isSafeInteger(time) || time <= 0) {
    throw new LedgerError('LEDGER_MALFORMED', 'a cosignature has the second at which it was made');
  }
  const timestamp = Buffer.alloc(TIMESTAMP_SIZE);
  timestamp.writeBigUInt64BE(BigInt(time));
  const signature = Buffer.concat([timestamp, sign(null, messageOf(time, text), witness.privateKey)]);
  return encodeSignature({ name: witness.name, keyId: witness.keyId, signature });
}

/**
 * What the log signed, and which of these witnesses cosigned it, each once and with its latest time. A line that names a
 * known witness and does not verify spoils the note; those of others are passed over.
 *
 * @example
 * const { size, cosignatures } = openCosigned(note, [logKey], witnesses);
 * if (cosignatures.length < 2) throw new Error('too few have seen this tree');
 */
export function openCosigned(
  note: string,
  logs: readonly NoteVerifier[],
  witnesses: readonly WitnessVerifier[],
): CosignedCheckpoint {
  const { text, signatures } = parseNote(note);
  return { ...openCheckpoint(note, logs), cosignatures: verified(text, signatures, witnesses) };
}

/**
 * The note with what a witness answered to it added: only lines of these witnesses, only where they verify, and none
 * twice. What the note had before stays as it was.
 */
export function addCosignatures(note: string, answered: string, witnesses: readonly WitnessVerifier[]): string {
  const { text, signatures } = parseNote(note);
  const before = new Set(signatures.map(encodeSignature));
  const known = parseSignatures(answered).filter((line) => knownTo(witnesses, line) !== undefined);
  verified(text, known, witnesses);
  const fresh = [...new Set(known.map(encodeSignature))].filter((line) => !before.has(line));
  const grown = `${note}${fresh.join('')}`;
  // A witness that answers with more lines than a note can hold has answered nothing.
  parseNote(grown);
  return grown;
}

function verified(
  text: string,
  signatures: readonly NoteSignature[],
  witnesses: readonly WitnessVerifier[],
): readonly Cosignature[] {
  const latest = new Map<WitnessVerifier, number>();
  for (const line of signatures) {
    const witness = knownTo(witnesses, line);
    if (witness === undefined) continue;
    const time = timeIn(line);
    const signature = line.signature.subarray(TIMESTAMP_SIZE);
    if (time === undefined || !verify(null, messageOf(time, text), witness.publicKey, signature)) {
      throw new LedgerError('LEDGER_MALFORMED', `the cosignature of ${witness.name} does not verify`);
    }
    latest.set(witness, Math.max(time, latest.get(witness) ?? 0));
  }
  return [...latest].map(([witness, time]) => ({ witness, time }));
}

/** Seconds; nothing where the line is no timestamped signature, or none whose time a number can hold. */
function timeIn({ signature }: NoteSignature): number | undefined {
  if (signature.length !== TIMESTAMP_SIZE + SIGNATURE_SIZE) return undefined;
  const time = Number(Buffer.from(signature.subarray(0, TIMESTAMP_SIZE)).readBigUInt64BE());
  return Number.isSafeInteger(time) && time > 0 ? time : undefined;
}

function messageOf(time: number, text: string): Uint8Array {
  return Buffer.from(`${HEADER}\ntime ${time}\n${text}`);
}
