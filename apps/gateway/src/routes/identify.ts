import { type Agency, type Caller, checkStanding, DisclosureError } from '#disclosure';
import { type Instant, nearestWord } from '#terms';
import { type CallerContext, WebError } from '#web';
import type { Gateway } from '../gateway.js';

/** Who asks, and the one instant of what is asked. */
export interface Asking {
  readonly agency: Agency;
  readonly caller: Caller;
  readonly at: Instant;
}

/** Turns a verified caller context into a caller that the agency has enrolled, or says what it has not. */
export function identify(gateway: Gateway, context: CallerContext): Asking {
  const agency = gateway.directory.get(context.agency);
  if (agency === undefined) throw new WebError('AGENCY_UNKNOWN', 'the agency is not enrolled');
  // The guard has asked this; whoever identifies again after waiting asks it of what was folded meanwhile.
  checkStanding(gateway, agency, context);
  // THREAT: a unit that nobody enrolled has no tie recorded against it.
  if (context.unit !== undefined && !agency.units.has(context.unit))
    throw new DisclosureError('NOT_ALLOWED', 'the caller context names a unit that the agency has not enrolled');
  const { roles } = gateway.policy.vocabulary;
  if (!roles.has(context.role)) {
    const meant = nearestWord(context.role, roles.keys());
    const hint = meant === undefined ? `one of ${[...roles.keys()].join(', ')}` : `did you mean ${meant}?`;
    throw new WebError('CALLER_MALFORMED', `the role of the caller context is not known: ${hint}`);
  }
  return { agency, caller: context, at: gateway.now() };
}
