import { type Bundles, type Fold, type FoldedLog, foldTail } from '#disclosure';
import { LedgerError, type StoredEntry } from '#ledger';
import type { Bundle } from '#policy';

/**
 * The policies that hold on this replica. Another replica's publication takes effect here while it is folded, before
 * anything that was decided under the old ones can be recorded.
 */
export class LivePolicy {
  #bundle: Bundle;
  readonly #bundles: Bundles;

  constructor(bundle: Bundle, bundles: Bundles) {
    this.#bundle = bundle;
    this.#bundles = bundles;
  }

  get bundle(): Bundle {
    return this.#bundle;
  }

  /** Folds one entry at a time, so that an entry in words of a new vocabulary is read with that vocabulary. */
  async fold(fold: Omit<Fold, 'vocabulary'>, tail: readonly StoredEntry[]): Promise<readonly ReadonlySet<string>[]> {
    const touched: ReadonlySet<string>[] = [];
    for (const entry of tail) {
      const { known, logId, directory, keyring, wrappedKeys } = fold;
      const { vocabulary } = this.#bundle;
      touched.push(...(await foldTail({ known, logId, directory, keyring, wrappedKeys, vocabulary }, [entry])));
      await this.#follow(known);
    }
    return touched;
  }

  async #follow(known: FoldedLog): Promise<void> {
    const digest = known.policyDigest;
    if (digest === undefined || digest === this.#bundle.digest) return;
    const published = await this.#bundles.find(digest);
    // Without the policies that hold, this replica can decide nothing; it says so until it can read them.
    if (published === undefined) throw new LedgerError('LEDGER_UNAVAILABLE', 'the published policies cannot be read');
    this.#bundle = published;
  }
}
