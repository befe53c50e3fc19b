import type { DataSource } from 'typeorm';
import type { Bundles, WrappedKeys } from '#disclosure';
import { type Bundle, type PolicyFile, parseBundle } from '#policy';
import { type Vocabulary, parseVocabulary } from '#terms';
import { AgencyRow, BundleRow, PersonRow } from './rows.js';

/** Keeps a bundle's files by its digest, so that what was decided under it can be explained for as long as it is kept. */
export async function keepBundle(
  source: DataSource,
  bundle: Bundle,
  files: readonly PolicyFile[],
  vocabularyText: string,
): Promise<void> {
  await source
    .createQueryBuilder()
    .insert()
    .into(BundleRow)
    .values({ digest: bundle.digest, files: [...files], vocabulary: vocabularyText })
    .orIgnore()
    .execute();
}

/** Reads back the bundles of past decisions. Stored files are outside data: they are parsed again, and must agree with their digest. */
export class StoredBundles implements Bundles {
  readonly #source: DataSource;
  readonly #parsed = new Map<string, Bundle>();

  constructor(source: DataSource) {
    this.#source = source;
  }

  async find(digest: string): Promise<Bundle | undefined> {
    const known = this.#parsed.get(digest);
    if (known !== undefined) return known;
    const row = await this.#source.getRepository(BundleRow).findOneBy({ digest });
    if (row === null) return undefined;
    const vocabulary: Vocabulary = parseVocabulary(row.vocabulary, 'vocabulary.yaml');
    const bundle = parseBundle(row.files, vocabulary);
    if (bundle.digest !== digest) return undefined;
    this.#parsed.set(digest, bundle);
    return bundle;
  }
}

/** Finds wrapped keys of persons and agencies made known elsewhere since this replica last looked. */
export class StoredKeys implements WrappedKeys {
  readonly #source: DataSource;

  constructor(source: DataSource) {
    this.#source = source;
  }

  async find(ids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const persons = await this.#source.getRepository(PersonRow).findBy(ids.map((id) => ({ id })));
    if (persons.length > 0) return new Map(persons.map(({ id, wrappedKey }) => [id.replaceAll('-', ''), wrappedKey]));
    const agencies = await this.#source.getRepository(AgencyRow).findBy(ids.map((keyId) => ({ keyId })));
    return new Map(agencies.map(({ keyId, wrappedKey }) => [keyId.replaceAll('-', ''), wrappedKey]));
  }
}
