import { KeyObject, sign, verify } from 'node:crypto';
import { LedgerError } from './error.js';
import { ENTRY_ID_SIZE } from './header.js';
import { HASH_SIZE } from './merkle.js';

/**
 * A receipt is given the moment an entry is durable: the log's signature over the entry's id and leaf. It does not show
 * where in the tree the entry lies, and all receipts have one length, so that nobody reads anyone's activity off them.
 */
export interface Receipt {
  readonly entryId: Uint8Array;
  readonly leaf: Uint8Array;
}

const SIGNATURE = 64;
/** Id, leaf, signature: 112 bytes, without exception. */
export const RECEIPT_SIZE = ENTRY_ID_SIZE + HASH_SIZE + SIGNATURE;

// A key that signs checkpoints may sign receipts too: no note begins with these bytes and the log's id.
const CONTEXT = Buffer.from('postern receipt v1\n');

function signed(logId: Uint8Array, entryId: Uint8Array, leaf: Uint8Array): Uint8Array {
  return Buffer.concat([CONTEXT, logId, entryId, leaf]);
}

/** Signs a receipt, on a thread of the pool. Hand it out only when the entry is durable. */
export function signReceipt(logId: Uint8Array, { entryId, leaf }: Receipt, key: KeyObject): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(null, signed(logId, entryId, leaf), key, (error, signature) => {
      if (error === null) resolve(Buffer.concat([entryId, leaf, signature]));
      else reject(error);
    });
  });
}

/** What a receipt says, or `LEDGER_MALFORMED` where the log with this id did not sign it with this key. */
export function verifyReceipt(logId: Uint8Array, bytes: Uint8Array, key: KeyObject): Receipt {
  if (bytes.length !== RECEIPT_SIZE) {
    throw new LedgerError('LEDGER_MALFORMED', `a receipt has ${RECEIPT_SIZE} bytes, not ${bytes.length}`);
  }
  const entryId = bytes.subarray(0, ENTRY_ID_SIZE);
  const leaf = bytes.subarray(ENTRY_ID_SIZE, ENTRY_ID_SIZE + HASH_SIZE);
  if (!verify(null, signed(logId, entryId, leaf), key, bytes.subarray(ENTRY_ID_SIZE + HASH_SIZE))) {
    throw new LedgerError('LEDGER_MALFORMED', 'the receipt is not signed by this log');
  }
  return { entryId, leaf };
}
