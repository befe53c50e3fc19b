import { EMPTY_HEAD, grow, type Head } from '#ledger';

/**
 * What was seen from outside. Every instant is one machine's CLOCK_MONOTONIC in milliseconds, and ids and leaves are
 * texts of any one spelling.
 */
export interface History {
  readonly acknowledged: readonly Acknowledged[];
  readonly releases: readonly Release[];
  /** Heads that were shown to anybody while the log grew. */
  readonly checkpoints: readonly { readonly size: number; readonly root: string }[];
  /** When a process stood still because somebody had stopped it. */
  readonly stops: readonly Stop[];
  /** When the wall clock of a process was so wrong that nothing of it may be recorded. */
  readonly wrongClocks: readonly Stop[];
}

export type Kind = 'disclosure' | 'refusal' | 'grant' | 'withdrawal';

/** Whoever asked was told that this is recorded. */
export interface Acknowledged {
  readonly kind: Kind;
  readonly consent: string;
  readonly entry: string;
  readonly leaf: string;
  /** The index that was said, where one was. */
  readonly seq?: number;
  /** Told that it had been recorded before; the instants are then not those of the entry. */
  readonly repeated?: boolean;
  /** Who recorded it, where that matters. */
  readonly by?: string;
  readonly invoked: number;
  readonly acknowledged: number;
}

/** Something left under a consent. */
export interface Release {
  /** The caller's own name for what it asked; a retry has the same. */
  readonly operation: string;
  readonly consent: string;
  readonly entry: string;
  /** The entry of the grant that it rested on, where that is known. */
  readonly grant?: string;
  /** Who let it leave. */
  readonly by: string;
  /** The last look at the clock before it left. */
  readonly checked: number;
  /** It had left by then. */
  readonly left: number;
}

export interface Stop {
  readonly by: string;
  readonly from: number;
  readonly until: number;
}

/** One entry of the log as it was read afterwards, in the log's order. */
export interface Recorded {
  readonly seq: number;
  readonly entry: string;
  readonly leaf: string;
  /** What it says about a consent; undefined where it speaks of something else, or where nobody outside can tell. */
  readonly says?: { readonly kind: Kind; readonly consent: string };
}

export type Fault =
  /** (a) G1: by the log's own order, something was disclosed while the consent did not stand. */
  | 'disclosed without consent'
  /** (b) G2: something left after the withdrawal of its consent had been acknowledged. */
  | 'released after acknowledgement'
  /** (c) Operations took place in an order that real time contradicts, or saw a consent as it was not. */
  | 'against real time'
  /** (d) What was acknowledged is not in the log, or is another entry there. */
  | 'lost'
  | 'released without entry'
  | 'released twice'
  | 'recorded twice'
  | 'gap'
  /** The log that is there now is not one that grew from what was signed before. */
  | 'checkpoint contradicted'
  /** What was disturbed did not come back by itself. Nothing in a history shows it; the harness adds it. */
  | 'did not come back'
  /** Dated and recorded by a process whose clock was known to be wrong. */
  | 'wrong clock';

export interface Violation {
  readonly fault: Fault;
  readonly what: string;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  /**
   * Releases that left late because the process was stopped between its last look at the clock and the write: what the
   * lease cannot help, and says so.
   */
  readonly residual: number;
}

/**
 * Everything in a history that must never be. Believes no gateway's order of anything: only the log's, and one clock's.
 *
 * @example
 * const { violations } = check(history, log);
 */
export function check(history: History, log: readonly Recorded[]): Verdict {
  const { late, residual } = lateReleases(history, log);
  return {
    violations: [
      ...gaps(log),
      ...recordedTwice(log),
      ...lost(history, log),
      ...releasesWithoutEntry(history, log),
      ...releasedTwice(history),
      ...disclosedWithoutConsent(log),
      ...late,
      ...againstRealTime(history, log),
      ...contradictedCheckpoints(history, log),
      ...recordedByWrongClocks(history),
    ],
    residual,
  };
}

function gaps(log: readonly Recorded[]): readonly Violation[] {
  return log.flatMap(({ seq }, i) =>
    seq === i ? [] : { fault: 'gap' as const, what: `entry ${i} of the log says that it is ${seq}` },
  );
}

