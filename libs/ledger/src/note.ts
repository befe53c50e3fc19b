import { createPublicKey, hash, KeyObject, sign, verify } from 'node:crypto';
import { LedgerError } from './error.js';

/**
 * Signed notes as C2SP signed-note has them: a text ending in a newline, an empty line, and signature lines. Only
 * Ed25519 (type 0x01) is known here; signatures by other keys pass through unread, so that witnesses can add theirs.
 */
const ED25519 = 0x01;
const KEY_ID_SIZE = 4;
const PUBLIC_KEY_SIZE = 32;
export const SIGNATURE_SIZE = 64;
const MOST_SIGNATURES = 64;
const LONGEST = 1 << 20;
const LONGEST_KEY = 1 << 10;
const LINE = '— ';
// The DER that stands before the 32 bytes of every Ed25519 public key (RFC 8410).
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

export interface NoteSigner {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly privateKey: KeyObject;
}

export interface NoteVerifier {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly publicKey: KeyObject;
}

export interface Note {
  /** With its final newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** A signer by its name and Ed25519 key. */
export function noteSigner(name: string, privateKey: KeyObject): NoteSigner {
  return { name: checkedName(name), keyId: keyIdOf(name, ED25519, createPublicKey(privateKey)), privateKey };
}

/** Who verifies what the signer of that name signs. */
export function noteVerifier(name: string, publicKey: KeyObject): NoteVerifier {
  return { name: checkedName(name), keyId: keyIdOf(name, ED25519, publicKey), publicKey };
}

/** The verifier's key in the usual one-line form: name, key id, type and public key. */
export function encodeVerifierKey(verifier: NoteVerifier): string {
  return encodeKey(ED25519, verifier);
}

/** Reads a verifier's key and refuses one whose id is not its own. */
export function parseVerifierKey(text: string): NoteVerifier {
  const { name, publicKey } = parseKey(ED25519, text);
  return noteVerifier(name, publicKey);
}

/** The one-line form of an Ed25519 key that signs in the way of this signature type. */
export function encodeKey(type: number, { name, keyId, publicKey }: NoteVerifier): string {
  const key = Buffer.concat([Uint8Array.of(type), rawPublicKey(publicKey)]);
  return `${name}+${Buffer.from(keyId).toString('hex')}+${key.toString('base64')}`;
}

/** The inverse of {@link encodeKey}; refuses a key of another type, and one whose id is not its own. */
export function parseKey(type: number, text: string): { readonly name: string; readonly publicKey: KeyObject } {
  const match = text.length > LONGEST_KEY ? null : /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text);
  const key = match?.[3] === undefined ? undefined : base64(match[3]);
  if (match?.[1] === undefined || key?.length !== 1 + PUBLIC_KEY_SIZE || key[0] !== type) {
    throw new LedgerError('LEDGER_MALFORMED', `a verifier key reads name+id+key, the key of type ${type} (Ed25519)`);
  }
  const name = checkedName(match[1]);
  const der = Buffer.concat([SPKI, key.subarray(1)]);
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  if (Buffer.from(keyIdOf(name, type, publicKey)).toString('hex') !== match[2]) {
    throw new LedgerError('LEDGER_MALFORMED', 'the verifier key does not have the id it says');
  }
  return { name, publicKey };
}

/** A note with one signature for each signer. */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  if (!text.endsWith('\n') || !isText(text)) {
    throw new LedgerError(
      'LEDGER_MALFORMED',
      'the text of a note ends in a newline and has no other control characters',
    );
  }
  const bytes = Buffer.from(text);
  const lines = signers.map(({ name, keyId, privateKey }) => {
    return encodeSignature({ name, keyId, signature: sign(null, bytes, privateKey) });
  });
  return `${text}\n${lines.join('')}`;
}

