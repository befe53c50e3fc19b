import type { KeyObject } from 'node:crypto';

/** Under a key of its own each, so that a hash of one use says nothing in another. */
export type HashUse = 'local id' | 'docket' | 'link code' | 'decision' | 'not released';

/** How long an unwrapped key may lie in memory: until then it may outlive its destruction. */
export const KEY_OPEN_AT_MOST = 60_000;

/**
 * Wraps and unwraps the keys under which contents are sealed. The master key itself never passes this port: in
 * production it stays in an external key service, in the sandbox it is a file.
 */
export interface Keyring {
  /** A fresh 32-byte key and its wrapping. Nothing is stored: whoever asked stores the wrapping, durably, or loses the key. */
  mint(): Promise<{ readonly key: KeyObject; readonly wrapped: Uint8Array }>;
  /** The key inside a wrapping. Remembered under `id` for {@link KEY_OPEN_AT_MOST} and no longer, so that destroying it takes effect. */
  open(id: string, wrapped: Uint8Array): Promise<KeyObject>;
  /** Forgets an open key at once: it was destroyed. */
  forget(id: string): void;
  /** A keyed hash for lookups (local ids, dockets, codes, decision ids): useless to whoever steals the tables alone. 32 bytes. */
  keyedHash(use: HashUse, ...parts: readonly string[]): Uint8Array;
}

/** Time that only goes forward, in milliseconds. Never compared with a date, never shared between processes. */
export interface Clock {
  monotonic(): number;
  /** Resolves once `monotonic()` has reached `moment`. */
  until(moment: number): Promise<void>;
  /** Calls `ring` after so many milliseconds; whoever needs it no more calls what is returned, and nothing is kept for it. */
  after(milliseconds: number, ring: () => void): () => void;
}

/** Unpredictable bytes. */
export type Random = (bytes: number) => Uint8Array;
