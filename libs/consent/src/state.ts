import type { Instant } from '#terms';
import type { Consent, ConsentState, Member } from './consent.js';

/** The state at an instant; the only way to learn that a consent has expired. */
export function stateAt(consent: Consent, at: Instant): ConsentState {
  throw new Error(`not yet ${consent.id} ${at}`);
}
/** What a viewer may be shown: an inert release reads `not_asked` to everyone but the advocate who enrolled her. */
export function stateShownTo(consent: Consent, viewer: Member, at: Instant): ConsentState | 'not_asked' {
  throw new Error(`not yet ${consent.id} ${viewer.agency} ${at}`);
}
