import { type Outcome, type PersonKey, seal } from '#ledger';
import type { Instant } from '#terms';
import type { Agency, Caller } from './agency.js';
import { type Change, ENTRY_TYPE, keyOf, personsIn, touchedBy } from './change.js';
import { encodeBody } from './entry-body.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';
import { keyOfAgency, keyOfPerson } from './keys.js';
import { checkStanding, standingOf } from './standing.js';

/** What a use case wants to change, decided on the map as it is now. */
export interface Plan<Result> {
  readonly type: keyof typeof ENTRY_TYPE;
  readonly changes: readonly Change[];
  /** The key of a person whom this change makes known. */
  readonly newKey?: PersonKey;
  /** What the plan rests on besides what it changes. */
  readonly reads: readonly string[];
  readonly result: Result;
}

export interface Wanted<Result> {
  readonly at: Instant;
  readonly narrowing: boolean;
  /** Who says so for the agency, where somebody does. */
  readonly caller?: Caller;
  readonly plan: () => Plan<Result>;
}

export interface Committed<Result> {
  readonly receipt: Uint8Array;
  readonly result: Result;
}

/**
 * Writes a change into the ledger and its projections, and then into the map. `plan` is called again whenever something
 * it read has changed meanwhile; it reads the map and decides without waiting for anything.
 *
 * With `narrowing` the result is held until no replica can still release under the state before: L after the commit.
 * A crash before the commit leaves nothing; after it, a change that holds although nobody was told.
 */
export async function commitChange<Result>(gate: Gate, by: Agency, change: Wanted<Result>): Promise<Committed<Result>> {
  const began = gate.clock.monotonic();
  let refused = false;
  while (gate.clock.monotonic() - began < gate.limits.question) {
    const basis = gate.sequencer.position;
    let plan: Plan<Result>;
    try {
      plan = change.plan();
      // What she said to an agency before it was suspended, she has said.
      if (plan.type !== 'consent withdrawn') checkStanding(gate, by, change.caller);
    } catch (refusal) {
      // What is unknown here may have been opened at another replica a moment ago: refused is it only on a newer map.
      if (refused || (await gate.sequencer.catchUp()) === basis) throw refusal;
      refused = true;
      continue;
    }
    const outcome = await append(gate, by, basis, change, plan, await keysFor(gate, by, plan));
    if (outcome.kind === 'stale') continue;
    if (change.narrowing) await gate.clock.until(gate.clock.monotonic() + gate.limits.lease * (1 + CLOCK_DRIFT));
    return { receipt: outcome.receipt, result: plan.result };
  }
  throw new DisclosureError('UNDECIDED', 'the change kept meeting others and was not recorded; nothing has changed');
}

/**
 * Replies to a change no sooner than any such change would be durable: to write what ended, or what was linked, takes
 * some milliseconds longer than to write that there was nothing, and whoever holds a stopwatch must not see them.
 */
export async function inOneTime<Result>(gate: Gate, change: Promise<Result>): Promise<Result> {
  const heard = gate.clock.monotonic();
  const result = await change;
  await gate.clock.until(heard + IN_ONE_TIME * gate.limits.lease);
  return result;
}

/** In leases: the one that every narrowing waits for, and what any append takes where the ledger is well. */
const IN_ONE_TIME = 1.25;

/** How far two monotonic clocks may run apart over one lease. */
const CLOCK_DRIFT = 0.01;

/** The keys of everyone it is about; the acting agency's own where it turns out to be about nobody. */
async function keysFor<Result>(gate: Gate, by: Agency, plan: Plan<Result>): Promise<readonly PersonKey[]> {
  const persons = [...new Set(plan.changes.flatMap(personsIn))];
  if (persons.length === 0) return [await keyOfAgency(gate, by)];
  const fresh = plan.newKey === undefined ? '' : Buffer.from(plan.newKey.id).toString('hex');
  return Promise.all(
    persons.map(async (person) =>
      person === fresh && plan.newKey !== undefined ? plan.newKey : keyOfPerson(gate, person),
    ),
  );
}

function append<Result>(
  gate: Gate,
  by: Agency,
  basis: number,
  { at, narrowing, caller }: Wanted<Result>,
  plan: Plan<Result>,
  keys: readonly PersonKey[],
): Promise<Outcome> {
  const writes = plan.changes.flatMap(touchedBy);
  const entry = seal(
    gate.logId,
    {
      id: gate.random(16),
      type: ENTRY_TYPE[plan.type],
      at,
      policy: Buffer.from(gate.policy.digest, 'hex'),
      body: encodeBody({ changes: plan.changes }, gate.policy.vocabulary),
      keys,
    },
    gate.random,
  );
  return gate.sequencer.submit({
    entry,
    basis,
    reads: new Set([keyOf.policy, ...standingOf(by, caller), ...plan.reads, ...writes]),
    writes: new Set(writes),
    narrows: narrowing,
    changes: plan.changes,
    apply: (seq) => gate.known.foldEntry(seq, plan.changes),
  });
}
