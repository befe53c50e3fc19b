import type { Sequencer } from '#ledger';
import type { Bundle } from '#policy';
import type { AgencyId } from '#terms';
import type { Directory } from './agency.js';
import type { Change } from './change.js';
import type { FoldedLog } from './folded-log.js';
import type { Clock, Keyring, Random } from './ports.js';
import type { Source } from './source.js';

/** All that the use cases stand on, joined once by an app. Nothing here is optional: without a policy nothing is decided. */
export interface Gate {
  /** 16 bytes; bound into every sealed body and receipt. */
  readonly logId: Uint8Array;
  readonly known: FoldedLog;
  readonly sequencer: Pick<Sequencer<Change>, 'position' | 'submit' | 'catchUp'>;
  readonly directory: Directory;
  /** The bundle that is live on this replica. Replaced whole by a publication, never edited. */
  readonly policy: Bundle;
  /** An agency's own system; undefined where it has none that we can ask. */
  readonly sources: ReadonlyMap<AgencyId, Source>;
  /** The member that stands for Postern's operator: her release must name it before she is known here at all. */
  readonly operator: AgencyId;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
}

/** Milliseconds. */
export interface Limits {
  /** L: an answer leaves within this of sending its append, or not at all; a withdrawal is acknowledged after it. */
  readonly lease: number;
  /** How long one source has. */
  readonly source: number;
  /** When a uniform answer leaves, counted from the question's arrival: later than any source may take. */
  readonly uniform: number;
  /** How long a question may be decided anew before it is given up undecided. */
  readonly question: number;
}
