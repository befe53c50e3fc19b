import type { Instant, QuestionId, Role } from '#terms';
import type { Agency, Caller } from './agency.js';
import { type Committed, commitChange } from './commit-change.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';
import type { Inquiry, InquiryAnswer } from './inquiry.js';

const SYSTEM = 'system' as Role;

export type InquiryReply =
  | { readonly kind: 'confirm'; readonly grounds: readonly string[]; readonly reason: string }
  | { readonly kind: 'decline' };

/** What waits for a person at this agency. */
export function openInquiries(gate: Gate, agency: Agency): readonly Inquiry[] {
  return gate.known.waitingAt(agency.id).map(({ inquiry }) => inquiry);
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
    narrowing: reply.kind === 'decline',
    plan: () => {
      const state = gate.known.inquiry(id);
      if (state === undefined || state.inquiry.discloser !== agency.id || state.answer !== undefined) {
        throw new DisclosureError('QUESTION_UNKNOWN', 'no such question waits for your agency');
      }
      const { inquiry } = state;
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
        reads: [],
        result: undefined,
      };
    },
  });
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
