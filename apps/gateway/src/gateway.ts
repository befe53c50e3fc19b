import type { Pool } from 'pg';
import type {
  Bundles,
  Change,
  Clock,
  Directory,
  Entries,
  FoldedLog,
  Gate,
  Keyring,
  Limits,
  Random,
  Source,
  WrappedKeys,
} from '#disclosure';
import type { Sequencer } from '#ledger';
import type { Bundle } from '#policy';
import type { AgencyId, Instant } from '#terms';
import type { Checkpoints } from './checkpoints.js';

/** What the routes stand on: the gate of the use cases, and what reads the ledger back. A class so that Nest can name it. */
export abstract class Gateway implements Gate {
  abstract readonly logId: Uint8Array;
  abstract readonly known: FoldedLog;
  abstract readonly sequencer: Sequencer<Change>;
  abstract readonly directory: Directory;
  abstract readonly policy: Bundle;
  abstract readonly sources: ReadonlyMap<AgencyId, Source>;
  abstract readonly operator: AgencyId;
  abstract readonly keyring: Keyring;
  abstract readonly clock: Clock;
  abstract readonly random: Random;
  abstract readonly limits: Limits;
  abstract readonly entries: Entries;
  abstract readonly bundles: Bundles;
  abstract readonly wrappedKeys: WrappedKeys;
  abstract readonly checkpoints: Checkpoints;
  abstract readonly pool: Pool;
  /** The one place where a request gets its instant from. */
  abstract readonly now: () => Instant;
}
