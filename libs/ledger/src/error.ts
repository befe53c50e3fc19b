/** Every way in which this room says that it cannot go on. Messages carry ids, sizes and indices, never content. */
export type LedgerErrorCode =
  | 'LEDGER_BUSY' // the queue is full: nothing was recorded, come back later
  | 'LEDGER_UNAVAILABLE' // the store did not answer or refused: recorded or not is unknown, so nothing may be released
  | 'LEDGER_CLOCK' // the decision's instant is too far from the database's clock
  | 'LEDGER_ROLLED_BACK' // the store holds less than it once acknowledged: this process stops appending
  | 'LEDGER_FORKED' // the store's root does not follow from its entries: this process stops appending
  | 'LEDGER_UNWITNESSED' // for too long nobody outside has cosigned: by configuration nothing is disclosed meanwhile
  | 'LEDGER_MALFORMED' // bytes that are not what they should be
  | 'LEDGER_UNREADABLE'; // a body that this key does not open

export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
