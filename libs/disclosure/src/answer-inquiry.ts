import type { Instant, QuestionId, Role } from '#terms';
import type { Agency, Caller } from './agency.js';
import { keyOf } from './change.js';
import { type Committed, commitChange } from './commit-change.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';
import type { Inquiry, InquiryAnswer } from './inquiry.js';
import { isTied, joinedWith } from './tied.js';

const SYSTEM = 'system' as Role;

export type InquiryReply =
  | { readonly kind: 'confirm'; readonly grounds: readonly string[]; readonly reason: string }
  | { readonly kind: 'decline' };

/** What waits for a person at this agency, as far as this one may see it. */
export function openInquiries(gate: Gate, agency: Agency, reader: Caller, at: Instant): readonly Inquiry[] {
  return gate.known
    .waitingAt(agency.id)
    .flatMap(({ inquiry }) => (isTied(gate, agency, reader, [inquiry.person], at) ? [] : [inquiry]));
}

/**
 * A person at the discloser confirms or declines named grounds, by her own judgement and with her own reason. Nothing
 * leaves by this: whoever asked must ask again. Declining and never answering look the same to it.
 */
export function answerInquiry(
  gate: Gate,
  agency: Agency,
  caller: Caller,
  id: QuestionId,
  reply: InquiryReply,
  at: Instant,
): Promise<Committed<void>> {
  if (caller.role === SYSTEM) throw new DisclosureError('NOT_ALLOWED', 'only a person can answer this, not a system');
  return commitChange(gate, agency, {
    at,
    caller,
    narrowing: reply.kind === 'decline',
    plan: () => {
      const state = gate.known.inquiry(id);
      if (state === undefined || state.inquiry.discloser !== agency.id || state.answer !== undefined) {
        throw unknown();
      }
      const { inquiry } = state;
      if (isTied(gate, agency, caller, [inquiry.person], at)) throw unknown();
      return {
        type: 'inquiry answered',
        changes: [
          {
            type: 'inquiry answered',
            inquiry: id,
            person: inquiry.person,
            answer: answerOf(inquiry, caller, reply, at),
          },
        ],
        reads: [...joinedWith(gate, [inquiry.person])].map(keyOf.person),
        result: undefined,
      };
    },
  });
}

function unknown(): DisclosureError {
  return new DisclosureError('QUESTION_UNKNOWN', 'no such question waits for your agency');
}

function answerOf(inquiry: Inquiry, caller: Caller, reply: InquiryReply, at: Instant): InquiryAnswer {
  if (reply.kind === 'decline') return { kind: 'declined', by: caller.officer, at };
  const strangers = reply.grounds.filter((ground) => !inquiry.grounds.includes(ground));
  if (reply.grounds.length === 0 || strangers.length > 0) {
    throw new DisclosureError(
      'QUESTION_INVALID',
      `only what was asked can be confirmed: ${inquiry.grounds.join(', ')}`,
    );
  }
  return { kind: 'confirmed', by: caller.officer, grounds: reply.grounds, reason: reply.reason, at };
}
