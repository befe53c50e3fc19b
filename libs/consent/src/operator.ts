import type { AgencyId, Instant } from '#terms';
import type { Consent } from './consent.js';

/** Whether this release, alone and now, lets `agency` tell Postern's operator that it knows her. */
export function namesOperator(
  release: Consent,
  opening: { readonly agency: AgencyId; readonly operator: AgencyId; readonly at: Instant },
): boolean {
  throw new Error(`not yet ${release.id} ${opening.agency}`);
}
