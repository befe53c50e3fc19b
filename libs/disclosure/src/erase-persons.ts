import { stateAt } from '#consent';
import { directLinks } from '#matching';
import { erasure, type Sequencer } from '#ledger';
import type { Instant, OfficerId, PersonId } from '#terms';
import type { Agency } from './agency.js';
import { type Change, type ErasureGround, keyOf } from './change.js';
import { commitChange } from './commit-change.js';
import { DisclosureError } from './error.js';
import type { FoldedLog } from './folded-log.js';
import type { Gate } from './gate.js';
import { KEY_OPEN_AT_MOST } from './ports.js';

/** Destroys, in the transaction that appends the erasure listing them, what these indices hold. */
export interface ContentErased {
  readonly type: 'content erased';
  /** Entries that nobody could open but those who are erased: key, salt and ciphertext go. */
  readonly indices: readonly number[];
  readonly persons: readonly PersonId[];
  /** With these nothing is left that only they could open: their keys go, and their shares in what concerns others too. */
  readonly isLast: boolean;
}

/** What is left to destroy, as the store holds it. */
export interface Remains {
  /** Whose erasure is recorded, and whose keys are still there. */
  persons(): Promise<readonly PersonId[]>;
  /** Up to `limit` entries that only these persons' keys open, ascending; some may be left after that. */
  contentOf(persons: readonly PersonId[], limit: number): Promise<readonly number[]>;
}

/** A gate whose store may destroy. Gateways have none: it is the operator's, with the database owner's role. */
export interface ErasureGate extends Gate {
  readonly sequencer: Pick<Sequencer<Change | ContentErased>, keyof Gate['sequencer']>;
  readonly remains: Remains;
  /** The one place where an entry's instant comes from: a long erasure outlives the one it began at. */
  readonly now: () => Instant;
}

export interface Erased {
  /** Of the entry that ordered it. */
  readonly receipt: Uint8Array;
  readonly persons: readonly PersonId[];
  /** How many entries' contents are gone. */
  readonly entries: number;
}

/** How many indices one erasure lists: entries stay below what a tile's bundle may hold of one. */
const LISTED_AT_MOST = 8_000;

/** How long a gateway may not have looked at the log: it looks this often, whether or not anybody asks. */
export const FOLLOWED_WITHIN = 10_000;

/**
 * Erases persons, each as one agency knows her: first the order, after which nobody knows them and nothing more is sealed
 * under their keys; then what is sealed under them, together with the keys. Resolves when no gateway that follows the log
 * has a key of theirs open any more. `NOT_ALLOWED` where a hold lies on one, or where it would let more leave.
 *
 * A crash before the order is durable leaves everything. After it, nobody is told anything by these copies any more, and
 * their keys and contents wait for {@link finishErasures}. Each step of that is one transaction.
 *
 * @example
 * const { receipt, entries } = await erasePersons(gate, operator, { persons, ground: { kind: 'asked' }, by });
 */
export async function erasePersons(
  gate: ErasureGate,
  operator: Agency,
  order: { readonly persons: readonly PersonId[]; readonly ground: ErasureGround; readonly by: OfficerId },
): Promise<Erased> {
  const { persons, ground, by } = order;
  const at = gate.now();
  const { receipt } = await commitChange<void>(gate, operator, {
    at,
    narrowing: true,
    plan: () => {
      refuseHeld(gate.known, persons);
      if (protectsOthers(gate.known, persons, at)) {
        throw new DisclosureError(
          'NOT_ALLOWED',
          'nothing was erased: what was stated here still protects her where others know her; erase every linked copy, or end the links first',
        );
      }
      const handles = persons.flatMap((person) => gate.known.handleOf(person)?.id ?? []);
      const links = new Set(handles.flatMap((handle) => gate.known.linksOf(handle)).map(({ id }) => id));
      const codes = new Set(handles.flatMap((handle) => gate.known.codesOf(handle)).map((code) => code.secretHash));
      const erased = { persons, links: [...links], codes: [...codes], ground, orderedBy: by, at };
      return {
        type: 'person erased',
        changes: [{ type: 'person erased', ...erased }],
        reads: persons.flatMap((person) => [...gate.known.joined(person)]).map(keyOf.person),
        result: undefined,
      };
    },
  });
  const entries = await finishErasures(gate);
  return { receipt, persons, entries };
}

/**
 * Destroys whatever recorded erasures have left, also those that somebody else began, and waits until no gateway has such a
 * key open. Returns how many entries' contents went. Doing it twice, or in two places at once, destroys nothing twice.
 */
export async function finishErasures(gate: ErasureGate): Promise<number> {
  const persons = await gate.remains.persons();
  if (persons.length === 0) return 0;
  let entries = 0;
  for (;;) {
    const indices = await gate.remains.contentOf(persons, LISTED_AT_MOST);
    const isLast = indices.length < LISTED_AT_MOST;
    // Before this commit all of it is there; after it, neither content nor a list without it. There is no between.
    await destroy(gate, { type: 'content erased', indices, persons, isLast });
    entries += indices.length;
    if (isLast) break;
  }
  await gate.clock.until(gate.clock.monotonic() + FOLLOWED_WITHIN + KEY_OPEN_AT_MOST);
  return entries;
}

async function destroy(gate: ErasureGate, erased: ContentErased): Promise<void> {
  const entry = { id: gate.random(16), at: gate.now(), policy: Buffer.from(gate.policy.digest, 'hex') };
  // It rests on nothing that changes: no entry that their keys open is written after the order, and this is after it.
  const outcome = await gate.sequencer.submit({
    entry: erasure(entry, erased.indices, gate.random),
    basis: gate.sequencer.position,
    reads: new Set(),
    writes: new Set(),
    changes: [erased],
    apply: (seq) => gate.known.foldEntry(seq, []),
  });
  if (outcome.kind !== 'appended') throw new DisclosureError('UNDECIDED', 'the erasure was not recorded; try again');
}

function refuseHeld(known: FoldedLog, persons: readonly PersonId[]): void {
  for (const person of persons) {
    if (known.handleOf(person) === undefined) throw new DisclosureError('HANDLE_UNKNOWN', 'nobody has this handle');
    if (known.holdOn(person) !== undefined)
      throw new DisclosureError('NOT_ALLOWED', 'a legal hold lies on this handle');
  }
}

/**
 * Whether without these copies more could leave between others that she is joined with: facts and refusals protect across
 * everyone who knows her, and would go with the copy that they were stated of.
 *
 * THREAT: the shelter's copy falls due. With it goes that his brother is a detective, and the hospital answers him.
 */
export function protectsOthers(known: FoldedLog, persons: readonly PersonId[], at: Instant): boolean {
  const going = new Set(persons);
  const left = new Set(persons.flatMap((person) => [...known.joined(person)]).filter((person) => !going.has(person)));
  const stillLinked = [...left].some((person) => {
    const handle = known.handleOf(person);
    if (handle === undefined) return false;
    return directLinks(handle.id, known.linksOf(handle.id)).some((other) => {
      const there = known.handle(other);
      return there !== undefined && left.has(there.person);
    });
  });
  return stillLinked && persons.some((person) => isProtected(known, person, at));
}

function isProtected(known: FoldedLog, person: PersonId, at: Instant): boolean {
  const stated = known.assertionsOf(person).some(({ until }) => until === undefined || until > at);
  return (
    stated ||
    known.consentsOf(person).some((consent) => consent.directive.kind === 'refuse' && stateAt(consent, at) === 'active')
  );
}
