import type { Handle } from '#matching';
import type { HandleId } from '#terms';
import type { Agency } from './agency.js';
import { DisclosureError } from './error.js';
import type { FoldedLog } from './folded-log.js';

/** The agency's own handle. One that nobody holds and one that is another agency's are refused in the same words. */
export function ownHandle(known: FoldedLog, agency: Agency, id: HandleId): Handle {
  const handle = known.handle(id);
  if (handle === undefined || handle.agency !== agency.id) {
    throw new DisclosureError('HANDLE_UNKNOWN', 'this is not a handle of your agency');
  }
  return handle;
}
