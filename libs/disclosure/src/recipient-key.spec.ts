import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { encode } from 'cborg';
import type { Change } from './change.js';
import { decodeBody, encodeBody } from './entry-body.js';
import { publishRecipientKey, readRecipientKey, withdrawRecipientKey } from './index.js';
import {
  type County,
  ask,
  at,
  dvOfficer,
  hospital,
  openCounty,
  police,
  recordsOfficer,
  shelter,
  vocabulary,
} from '../testonly/county.js';
import { maraIn } from '../testonly/mara.js';

const newKey = () => generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
const PHONE = ['contact.safe_phone'];
const publish = (county: County, key: JsonWebKey) => publishRecipientKey(county, police, dvOfficer, key, at);
const withdraw = (county: County, kid: string) => withdrawRecipientKey(county, police, dvOfficer, kid, at);

/** The shelter's system runs where Postern cannot read. */
async function sealing() {
  const county = openCounty();
  const { atPolice } = await maraIn(county);
  const system = county.systems.get(shelter.id)!;
  system.seals = true;
  const asked = async () => {
    await ask(county, police, dvOfficer, atPolice, PHONE);
    return system.asked.at(-1)?.recipientKey;
  };
  return { county, system, asked, atPolice };
}

describe('a recipient key', () => {
  it('is handed to a source that seals, the newest first, until it is withdrawn', async () => {
    const { county, asked } = await sealing();
    expect(await asked()).toBeUndefined();
    const [first, second] = [newKey(), newKey()];
    const { result: kid } = await publish(county, first);
    expect(await asked()).toEqual({ kty: 'OKP', crv: 'X25519', x: first.x, kid });
    const { result: newer } = await publish(county, second);
    expect(await asked()).toMatchObject({ kid: newer });
    await withdraw(county, newer);
    expect(await asked()).toMatchObject({ kid });
    await withdraw(county, kid);
    expect(await asked()).toBeUndefined();
  });

  it('is not handed to a source that Postern reads itself, nor is another agency’s', async () => {
    const { county, system, asked } = await sealing();
    await publishRecipientKey(county, hospital, recordsOfficer, newKey(), at);
    expect(await asked()).toBeUndefined();
    await publish(county, newKey());
    system.seals = false;
    expect(await asked()).toBeUndefined();
  });

  it('that is withdrawn while a source seals under it, is used for nothing that leaves', async () => {
    const { county, system, asked, atPolice } = await sealing();
    const { result: kid } = await publish(county, newKey());
    system.meanwhile = () => {
      system.meanwhile = () => Promise.resolve();
      return withdraw(county, kid);
    };
    // The withdrawal waits for a lease, and so uses up the time in which a source could be asked again.
    expect((await ask(county, police, dvOfficer, atPolice, PHONE)).kind).toBe('uniform');
    expect(system.asked).toMatchObject([{ recipientKey: { kid } }]);
    expect(await asked()).toBeUndefined();
  });

  it('is withdrawn once no source can be asked to use it, and never comes back', async () => {
    const county = openCounty();
    const key = newKey();
    const { result: kid } = await publish(county, key);
    const began = county.clock.monotonic();
    await withdraw(county, kid);
    expect(county.clock.monotonic() - began).toBeGreaterThan(county.limits.lease);
    await expect(publish(county, key)).rejects.toMatchObject({ code: 'RECIPIENT_KEY_INVALID' });
    await expect(withdraw(county, kid)).rejects.toMatchObject({ code: 'RECIPIENT_KEY_UNKNOWN' });
  });

  it('lives once, and with few others', async () => {
    const county = openCounty();
    const key = newKey();
    await publish(county, key);
    await publish(county, key);
    expect(county.known.recipientKeysOf(police.id)).toHaveLength(1);
    for (let more = 0; more < 3; more++) await publish(county, newKey());
    await publish(county, key);
    await expect(publish(county, newKey())).rejects.toMatchObject({ code: 'RECIPIENT_KEY_INVALID' });
    const elsewhere = withdrawRecipientKey(county, hospital, recordsOfficer, readRecipientKey(key).kid, at);
    await expect(elsewhere).rejects.toMatchObject({ code: 'RECIPIENT_KEY_UNKNOWN' });
  });

  it('has one name, however its last bits are spelled', () => {
    const { x } = newKey();
    const other = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      .split('')
      .map((last) => x!.slice(0, -1) + last)
      .filter((spelled) => spelled !== x && Buffer.from(spelled, 'base64url').equals(Buffer.from(x!, 'base64url')));
    expect(other).toHaveLength(3);
    const kids = [x!, ...other].map((spelled) => readRecipientKey({ kty: 'OKP', crv: 'X25519', x: spelled }).kid);
    expect(new Set(kids).size).toBe(1);
  });

  it.each([
    ['nothing', null],
    ['a private key', generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })],
    ['a key for signing', generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })],
    ['a short key', { kty: 'OKP', crv: 'X25519', x: 'AAAA' }],
    ['the point that makes every secret zero', { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) }],
    ['the point of order two', { kty: 'OKP', crv: 'X25519', x: `AQ${'A'.repeat(41)}` }],
  ])('is not %s', (_, jwk) => {
    expect(() => readRecipientKey(jwk)).toThrow('the recipient key cannot be used');
  });

  it('reads back from the ledger as it was written, and nothing else does', () => {
    const key = readRecipientKey(newKey());
    const said = { agency: police.id, by: { agency: police.id, officer: dvOfficer.officer }, at };
    const changes: readonly Change[] = [
      { type: 'recipient key published', ...said, key },
      { type: 'recipient key withdrawn', ...said, kid: key.kid },
    ];
    expect(decodeBody(encodeBody({ changes }, vocabulary), vocabulary).changes).toEqual(changes);
    expect(createPublicKey({ key: { ...key.publicKey }, format: 'jwk' }).asymmetricKeyType).toBe('x25519');
    for (const torn of [
      [police.id, 'A'.repeat(43), police.id, 'o-1', at],
      [police.id, key.kid],
    ])
      expect(() => decodeBody(encode([null, [[54, torn]]]), vocabulary)).toThrow('does not read as a change');
  });
});
