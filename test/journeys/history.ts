import type { Logged } from './read-log.js';

/**
 * What agencies saw, each by the one monotonic clock of this process. A process that is busy reads what came long after it
 * came. So a release is dated by when it can have come at the earliest, and an acknowledgement by when it was read: a
 * release counts as late only where it cannot have arrived before the agency knew.
 */
export type Seen =
  | { readonly kind: 'granted'; readonly person: string; readonly entry: string; readonly leaf: string }
  | {
      readonly kind: 'withdrawn';
      readonly person: string;
      readonly entry: string;
      readonly leaf: string;
      /** When whoever took her word knew that it holds. */
      readonly acknowledged: number;
    }
  | {
      readonly kind: 'answered';
      readonly person: string;
      readonly entry: string;
      readonly leaf: string;
      /** The earliest that the answer can have come, as the arrival clock says. */
      readonly arrived: number;
      /** Whether a value came. */
      readonly released: boolean;
    };

/** An entry of the exported log, and whether its discloser says that a value left by it. */
export interface Recorded extends Logged {
  readonly released: boolean;
}

/**
 * Everything in a history that must never be, in words. `log` is in its own order; nothing here believes the gateway's
 * order of anything, nor that an entry which nobody saw is harmless.
 */
export function violationsIn(history: readonly Seen[], log: readonly Recorded[]): readonly string[] {
  return [
    ...lostEntries(history, log),
    ...releasesWithoutEntry(history, log),
    ...releasesAfterWithdrawalInLog(history, log),
    ...releasesAfterAcknowledgement(history, log),
  ];
}

function lostEntries(history: readonly Seen[], log: readonly Recorded[]): readonly string[] {
  const leaves = new Map(log.map(({ entry, leaf }) => [entry, leaf]));
  return history.flatMap(({ kind, entry, leaf }) =>
    leaves.get(entry) === leaf ? [] : `acknowledged and not in the log: ${kind} ${entry}`,
  );
}

function releasesWithoutEntry(history: readonly Seen[], log: readonly Recorded[]): readonly string[] {
  const recorded = new Set(log.filter(({ released }) => released).map(({ entry }) => entry));
  return history.flatMap((seen) =>
    seen.kind === 'answered' && seen.released && !recorded.has(seen.entry)
      ? `released, and the log says that nothing was: ${seen.entry}`
      : [],
  );
}

/** G1: under each withdrawal in the log, nothing more is disclosed until she grants anew. */
function releasesAfterWithdrawalInLog(history: readonly Seen[], log: readonly Recorded[]): readonly string[] {
  const seenBy = new Map(history.map((seen) => [seen.entry, seen]));
  const granted = new Set<string>();
  return log.flatMap(({ entry, released }) => {
    const seen = seenBy.get(entry);
    if (seen?.kind === 'granted') granted.add(seen.person);
    if (seen?.kind === 'withdrawn') granted.delete(seen.person);
    const without = seen?.kind === 'answered' && released && !granted.has(seen.person);
    return without ? `disclosed without her consent, by the order of the log: ${entry}` : [];
  });
}

/**
 * G2: for each release, the next withdrawal of the same person in the log must not have been acknowledged before the
 * release arrived. Found by the log's order, so that a later grant hides nothing.
 */
function releasesAfterAcknowledgement(history: readonly Seen[], log: readonly Recorded[]): readonly string[] {
  const place = new Map(log.map(({ entry }, seq) => [entry, seq]));
  const at = (seen: Seen): number => place.get(seen.entry) ?? -1;
  const withdrawals = history.filter((seen) => seen.kind === 'withdrawn').toSorted((a, b) => at(a) - at(b));
  return history.flatMap((seen) => {
    if (seen.kind !== 'answered' || !seen.released) return [];
    const next = withdrawals.find((each) => each.person === seen.person && at(each) > at(seen));
    if (next === undefined || seen.arrived < next.acknowledged) return [];
    return `released ${Math.round(seen.arrived - next.acknowledged)} ms after her withdrawal was acknowledged: ${seen.entry}`;
  });
}
