import type { RestAccess } from '../access.js';
import { ConnectorError } from '../error.js';
import { type Budget, Https } from '../https.js';
import type { RestField, RestMapping, RestRead } from '../mapping.js';
import type { Raw, Reader } from '../source.js';
import { tokens } from './token.js';

/** Reads JSON from an agency's own API, once for each configured read that an asked field needs. */
export function restReader(mapping: RestMapping, access: RestAccess): Reader<RestField> {
  const https = new Https(mapping.source, access, mapping.limits);
  const token = tokens(mapping, access, https);

  async function get(read: RestRead, localId: string, budget: Budget, stop: AbortSignal): Promise<unknown> {
    const url = new URL(read.get.replace('{id}', encodeURIComponent(localId)), https.base);
    const ask = async () =>
      https.getJson(url, ['application/json'], `Bearer ${await token.current(stop)}`, budget, stop);
    let got = await ask();
    if (got.kind === 'unauthorised') {
      // A token may be revoked before it expires; a fresh one that is refused too is the server's last word.
      token.forget();
      got = await ask();
    }
    if (got.kind === 'unauthorised')
      throw new ConnectorError('SOURCE_REFUSED', `${mapping.source} does not accept our token`, { wholeSource: true });
    if (got.kind === 'absent') return undefined;
    const named: unknown = await read.person.evaluate(got.body);
    const people = [named].flat();
    if (
      people.length === 0 ||
      !people.every(
        (person) => (typeof person === 'string' || typeof person === 'number') && String(person) === localId,
      )
    )
      throw new ConnectorError('SOURCE_GARBAGE', `${mapping.source} answered about somebody else`);
    return got.body;
  }

  return {
    async read(localId, asked, { stop }): Promise<Raw<RestField> | undefined> {
      // `.` and `..` would climb out of the path they are put into.
      if (localId === '' || /^\.+$/.test(localId))
        throw new ConnectorError('SOURCE_REFUSED', `${mapping.source} cannot have a person with this local id`);
      const budget: Budget = { bytes: mapping.limits.size };
      const needed = [...mapping.reads].filter(([name]) => asked.some(({ from }) => from === name));
      const documents = new Map(
        await Promise.all(needed.map(async ([name, read]) => [name, await get(read, localId, budget, stop)] as const)),
      );
      if ([...documents.values()].every((document) => document === undefined)) return undefined;
      return rawOf(asked, documents);
    },
    close: () => https.close(),
  };
}

/** Where in what each read brought the fields stand. */
export async function rawOf(
  asked: readonly RestField[],
  documents: ReadonlyMap<string, unknown>,
): Promise<Raw<RestField>> {
  const raw = new Map<RestField, readonly unknown[]>();
  for (const field of asked) {
    const document = documents.get(field.from);
    raw.set(field, document === undefined ? [] : [await field.path.evaluate(document)]);
  }
  return raw;
}
