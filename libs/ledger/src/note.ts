import { createPublicKey, hash, KeyObject, sign, verify } from 'node:crypto';
import { LedgerError } from './error.js';

/**
 * Signed notes as C2SP signed-note has them: a text ending in a newline, an empty line, and signature lines. Only
 * Ed25519 (type 0x01) is known here; signatures by other keys pass through unread, so that witnesses can add theirs.
 */
const ED25519 = 0x01;
const KEY_ID_SIZE = 4;
const PUBLIC_KEY_SIZE = 32;
const SIGNATURE_SIZE = 64;
const MOST_SIGNATURES = 64;
const LONGEST = 1 << 20;
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
  return { name: checkedName(name), keyId: keyIdOf(name, rawPublicKey(createPublicKey(privateKey))), privateKey };
}

/** Who verifies what the signer of that name signs. */
export function noteVerifier(name: string, publicKey: KeyObject): NoteVerifier {
  return { name: checkedName(name), keyId: keyIdOf(name, rawPublicKey(publicKey)), publicKey };
}

/** The verifier's key in the usual one-line form: name, key id, type and public key. */
export function encodeVerifierKey(verifier: NoteVerifier): string {
  const key = Buffer.concat([Uint8Array.of(ED25519), rawPublicKey(verifier.publicKey)]);
  return `${verifier.name}+${Buffer.from(verifier.keyId).toString('hex')}+${key.toString('base64')}`;
}

/** Reads a verifier's key and refuses one whose id is not its own. */
export function parseVerifierKey(text: string): NoteVerifier {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text);
  const key = match?.[3] === undefined ? undefined : base64(match[3]);
  if (match?.[1] === undefined || key?.length !== 1 + PUBLIC_KEY_SIZE || key[0] !== ED25519) {
    throw new LedgerError('LEDGER_MALFORMED', 'a verifier key reads name+id+key, the key an Ed25519 one');
  }
  const der = Buffer.concat([SPKI, key.subarray(1)]);
  const verifier = noteVerifier(match[1], createPublicKey({ key: der, format: 'der', type: 'spki' }));
  if (Buffer.from(verifier.keyId).toString('hex') !== match[2]) {
    throw new LedgerError('LEDGER_MALFORMED', 'the verifier key does not have the id it says');
  }
  return verifier;
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
    const signature = Buffer.concat([keyId, sign(null, bytes, privateKey)]);
    return `${LINE}${name} ${signature.toString('base64')}\n`;
  });
  return `${text}\n${lines.join('')}`;
}

/** The parts of a note, of which nothing has been verified. */
export function parseNote(note: string): Note {
  const end = note.lastIndexOf('\n\n');
  if (note.length > LONGEST || end < 0 || !note.endsWith('\n') || !isText(note)) {
    throw new LedgerError('LEDGER_MALFORMED', 'not a signed note');
  }
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) throw new LedgerError('LEDGER_MALFORMED', 'a note with too many signatures');
  return { text: note.slice(0, end + 1), signatures: lines.map(parseSignature) };
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
    const known = verifiers.find((one) => one.name === name && Buffer.compare(one.keyId, keyId) === 0);
    if (known === undefined) continue;
    if (signature.length !== SIGNATURE_SIZE || !verify(null, bytes, known.publicKey, signature)) {
      throw new LedgerError('LEDGER_MALFORMED', `the signature of ${name} does not verify`);
    }
    verified += 1;
  }
  if (verified === 0) throw new LedgerError('LEDGER_MALFORMED', 'no known key signed the note');
  return text;
}

function keyIdOf(name: string, publicKey: Uint8Array): Uint8Array {
  const input = Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(ED25519), publicKey]);
  return hash('sha256', input, 'buffer').subarray(0, KEY_ID_SIZE);
}

function rawPublicKey(key: KeyObject): Uint8Array {
  if (key.asymmetricKeyType !== 'ed25519') throw new LedgerError('LEDGER_MALFORMED', 'notes are signed with Ed25519');
  return key.export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
}

function checkedName(name: string): string {
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
