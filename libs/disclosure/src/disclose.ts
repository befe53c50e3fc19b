import type { DecisionId, EntryId, Instant } from '#terms';
import type { Agency } from './agency.js';
import { answer } from './answer.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';
import { link } from './link.js';
import { type Question, checkQuestion } from './question.js';
import { recordDecision, recordNotReleased } from './record.js';
import { rule } from './ruling.js';
import { type Release, compose } from './release.js';
import { situate } from './situate.js';
import { checkStanding } from './standing.js';

/** What an asker gets. Everything that is not a release has the one uniform shape, whatever the reason. */
export type Answer =
  | { readonly kind: 'uniform'; readonly decision: DecisionId; readonly receipt: Uint8Array }
  | (Release & { readonly kind: 'released'; readonly decision: DecisionId; readonly receipt: Uint8Array });

/**
 * Decides one question field by field, records the decision durably, and only then lets `deliver` write the answer.
 * `deliver` is called at most once, and must hand the bytes to the connection before it returns.
 *
 * Throws `AGENCY_SUSPENDED` or `CERTIFICATE_REVOKED` where the asker has been shut out since it was let in, `UNDECIDED` where the map kept changing under the question, `RELEASE_TOO_LATE` where the answer could not leave
 * within its lease, and whatever the ledger throws. After any exception nothing has left and nothing may.
 *
 * @example
 * await disclose(gate, countyPolice, question, instantOf(Date.now()), (answer) => reply.send(answer));
 */
export async function disclose(
  gate: Gate,
  asker: Agency,
  question: Question,
  at: Instant,
  deliver: (answer: Answer) => void,
): Promise<void> {
  const arrived = gate.clock.monotonic();
  let attempt = 0;
  try {
    checkQuestion(question, asker, gate.policy.vocabulary);
    while (attempt < 2 && gate.clock.monotonic() - arrived < gate.limits.question) {
      const entry = gate.random(16);
      const basis = gate.sequencer.position;
      checkStanding(gate, asker, question.asker);
      const linked = link(gate.known, gate.directory, asker, question.subject);
      const situated = situate(gate, asker, question, linked, at);
      const rulings = rule(gate, question, situated, at);
      const answered = await answer(gate, entryIdOf(entry), asker, rulings, at, arrived);
      // A crash up to here leaves nothing behind: sources were read, nothing was recorded, nothing has left.

      const decided = { entry, basis, attempt, asker, question, linked, answered, at };
      const outcome = await recordDecision(gate, decided);
      // A crash from here on leaves an entry that says more was released than was. That is the safe direction: nothing
      // ever leaves that the ledger does not hold.

      if (outcome.kind === 'stale') continue;
      const release = outcome.kind === 'repeated' ? undefined : compose(gate.policy, answered);
      if (outcome.kind === 'repeated' || release === undefined) {
        await gate.clock.until(arrived + gate.limits.uniform);
        return deliver({ kind: 'uniform', decision: question.decision, receipt: outcome.receipt });
      }
      // INVARIANT: between this reading of the clock and the write inside `deliver` nothing is awaited. What remains is a
      // pause of the whole process just there.
      if (gate.clock.monotonic() - outcome.startedAt < gate.limits.lease) {
        return deliver({ kind: 'released', decision: question.decision, receipt: outcome.receipt, ...release });
      }
      await recordNotReleased(gate, decided);
      attempt += 1;
    }
    if (attempt > 0)
      throw new DisclosureError('RELEASE_TOO_LATE', 'the answer could not leave in time; nothing was released');
    throw new DisclosureError('UNDECIDED', 'the question could not be decided in time; nothing was released');
  } catch (error) {
    // While the ledger is out of reach, a failure that came sooner where nobody was asked would tell who is.
    await gate.clock.until(arrived + gate.limits.uniform);
    throw error;
  }
}

function entryIdOf(bytes: Uint8Array): EntryId {
  return Buffer.from(bytes).toString('hex') as EntryId;
}
