import { createReadStream, readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { Clock } from '#disclosure';
import { openCheckpoint, parseVerifierKey, verifyConsistency, verifyExport, verifyInclusion } from '#ledger';
import { MasterKeyring } from '../../apps/gateway/src/master-keyring.js';
import { operate } from '../../apps/gateway/src/operate/run.js';
import type { Reply } from '../../apps/sandbox/src/client.js';
import { runStory } from '../../apps/sandbox/src/story.js';
import { type OpenSandbox, openSandbox } from './open-sandbox.js';

/** She asks that nothing be known of her any more. Then somebody finds last week's backup. */
describe('her erasure', () => {
  let open: OpenSandbox;
  const told: string[] = [];
  const dvOfficer = { officer: 's.lindqvist', role: 'police_officer', unit: 'domestic-violence-unit' };
  /** Nothing here depends on how long a minute is. */
  const clock: Clock = { monotonic: () => performance.now(), until: () => Promise.resolve(), after: () => () => {} };

  beforeAll(async () => {
    open = await openSandbox();
    await runStory(open.sandbox, () => undefined);
  }, 120_000);

  afterAll(() => open?.close());

  const command = async (...argv: readonly string[]): Promise<number> => {
    const { config, databaseUrl } = open.sandbox.operating;
    told.length = 0;
    return operate([...argv, '--config', config], {
      environment: { DATABASE_URL: databaseUrl },
      clock,
      print: (line) => void told.push(line),
    });
  };
  const police = () => open.sandbox.client('county-police');
  const handleOf = async (localId: string): Promise<string> =>
    String((await police().post(dvOfficer, '/v1/handles', { localId })).json['handle']);
  const askAbout = async (subject: string): Promise<Reply> => {
    const fields = ['contact.safe_phone', 'protection_order.order', 'person.legal_name'];
    return police().post(dvOfficer, '/v1/disclosures', {
      decision: randomUUID(),
      subject,
      fields,
      purpose: 'protection_order',
    });
  };
  const verify = async () =>
    verifyExport(createReadStream(await open.sandbox.exportLedger()), parseVerifierKey(open.sandbox.verifierKey));
  const get = async (path: string) => (await police().get(dvOfficer, path)).json;

  it('leaves proofs that hold, and nothing of her', async () => {
    const hers = await handleOf('P-55821');
    const before = await askAbout(hers);
    expect(Object.keys(before.json)).toContain('fields');
    const entry = Buffer.from(String(before.json['receipt']), 'base64url').subarray(0, 16).toString('hex');
    const sound = await verify();
    expect(sound).toMatchObject({ kind: 'sound', erased: 0 });
    const key = parseVerifierKey(open.sandbox.verifierKey);

    expect(await command('erase', hers, '--officer', 'o-12', '--joined')).toBe(0);
    expect(told.join('\n')).toMatch(/4 copies erased from live now.*content of \d+ entries/);
    expect(told.join('\n')).toMatch(/Erased from backups by 20\d\d-\d\d-\d\d, when key epoch 1 is due to end/);

    const uniform = await askAbout(hers);
    expect([uniform.status, Object.keys(uniform.json).toSorted()]).toEqual([200, ['decision', 'receipt']]);
    const nobodys = await askAbout('A'.repeat(22));
    expect(nobodys.text.length).toBe(uniform.text.length);
    expect(nobodys.headers.map((header) => header.replace(/GMT|\d/g, '')).length).toBe(uniform.headers.length);

    const after = await verify();
    expect(after).toMatchObject({ kind: 'sound' });
    expect(after.kind === 'sound' && after.erased > 10).toBe(true);
    // The decision of which nothing can be read any more is where it was: its receipt is provable still.
    const proof = await get(`/v1/ledger/proofs/inclusion?entry=${entry}`);
    const { size, root } = openCheckpoint(String(proof['checkpoint']), [key]);
    const path = (proof['proof'] as readonly string[]).map(bytes);
    expect(verifyInclusion(Number(proof['index']), size, bytes(proof['leaf']), path, root)).toBe(true);
    const from = sound.kind === 'sound' ? sound : undefined;
    const grown = await get(`/v1/ledger/proofs/consistency?from=${from?.size}&to=${size}`);
    const steps = (grown['proof'] as readonly string[]).map(bytes);
    expect(verifyConsistency(from?.size ?? 0, size, steps, from?.root ?? root, root)).toBe(true);
    expect(readFileSync(await open.sandbox.exportLedger(), 'utf8')).not.toContain(hers);

    // The police know her anew, as somebody whom nobody has ever spoken of.
    expect(await handleOf('P-55821')).not.toBe(hers);
  }, 120_000);

  it('is not ordered twice, nor of nobody, nor by nobody, and a hold stops it', async () => {
    const another = await handleOf('P-60001');
    expect(await command('erase', 'A'.repeat(22), '--officer', 'o-12')).toBe(1);
    expect(told).toEqual(['postern: nobody has this handle']);
    expect(await command('erase', another)).toBe(2);
    expect(told).toEqual(['postern: who orders it? --officer ID']);
    expect(await command('hold', another, '--officer', 'o-12', '--basis', 'preservation letter')).toBe(0);
    expect(await command('erase', another, '--officer', 'o-12')).toBe(1);
    expect(told.at(-1)).toBe('postern: a legal hold lies on this handle');
    expect(await command('retention', '--at', '2199-01-01T00:00:00Z')).toBe(0);
    expect(told.find((line) => line.includes(another))).toMatch(/^held /);
    expect(await command('hold', another, '--officer', 'o-12', '--lift')).toBe(0);
    expect(await command('retention', '--at', '2199-01-01T00:00:00Z')).toBe(0);
    expect(told.find((line) => line.includes(another))).toMatch(/^due .* us-protection-orders$/);
    expect(await command('retention', '--erase', '--officer', 'o-12')).toBe(0);
    expect(told.find((line) => line.includes(another))).toMatch(/^kept /);
    expect(await verify()).toMatchObject({ kind: 'sound' });
  }, 120_000);

  it('is heard of by a gateway that nobody asks: it keeps no key of hers open', async () => {
    const quiet = await handleOf('P-60004');
    const forgetting = jest.spyOn(MasterKeyring.prototype, 'forget');
    expect(await command('erase', quiet, '--officer', 'o-12')).toBe(0);
    while (forgetting.mock.calls.length === 0) await sleep(50);
    expect(forgetting.mock.calls[0]?.[0]).toMatch(/^[0-9a-f]{32}$/);
    forgetting.mockRestore();
  });

  it('reaches the backups when the key epoch ends, and gateways go on', async () => {
    const living = await handleOf('P-60002');
    const keys = join(dirname(open.sandbox.operating.config), 'key-epochs');
    const old = readFileSync(keys, 'utf8');
    expect(await command('rotate-keys')).toBe(0);
    expect(told[0]).toMatch(/^Key epoch 2 wraps all \d+ keys/);
    const now = readFileSync(keys, 'utf8');
    expect([now.startsWith('2 '), now.includes(old.trim())]).toEqual([true, false]);
    // A gateway that remembers the old wrapping finds the new one.
    expect((await askAbout(living)).status).toBe(200);
    expect(await handleOf('P-60003')).toMatch(/^[\w-]{22}$/);
    expect(await command('erase', living, '--officer', 'o-12')).toBe(0);
    expect(told.join('\n')).toMatch(/when key epoch 2 is due to end/);
    expect(await verify()).toMatchObject({ kind: 'sound' });
  }, 120_000);
});

function bytes(text: unknown): Buffer {
  return Buffer.from(String(text), 'base64');
}
