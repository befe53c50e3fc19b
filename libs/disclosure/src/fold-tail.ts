import { ERASURE, FILLER, type PersonKey, type StoredEntry, decodeHeader, unseal } from '#ledger';
import type { Vocabulary } from '#terms';
import type { Directory } from './agency.js';
import { type Change, touchedBy } from './change.js';
import { decodeBody } from './entry-body.js';
import { DisclosureError } from './error.js';
import type { FoldedLog } from './folded-log.js';
import type { Keyring } from './ports.js';

/** Finds the wrapped keys of persons and agencies that this replica has not heard of yet. */
export interface WrappedKeys {
  /** By the key's name, 32 hex digits. Destroyed keys are absent. */
  find(ids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
}

export interface Fold {
  readonly logId: Uint8Array;
  readonly known: FoldedLog;
  readonly directory: Directory;
  readonly keyring: Keyring;
  readonly wrappedKeys: WrappedKeys;
  readonly vocabulary: Vocabulary;
}

/**
 * Brings entries that another replica wrote into this one's map, in order, and says what each touched. An entry whose
 * content has been destroyed changes nothing any more; one that has content and does not open, for whatever reason,
 * stops this replica until it does.
 */
export async function foldTail(fold: Fold, tail: readonly StoredEntry[]): Promise<readonly ReadonlySet<string>[]> {
  const touched: ReadonlySet<string>[] = [];
  for (const entry of tail) {
    const changes = await changesIn(fold, entry);
    // An earlier attempt may have stopped in the middle: what it folded is not folded twice, but was written all the same.
    if (entry.seq >= fold.known.size) fold.known.foldEntry(entry.seq, changes);
    for (const change of changes)
      if (change.type === 'person erased') change.persons.forEach((id) => fold.keyring.forget(id));
    touched.push(new Set(changes.flatMap(touchedBy)));
  }
  return touched;
}

async function changesIn(fold: Fold, entry: StoredEntry): Promise<readonly Change[]> {
  const { type } = decodeHeader(entry.header);
  if (type === FILLER || type === ERASURE) return [];
  if (entry.content === undefined) return [];
  const key = await anyKeyOf(fold, entry);
  // Erasure takes the content with the key. Content without one may be a refusal, a tie or a narrower policy: read it, or
  // decide nothing.
  if (key === undefined) throw new DisclosureError('LEDGER_DAMAGED', 'an entry has content and no key');
  return decodeBody(unseal(fold.logId, entry, key), fold.vocabulary).changes;
}

/** One key that opens the entry: a person's that we know, an agency's, or one that came with the entries we missed. */
export async function anyKeyOf(
  fold: Pick<Fold, 'known' | 'directory' | 'keyring' | 'wrappedKeys'>,
  entry: Pick<StoredEntry, 'keys'>,
): Promise<PersonKey | undefined> {
  const ids = entry.keys.map(({ key }) => Buffer.from(key).toString('hex'));
  const known = ids.flatMap((id) => {
    const wrapped = fold.known.wrappedKey(id as never) ?? agencyKey(fold.directory, id);
    return wrapped === undefined ? [] : [{ id, wrapped }];
  });
  const found = known[0] ?? (await firstOf(fold.wrappedKeys, ids));
  if (found === undefined) return undefined;
  const secret = await fold.keyring.open(found.id, found.wrapped);
  if (secret.symmetricKeySize !== 32) throw new DisclosureError('LEDGER_DAMAGED', 'a key that is not one');
  return { id: Buffer.from(found.id, 'hex'), secret };
}

function agencyKey(directory: Directory, id: string): Uint8Array | undefined {
  for (const agency of directory.values()) if (agency.keyId === id) return agency.wrappedKey;
  return undefined;
}

async function firstOf(keys: WrappedKeys, ids: readonly string[]) {
  const found = await keys.find(ids);
  for (const [id, wrapped] of found) return { id, wrapped };
  return undefined;
}
