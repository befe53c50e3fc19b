import type { Agency } from './agency.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';

/**
 * Whether an agency may go on, on the map as it is now. It was asked when the request came in; asked again whenever the map
 * has changed, it keeps whoever was suspended meanwhile, by another replica too, from anything that was under way.
 */
export function checkStanding(gate: Pick<Gate, 'known'>, agency: Agency): void {
  if (gate.known.isSuspended(agency.id)) throw new DisclosureError('AGENCY_SUSPENDED', 'the agency is suspended');
}
