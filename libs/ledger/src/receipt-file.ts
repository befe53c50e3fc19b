import { openCosigned, type CosignedCheckpoint, type WitnessVerifier } from './cosignature.js';
import { LedgerError } from './error.js';
import { HASH_SIZE } from './merkle.js';
import { base64, type NoteVerifier } from './note.js';
import { readCheckpoint } from './checkpoint.js';
import { verifyInclusion } from './proof.js';
import { type Receipt, RECEIPT_SIZE, verifyReceipt } from './receipt.js';

/**
 * A receipt file is what a person keeps to show, years later and without asking anyone, that an entry is in the log. It
 * comes in two forms: the receipt alone, as 150 characters of base64url, from the moment of writing; and a C2SP tlog-proof
 * with the receipt as its extra data, once a published checkpoint holds the entry.
 */
export type ReceiptFile =
  { readonly kind: 'receipt'; readonly receipt: Uint8Array } | ({ readonly kind: 'proof' } & ReceiptProof);

export interface ReceiptProof {
  readonly receipt: Uint8Array;
  readonly index: number;
  /** From the leaf's sibling up (RFC 6962, section 2.1.1). */
  readonly proof: readonly Uint8Array[];
  /** The checkpoint that the proof leads to, with whatever cosignatures it has. */
  readonly note: string;
}

const FORMAT = 'c2sp.org/tlog-proof@v1';
const MOST_HASHES = 63;
const LONGEST_HEAD = 4096;
const LONGEST = 1 << 20;

/** The longer form of a receipt file. */
export function encodeReceiptProof({ receipt, index, proof, note }: ReceiptProof): string {
  const lines = [FORMAT, `extra ${text(receipt)}`, `index ${index}`, ...proof.map(text)];
  return `${lines.join('\n')}\n\n${note}`;
}

/** Reads either form; `LEDGER_MALFORMED` for anything else. Nothing in it is verified yet. */
export function parseReceiptFile(file: string): ReceiptFile {
  if (file.length > LONGEST) throw new LedgerError('LEDGER_MALFORMED', 'no receipt file is that long');
  if (!file.startsWith(`${FORMAT}\n`)) return { kind: 'receipt', receipt: receiptIn(file.replace(/\r?\n$/, '')) };
  const end = file.slice(0, LONGEST_HEAD).indexOf('\n\n');
  const [, extra = '', index = '', ...lines] = file.slice(0, Math.max(end, 0)).split('\n');
  const receipt = extra.startsWith('extra ') ? base64(extra.slice(6)) : undefined;
  const at = /^index (0|[1-9]\d{0,15})$/.exec(index)?.[1];
  const proof = lines.map(base64);
  if (end < 0 || receipt?.length !== RECEIPT_SIZE || at === undefined || !Number.isSafeInteger(Number(at))) {
    throw new LedgerError('LEDGER_MALFORMED', 'a receipt file with a proof says the receipt and its index first');
  }
  if (proof.length > MOST_HASHES || !proof.every(isHash)) {
    throw new LedgerError('LEDGER_MALFORMED', 'a line of the proof is not a hash');
  }
  const note = file.slice(end + 2);
  readCheckpoint(note);
  return { kind: 'proof', receipt, index: Number(at), proof, note };
}

/** What a receipt file shows, by the log's key and those of its witnesses. */
export type ShownByReceipt =
  /** The log has said that it wrote this. Where, nothing shows. */
  | { readonly kind: 'signed'; readonly receipt: Receipt }
  /** It lies at this index of a tree that the log signed, and these witnesses cosigned. */
  | {
      readonly kind: 'included';
      readonly receipt: Receipt;
      readonly index: number;
      readonly checkpoint: CosignedCheckpoint;
    };

/**
 * Verifies a receipt file; `LEDGER_MALFORMED` says which part of it does not hold.
 *
 * @example
 * const shown = verifyReceiptFile(parseReceiptFile(text), logIdOf(key.name), key, witnesses);
 */
export function verifyReceiptFile(
  file: ReceiptFile,
  logId: Uint8Array,
  log: NoteVerifier,
  witnesses: readonly WitnessVerifier[],
): ShownByReceipt {
  const receipt = verifyReceipt(logId, file.receipt, log.publicKey);
  if (file.kind === 'receipt') return { kind: 'signed', receipt };
  const checkpoint = openCosigned(file.note, [log], witnesses);
  if (!verifyInclusion(file.index, checkpoint.size, receipt.leaf, file.proof, checkpoint.root)) {
    throw new LedgerError('LEDGER_MALFORMED', 'the proof does not lead from the receipt to the signed tree');
  }
  return { kind: 'included', receipt, index: file.index, checkpoint };
}

function receiptIn(line: string): Uint8Array {
  const bytes = Buffer.from(line, 'base64url');
  if (bytes.length !== RECEIPT_SIZE || bytes.toString('base64url') !== line) {
    throw new LedgerError('LEDGER_MALFORMED', `a receipt is ${RECEIPT_SIZE} bytes of base64url`);
  }
  return bytes;
}

function isHash(bytes: Buffer | undefined): bytes is Buffer {
  return bytes?.length === HASH_SIZE;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
