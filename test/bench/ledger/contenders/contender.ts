/** One way of recording bodies durably, under load. */
export interface Contender {
  /** Resolves once what was recorded is durable, with bytes by which it can be found again: its leaf, or its body. */
  record(): Promise<Uint8Array>;
  close(): Promise<void>;
}
