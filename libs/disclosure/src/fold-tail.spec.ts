import { decodeHeader } from '#ledger';
import { FoldedLog, foldTail, publishPolicy } from './index.js';
import { at, openCounty, operator, vocabulary } from '../testonly/county.js';

const NO_KEYS = { find: () => Promise.resolve(new Map<string, Uint8Array>()) };

describe('folding what another replica wrote', () => {
  it('stops at an entry whose content is there and whose key is not, instead of missing what it narrows', async () => {
    const county = openCounty();
    await publishPolicy(county, operator, at);
    const [publication] = county.log.stored;
    // This replica does not know the operator yet: it was enrolled a moment ago.
    const directory = new Map([...county.directory].filter(([id]) => id !== operator.id));
    const known = new FoldedLog();
    const { logId, keyring } = county;
    const fold = { logId, known, directory, keyring, wrappedKeys: NO_KEYS, vocabulary };
    await expect(foldTail(fold, county.log.stored)).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
    expect(known.size).toBe(0);
    expect(decodeHeader(publication!.header).type).toBe(50);
  });

  it('passes over an entry whose content has been destroyed', async () => {
    const county = openCounty();
    await publishPolicy(county, operator, at);
    const known = new FoldedLog();
    const { logId, keyring, directory } = county;
    const erased = county.log.stored.map((entry) => ({ ...entry, content: undefined, keys: [] }));
    await foldTail({ logId, known, directory, keyring, wrappedKeys: NO_KEYS, vocabulary }, erased);
    expect([known.size, known.policyDigest]).toEqual([1, undefined]);
  });
});
