import type { EntryId, FieldName, Instant, Level } from '#terms';
import { SERVICE_ENROLMENT } from './enrolment.js';
import type { Agency } from './agency.js';
import type { Gate } from './gate.js';
import type { RecipientKey } from './recipient-key.js';
import type { Ruling } from './ruling.js';
import type { FieldAnswer, SourceAnswer } from './source.js';
import { openLocalId } from './keys.js';

/** What one discloser's side answered; a silent one did not answer in time, or could not. */
export type Answered =
  | { readonly ruling: Ruling; readonly kind: 'answered'; readonly present: Present }
  | { readonly ruling: Ruling; readonly kind: 'silent' }
  | { readonly ruling: Ruling; readonly kind: 'not asked' };

/** The fields of one discloser that will leave: granted, answered, and with a value. */
export type Present = ReadonlyMap<FieldName, Extract<FieldAnswer, { readonly present: true }>>;

/**
 * Asks every discloser with something granted for exactly those fields at exactly those levels, all at once, each with
 * its own deadline. One that stalls, refuses or answers garbage is silent; the others are not held up by it.
 *
 * A question that must be decided anew asks in what is left of its time, and once there is none everybody is silent.
 * THREAT: whoever keeps changing what a question rests on would see by how long it takes that somebody is asked.
 */
export function answer(
  gate: Gate,
  entry: EntryId,
  asker: Agency,
  rulings: readonly Ruling[],
  at: Instant,
  arrived: number,
): Promise<readonly Answered[]> {
  const { source, uniform } = gate.limits;
  // Halfway between the two lies what is certainly over when a uniform answer leaves, its append included.
  const left = arrived + (source + uniform) / 2 - gate.clock.monotonic();
  const recipientKey = gate.known.recipientKeysOf(asker.id).at(-1);
  const asked = { entry, at, deadline: Math.min(source, left), ...(recipientKey !== undefined && { recipientKey }) };
  return Promise.all(rulings.map((ruling) => ask(gate, asked, ruling)));
}

interface Asked {
  readonly entry: EntryId;
  readonly at: Instant;
  readonly deadline: number;
  readonly recipientKey?: RecipientKey;
}

async function ask(gate: Gate, { entry, at, deadline, recipientKey }: Asked, ruling: Ruling): Promise<Answered> {
  if (ruling.granted.size === 0) return { ruling, kind: 'not asked' };
  const { agency, handle } = ruling.discloser;
  const source = gate.sources.get(agency.id);
  const wanted = new Map(ruling.granted);
  wanted.delete(SERVICE_ENROLMENT);
  if (wanted.size === 0) return { ruling, kind: 'answered', present: presentOf(ruling, NO_ANSWER, wanted) };
  if (source === undefined || deadline <= 0) return { ruling, kind: 'silent' };
  const late = new AbortController();
  const inTime = gate.clock.after(deadline, () => late.abort(new DOMException('too late', 'TimeoutError')));
  try {
    const localId = await openLocalId(gate, handle);
    const { signal } = late;
    const sealTo = source.seals === true ? recipientKey : undefined;
    const request = {
      decision: entry,
      subject: handle.id,
      localId,
      fields: wanted,
      at,
      deadline,
      ...(sealTo !== undefined && { recipientKey: { ...sealTo.publicKey, kid: sealTo.kid } }),
    };
    const fields = await Promise.race([source.answer(request, signal), aborted(signal)]);
    return { ruling, kind: 'answered', present: presentOf(ruling, fields, wanted) };
  } catch {
    // A source's fault is never an answer, and never the asker's to see: it might say that a source exists at all.
    return { ruling, kind: 'silent' };
  } finally {
    inTime();
  }
}

const NO_ANSWER: SourceAnswer = new Map();

/** THREAT: a source that returns more than it was asked for. What was not wanted is dropped before anything sees it. */
function presentOf(ruling: Ruling, fields: SourceAnswer, wanted: ReadonlyMap<FieldName, Level>): Present {
  const present = new Map<FieldName, Extract<FieldAnswer, { readonly present: true }>>();
  for (const field of wanted.keys()) {
    const held = fields.get(field);
    if (held?.present === true) present.set(field, held);
  }
  // That an agency knows her is not in its system's records: the link itself says so.
  if (ruling.granted.has(SERVICE_ENROLMENT)) present.set(SERVICE_ENROLMENT, { present: true, value: true });
  return present;
}

/** A source that ignores its signal still does not hold anyone up. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
