import { randomBytes } from 'node:crypto';
import { decodeHeader, seal } from '#ledger';
import type { OfficerId } from '#terms';
import { encodeBody, ENTRY_TYPE, FoldedLog, foldTail, publishPolicy } from './index.js';
import { at, open, openCounty, operator, police, vocabulary } from '../testonly/county.js';

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

  it('forgets the keys of whoever was erased elsewhere', async () => {
    const county = openCounty();
    const { person } = county.known.handle(await open(county, police, 'P-55821'))!;
    const { logId, directory } = county;
    await county.sequencer.catchUp();
    const erased = { persons: [person], links: [], codes: [], ground: { kind: 'asked' as const }, at };
    const change = { type: 'person erased' as const, ...erased, orderedBy: 'o-12' as OfficerId };
    const body = encodeBody({ changes: [change] }, vocabulary);
    const keys = [
      { id: Buffer.from(operator.keyId, 'hex'), secret: await county.keyring.open('', operator.wrappedKey) },
    ];
    const sealed = { id: randomBytes(16), type: ENTRY_TYPE['person erased'], at, policy: randomBytes(32), body, keys };
    const forgotten: string[] = [];
    const keyring = { ...county.keyring, forget: (id: string) => void forgotten.push(id) };
    const { known } = county;
    const entry = { ...seal(logId, sealed, randomBytes), seq: known.size };
    await foldTail({ logId, known, directory, keyring, wrappedKeys: NO_KEYS, vocabulary }, [entry]);
    expect([forgotten, known.wrappedKey(person), known.handleOf(person)]).toEqual([[person], undefined, undefined]);
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