/** The parts of a note, of which nothing has been verified. */
export function parseNote(note: string): Note {
  const end = note.lastIndexOf('\n\n');
  if (note.length > LONGEST || end < 0 || !note.endsWith('\n') || !isText(note)) {
    throw new LedgerError('LEDGER_MALFORMED', 'not a signed note');
  }
  return { text: note.slice(0, end + 1), signatures: parseSignatures(note.slice(end + 2)) };
}

/** Signature lines, each with its newline, of which nothing has been verified. */
export function parseSignatures(text: string): readonly NoteSignature[] {
  const lines = text.length > LONGEST ? [] : text.slice(0, -1).split('\n', MOST_SIGNATURES + 1);
  if (!text.endsWith('\n') || lines.length === 0 || lines.length > MOST_SIGNATURES) {
    throw new LedgerError('LEDGER_MALFORMED', `between 1 and ${MOST_SIGNATURES} signature lines were expected`);
  }
  return lines.map(parseSignature);
}

/** One signature line, with its newline. */
export function encodeSignature({ name, keyId, signature }: NoteSignature): string {
  return `${LINE}${name} ${Buffer.concat([keyId, signature]).toString('base64')}\n`;
}

function parseSignature(line: string): NoteSignature {
  const [name, encoded, ...more] = line.startsWith(LINE) ? line.slice(LINE.length).split(' ') : [];
  const bytes = encoded === undefined ? undefined : base64(encoded);
  if (name === undefined || !isName(name) || bytes === undefined || bytes.length <= KEY_ID_SIZE || more.length > 0) {
    throw new LedgerError('LEDGER_MALFORMED', 'not a signature line');
  }
  return { name, keyId: bytes.subarray(0, KEY_ID_SIZE), signature: bytes.subarray(KEY_ID_SIZE) };
}

/**
 * The text of a note that at least one of these verifiers' keys signed. A signature that names a known key and does not
 * verify spoils the note, whatever others there are; those of unknown keys are passed over.
 */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): string {
  const { text, signatures } = parseNote(note);
  const bytes = Buffer.from(text);
  let verified = 0;
  for (const { name, keyId, signature } of signatures) {
    const known = knownTo(verifiers, { name, keyId });
    if (known === undefined) continue;
    if (signature.length !== SIGNATURE_SIZE || !verify(null, bytes, known.publicKey, signature)) {
      throw new LedgerError('LEDGER_MALFORMED', `the signature of ${name} does not verify`);
    }
    verified += 1;
  }
  if (verified === 0) throw new LedgerError('LEDGER_MALFORMED', 'no known key signed the note');
  return text;
}

/** Whose signature this is, by name and id together; nobody's whom we know where either differs. */
export function knownTo<Known extends Pick<NoteVerifier, 'name' | 'keyId'>>(
  verifiers: readonly Known[],
  { name, keyId }: Pick<NoteSignature, 'name' | 'keyId'>,
): Known | undefined {
  return verifiers.find((one) => one.name === name && Buffer.compare(one.keyId, keyId) === 0);
}

/** What a key is called in signature lines: four bytes over its name, its way of signing, and the key. */
export function keyIdOf(name: string, type: number, publicKey: KeyObject): Uint8Array {
  const input = Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(type), rawPublicKey(publicKey)]);
  return hash('sha256', input, 'buffer').subarray(0, KEY_ID_SIZE);
}

function rawPublicKey(key: KeyObject): Uint8Array {
  if (key.asymmetricKeyType !== 'ed25519') throw new LedgerError('LEDGER_MALFORMED', 'notes are signed with Ed25519');
  return key.export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
}

export function checkedName(name: string): string {
  if (!isName(name)) throw new LedgerError('LEDGER_MALFORMED', 'a key name has neither spaces nor plus signs');
  return name;
}

function isName(name: string): boolean {
  return name.length > 0 && isText(name) && !/[\s+]/u.test(name);
}

/** Valid UTF-8 without control characters other than newlines. */
function isText(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 && code !== 0x0a) return false;
  }
  return Buffer.from(text).toString() === text; // half a surrogate pair does not come back
}

/** The bytes of standard base64, or nothing where it is not in its one right form. */
export function base64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
