import { seal } from '../src/seal.js';
import { decodeHeader } from '../src/header.js';
import { SealedEntry, StoredEntry } from '../src/entry.js';

/** The three types of entry of a world that has nothing but consents, each a number from 0 to 255. */
export const DISCLOSURE = 2;
export const GRANT = 3;
export const WITHDRAWAL = 4;

const logId = new Uint8Array(16);
const policy = new Uint8Array(32);
let count = 0;

/** An entry of one of the three types; its id begins with the number of the consent. */
export function entryOf(type: number, consent: number, at = 0): SealedEntry {
  const id = Buffer.alloc(16);
  id[0] = consent;
  id.writeUInt32BE((count += 1), 12);
  // What is sealed does not matter here; the bytes must only differ from entry to entry.
  return seal(logId, { id, type, at, policy, body: new Uint8Array(0), keys: [] }, (size) => Buffer.alloc(size, count));
}

/** What one replica knows: which consents stand. */
export class ConsentReplica {
  readonly active = new Set<number>();

  fold(type: number, consent: number): void {
    if (type === GRANT) this.active.add(consent);
    if (type === WITHDRAWAL) this.active.delete(consent);
  }

  async foldTail(tail: readonly StoredEntry[]): Promise<readonly ReadonlySet<string>[]> {
    await Promise.resolve();
    return tail.map(({ header, id }) => {
      const { type } = decodeHeader(header);
      this.fold(type, id[0]!);
      return new Set(type === DISCLOSURE ? [] : [`consent ${id[0]}`]);
    });
  }
}

/** The indices of disclosures that lie in the log where their consent did not stand: guarantee G1, checked by replay. */
export function disclosuresWithoutConsent(log: readonly StoredEntry[]): number[] {
  const replayed = new ConsentReplica();
  return log
    .filter(({ header, id }) => {
      const { type } = decodeHeader(header);
      replayed.fold(type, id[0]!);
      return type === DISCLOSURE && !replayed.active.has(id[0]!);
    })
    .map(({ seq }) => seq);
}
