/** An entry ready to be appended, or as the store gives it back. Every field but `keys` is settled by its leaf. */
export interface SealedEntry {
  /** 16 random bytes, given by the caller before anything is asked of anyone. */
  readonly id: Uint8Array;
  /** When it was decided, in milliseconds since 1970. The header keeps the hour only; the store checks it against its clock. */
  readonly at: number;
  /** Deterministic CBOR, see {@link Header}. */
  readonly header: Uint8Array;
  /** SHA-256 over salt and ciphertext; of a filler, zeros. */
  readonly commitment: Uint8Array;
  /** SHA-256 over a zero byte, header and commitment. */
  readonly leaf: Uint8Array;
  /** Absent of a filler. */
  readonly content: Content | undefined;
  /** The entry's own key, wrapped once under the key of each person it concerns. Outside the commitment. */
  readonly keys: readonly WrappedKey[];
}

export interface Content {
  /** 32 random bytes; the first 12 are the nonce. */
  readonly salt: Uint8Array;
  /** The sealed body and its tag (16 bytes). */
  readonly ciphertext: Uint8Array;
}

export interface WrappedKey {
  /** The name of the key it is wrapped under, 16 bytes: a person's, or for a foreign handle the asking agency's own. */
  readonly key: Uint8Array;
  /** AES key wrap (RFC 3394), 40 bytes. */
  readonly wrapped: Uint8Array;
}

/** An entry in the log. One whose content has been erased has neither content nor keys. */
export interface StoredEntry extends Omit<SealedEntry, 'at'> {
  readonly seq: number;
}
