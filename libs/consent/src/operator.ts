import type { AgencyId, Instant } from '#terms';
import type { Consent } from './consent.js';
import { stateAt } from './state.js';

/**
 * Whether this release, now and by itself, lets `agency` tell Postern's operator that it knows her. Asked before any
 * handle of hers exists: for a victim service the index itself is a disclosure (28 CFR 94.115), so that until then not
 * even a random name of hers may be kept.
 */
export function namesOperator(
  release: Consent,
  opening: { readonly agency: AgencyId; readonly operator: AgencyId; readonly at: Instant },
): boolean {
  const { directive } = release;
  return (
    directive.kind === 'permit' &&
    stateAt(release, opening.at) === 'active' &&
    directive.scope.unresolved.length === 0 &&
    directive.scope.disclosers.includes(opening.agency) &&
    directive.scope.recipients.includes(opening.operator)
  );
}