function recordedTwice(log: readonly Recorded[]): readonly Violation[] {
  const first = new Map<string, number>();
  return log.flatMap(({ entry, seq }) => {
    const before = first.get(entry);
    if (before === undefined) first.set(entry, seq);
    return before === undefined ? [] : { fault: 'recorded twice' as const, what: `one id at ${before} and at ${seq}` };
  });
}

function lost({ acknowledged }: History, log: readonly Recorded[]): readonly Violation[] {
  const places = placesIn(log);
  return acknowledged.flatMap(({ kind, entry, leaf, seq }) => {
    const fault = 'lost' as const;
    const place = places.get(entry);
    if (place === undefined) return { fault, what: `a ${kind} was acknowledged and is not in the log` };
    if (place.leaf !== leaf) return { fault, what: `a ${kind} has another leaf at ${place.seq} than was acknowledged` };
    if (seq !== undefined && seq !== place.seq)
      return { fault, what: `a ${kind} was acknowledged as ${seq} and lies at ${place.seq}` };
    return [];
  });
}

function releasesWithoutEntry({ releases, acknowledged }: History, log: readonly Recorded[]): readonly Violation[] {
  const places = placesIn(log);
  const known = new Set(acknowledged.map(({ entry }) => entry));
  return releases.flatMap(({ entry, by }) => {
    const fault = 'released without entry' as const;
    const place = places.get(entry);
    if (place === undefined) return { fault, what: `${by} released what is not in the log` };
    if (place.says !== undefined && place.says.kind !== 'disclosure')
      return { fault, what: `${by} released on the word of a ${place.says.kind}, at ${place.seq}` };
    return known.has(entry) ? [] : { fault, what: `${by} released what nobody was told of, at ${place.seq}` };
  });
}

function releasedTwice({ releases }: History): readonly Violation[] {
  const first = new Map<string, Release>();
  return releases.flatMap((release) => {
    const before = first.get(release.operation);
    if (before === undefined) first.set(release.operation, release);
    return before === undefined
      ? []
      : { fault: 'released twice' as const, what: `one question was answered by ${before.by} and by ${release.by}` };
  });
}

/** (a) By replay. */
function disclosedWithoutConsent(log: readonly Recorded[]): readonly Violation[] {
  const standing = new Set<string>();
  return log.flatMap(({ seq, says }) => {
    if (says === undefined) return [];
    if (says.kind === 'grant') standing.add(says.consent);
    if (says.kind === 'withdrawal') standing.delete(says.consent);
    return says.kind !== 'disclosure' || standing.has(says.consent)
      ? []
      : { fault: 'disclosed without consent' as const, what: `at ${seq}, under consent ${says.consent}` };
  });
}

/**
 * (b) The next withdrawal of the same consent, found by the log's order so that a later grant hides nothing, must not
 * have been acknowledged before the release left. Where the grant is known, the withdrawal that ended that very grant
 * counts too: it may lie before the disclosure.
 */
export function lateReleases(
  history: History,
  log: readonly Recorded[],
): { readonly late: readonly Violation[]; readonly residual: number } {
  const places = placesIn(log);
  const withdrawals = new Map<string, { seq: number; acknowledged: number }[]>();
  for (const { kind, consent, entry, acknowledged, repeated } of history.acknowledged) {
    const seq = places.get(entry)?.seq;
    if (kind !== 'withdrawal' || seq === undefined || repeated === true) continue;
    withdrawals.set(consent, [...(withdrawals.get(consent) ?? []), { seq, acknowledged }]);
  }
  // Those that nobody acknowledged end a grant as well; without them, a later one would be taken for the next.
  const all = new Map<string, number[]>();
  for (const { seq, says } of log)
    if (says?.kind === 'withdrawal') {
      const known = all.get(says.consent);
      if (known === undefined) all.set(says.consent, [seq]);
      else known.push(seq);
    }
  for (const [consent, known] of withdrawals)
    if (!all.has(consent))
      all.set(
        consent,
        known.map(({ seq }) => seq).toSorted((a, b) => a - b),
      );
  const acknowledgedAt = new Map<number, number>();
  for (const known of withdrawals.values())
    for (const { seq, acknowledged } of known) acknowledgedAt.set(seq, acknowledged);

  const late: Violation[] = [];
  let residual = 0;
  for (const release of history.releases) {
    const next = (after: number | undefined): number => {
      const seq = after === undefined ? undefined : firstAbove(all.get(release.consent) ?? [], after);
      return (seq === undefined ? undefined : acknowledgedAt.get(seq)) ?? Infinity;
    };
    const from = release.grant === undefined ? undefined : places.get(release.grant)?.seq;
    const known = Math.min(next(places.get(release.entry)?.seq), next(from));
    if (release.left < known) continue;
    if (release.checked < known && stoodStill(history.stops, release)) {
      residual += 1;
      continue;
    }
    const by = `${(release.left - known).toFixed(1)} ms after the withdrawal of consent ${release.consent} was acknowledged`;
    late.push({ fault: 'released after acknowledgement', what: `${release.by} released ${by}` });
  }
  return { late, residual };
}

