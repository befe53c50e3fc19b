import type { Instant } from '#terms';
import type { Consent, ConsentState, Member } from './consent.js';
import { endsAt } from './end.js';

/**
 * The state at an instant; the only way to learn that a consent has expired.
 *
 * Time is believed only where it narrows. A permit is `pending` before it began; but a withdrawn one is withdrawn, and
 * a refusal in force, even at an instant before that was said: a gateway whose clock is slow must not release.
 */
export function stateAt(consent: Consent, at: Instant): ConsentState {
  if (consent.state !== 'active') return consent.state;
  const over = endsAt(consent.directive.scope.end, consent.signing.recordedAt);
  if (over !== undefined && at >= over) return 'expired';
  if (consent.directive.kind === 'refuse') return 'active';
  if (consent.used !== undefined) return 'expired';
  return at < consent.activeFrom ? 'pending' : 'active';
}

/** What a viewer may be shown: an inert release reads `not_asked` to everyone but the advocate who enrolled her. */
export function stateShownTo(consent: Consent, viewer: Member, at: Instant): ConsentState | 'not_asked' {
  const state = stateAt(consent, at);
  if (consent.state !== 'inert') return state;
  const { enrolledBy } = consent;
  return viewer.agency === enrolledBy.agency && viewer.officer === enrolledBy.officer ? 'inert' : 'not_asked';
}