function stoodStill(stops: readonly Stop[], { by, checked, left }: Release): boolean {
  return stops.some((stop) => stop.by === by && stop.from <= left && stop.until >= checked);
}

/** The least of rising numbers that is above `bound`. */
function firstAbove(rising: readonly number[], bound: number): number | undefined {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rising[middle] ?? Infinity) > bound) high = middle;
    else low = middle + 1;
  }
  return rising[low];
}

/**
 * (c) Each consent is a register that grants and withdrawals write and that disclosures and refusals read. The log is the
 * order in which all that took place: what was over before something else began must lie before it, and what was read
 * must be what was there.
 */
function againstRealTime({ acknowledged }: History, log: readonly Recorded[]): readonly Violation[] {
  const fault = 'against real time' as const;
  const told = new Map<string, Acknowledged>();
  for (const one of acknowledged) if (one.repeated !== true) told.set(one.entry, one);
  const violations: Violation[] = [];
  const standing = new Set<string>();
  let begun = -Infinity;
  for (const { seq, entry, says } of log) {
    if (says?.kind === 'grant') standing.add(says.consent);
    if (says?.kind === 'withdrawal') standing.delete(says.consent);
    if (says?.kind === 'refusal' && standing.has(says.consent))
      violations.push({ fault, what: `at ${seq}, consent ${says.consent} was refused while it stood` });
    const one = told.get(entry);
    if (one === undefined) continue;
    if (one.acknowledged < begun)
      violations.push({ fault, what: `the ${one.kind} at ${seq} was over before one that lies before it began` });
    begun = Math.max(begun, one.invoked);
  }
  return violations;
}

/** The tree recomputed from the leaves: every head that anybody was shown must be one that it went through. */
function contradictedCheckpoints({ checkpoints }: History, log: readonly Recorded[]): readonly Violation[] {
  const fault = 'checkpoint contradicted' as const;
  const violations: Violation[] = [];
  let head: Head = EMPTY_HEAD;
  for (const { size, root } of checkpoints.toSorted((a, b) => a.size - b.size)) {
    if (size > log.length) {
      violations.push({ fault, what: `a head of size ${size} was shown, and the log has ${log.length} entries` });
      continue;
    }
    head = grow(
      head,
      log.slice(head.size, size).map(({ leaf }) => Buffer.from(leaf, 'hex')),
    ).head;
    if (Buffer.from(head.root).toString('hex') !== root)
      violations.push({ fault, what: `the log does not have the root that was shown at size ${size}` });
  }
  return violations;
}

function recordedByWrongClocks({ acknowledged, wrongClocks }: History): readonly Violation[] {
  return acknowledged.flatMap(({ by, kind, repeated, ...one }) => {
    const wrong = wrongClocks.some(
      (clock) => clock.by === by && one.invoked > clock.from && one.acknowledged < clock.until,
    );
    return wrong && repeated !== true
      ? [{ fault: 'wrong clock' as const, what: `${by ?? 'somebody'} recorded a ${kind}` }]
      : [];
  });
}

interface Place {
  readonly seq: number;
  readonly leaf: string;
  readonly says?: Recorded['says'];
}

const known = new WeakMap<readonly Recorded[], ReadonlyMap<string, Place>>();

function placesIn(log: readonly Recorded[]): ReadonlyMap<string, Place> {
  const places = known.get(log) ?? new Map(log.map((one) => [one.entry, one]));
  known.set(log, places);
  return places;
}
