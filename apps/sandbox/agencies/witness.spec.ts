import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  encodeAddCheckpoint,
  noteSigner,
  noteVerifier,
  openCosigned,
  signCheckpoint,
  verifyConsistency,
  witnessSigner,
  witnessVerifier,
} from '#ledger';
import { askWitness, type WitnessAddress } from '../../gateway/src/ask-witness.js';
import { type County, police, shelter, startCounty } from '../../gateway/testonly/county.js';
import { enrolMara } from '../../gateway/testonly/mara.js';
import { type RunningWitness, startWitness } from './witness.js';

const ORIGIN = 'test.example/postern';
const name = 'witness.example/w1';
const key = generateKeyPairSync('ed25519').privateKey;
const witnessKey = witnessVerifier(name, createPublicKey(key));
const ledgerKey = generateKeyPairSync('ed25519').privateKey;
const logKey = noteVerifier(ORIGIN, createPublicKey(ledgerKey));
const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-witness-'));
  folders.push(folder);
  return folder;
};
const witnessIn = (folder: string, port = 0): Promise<RunningWitness> =>
  startWitness({ name, key, logs: [logKey], folder, port, now: () => Date.now() });
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** Where it never comes true, the test runs out of time. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50);
}

const unproven = (): Promise<Uint8Array[]> => Promise.resolve([]);
const answering = async (listener: RequestListener): Promise<[Server, WitnessAddress]> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return [server, { key: witnessKey, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }];
};

/** Never ends, and never has more on the way than the other side takes. */
function feed(response: Parameters<RequestListener>[1]): void {
  while (!response.destroyed && response.write('x'.repeat(65_536)));
  if (!response.destroyed) response.once('drain', () => feed(response));
}

describe('a stand-in witness', () => {
  const signer = noteSigner(ORIGIN, ledgerKey);
  const note = (size: number, root = 1): string =>
    signCheckpoint({ origin: ORIGIN, size, root: Buffer.alloc(32, root) }, signer);

  it('answers each request with the status of the protocol, and remembers through its end', async () => {
    const folder = newFolder();
    let witness = await witnessIn(folder);
    const post = async (body: string): Promise<readonly [number, string, string | null]> => {
      const answer = await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body });
      return [answer.status, await answer.text(), answer.headers.get('content-type')];
    };
    const ask = (oldSize: number, of: string, proof: Uint8Array[] = []) =>
      post(encodeAddCheckpoint({ oldSize, proof, note: of }));
    const [status, lines] = await ask(0, note(5));
    expect(status).toBe(200);
    expect(openCosigned(`${note(5)}${lines}`, [logKey], [witnessKey]).cosignatures).toHaveLength(1);
    await witness.close();
    witness = await witnessIn(folder);
    expect(await ask(0, note(9))).toEqual([409, '5\n', 'text/x.tlog.size']);
    expect((await ask(5, note(5)))[0]).toBe(200);
    expect((await ask(5, note(5, 2)))[0]).toBe(422);
    expect((await ask(5, note(9), [Buffer.alloc(32)]))[0]).toBe(422);
    expect((await ask(7, note(5)))[0]).toBe(400);
    expect((await post('old 5\nhello'))[0]).toBe(400);
    expect((await post('x'.repeat(1 << 18)))[0]).toBe(413);
    const stranger = noteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey);
    const theirs = signCheckpoint({ origin: ORIGIN, size: 9, root: Buffer.alloc(32) }, stranger);
    expect((await ask(5, theirs))[0]).toBe(403);
    const other = noteSigner('test.example/other', ledgerKey);
    expect((await ask(0, signCheckpoint({ origin: other.name, size: 9, root: Buffer.alloc(32) }, other)))[0]).toBe(404);
    expect((await fetch(`${witness.url}/`)).status).toBe(404);
    await witness.close();
  });
});

describe('a gateway that asks a witness', () => {
  const checkpoint = signCheckpoint(
    { origin: ORIGIN, size: 256, root: Buffer.alloc(32, 1) },
    noteSigner(ORIGIN, ledgerKey),
  );
  const impostor = witnessSigner(name, generateKeyPairSync('ed25519').privateKey);

  it.each<[string, string, RequestListener]>([
    ['nothing', 'no answer', (request) => void request.socket.destroy()],
    ['an error', 'refused', (_, response) => void response.writeHead(500).end('oh')],
    ['no log of that name', 'refused', (_, response) => void response.writeHead(404).end()],
    ['a page', 'garbage', (_, response) => void response.end('<html>')],
    ['nothing to sign', 'garbage', (_, response) => void response.end('')],
    [
      'a line of somebody else',
      'garbage',
      (_, response) => void response.end(`— ${impostor.name} ${Buffer.alloc(76).toString('base64')}\n`),
    ],
    [
      'a line that does not verify',
      'garbage',
      (_, response) =>
        void response.end(`— ${name} ${Buffer.concat([witnessKey.keyId, Buffer.alloc(72, 1)]).toString('base64')}\n`),
    ],
    ['a size that is none', 'garbage', (_, response) => void response.writeHead(409).end('many\n')],
    ['a size beyond ours', 'knows a larger log', (_, response) => void response.writeHead(409).end('257\n')],
    ['another size each time', 'refused', (_, response) => void response.writeHead(409).end('128\n')],
    ['that it contradicts', 'does not follow from what it knows', (_, response) => void response.writeHead(422).end()],
    [
      'another address',
      'no answer',
      (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
    ['without end', 'no answer', (_, response) => feed(response.on('error', () => {}))],
  ])('and is told %s has no cosignature: %s', async (_, reason, listener) => {
    const [server, address] = await answering(listener);
    const asked = await askWitness(address, checkpoint, 0, unproven, AbortSignal.timeout(20_000));
    expect(asked).toMatchObject({ kind: 'not cosigned', reason });
    server.closeAllConnections();
    server.close();
  });

  it('waits for none for longer than it was told', async () => {
    const late = new AbortController();
    const [server, address] = await answering(() => late.abort());
    expect(await askWitness(address, checkpoint, 0, unproven, late.signal)).toMatchObject({ reason: 'no answer' });
    server.closeAllConnections();
    server.close();
  });
});

describe('a county with a witness', () => {
  let county: County;
  let witness: RunningWitness;
  const folder = newFolder();

  beforeAll(async () => {
    witness = await witnessIn(folder);
    county = await startCounty({
      ledger: { origin: ORIGIN, key: ledgerKey },
      publication: {
        every: 1_000,
        folder: path.join(newFolder(), 'public'),
        witnesses: { asked: [{ key: witnessKey, url: witness.url }], quorum: 1, longest: 3_000, afterwards: 'refuse' },
      },
    });
  }, 60_000);

  afterAll(async () => {
    await county.close();
    await witness.close();
  });

  it('publishes what the witness cosigned, and refuses disclosures, and nothing else, when it is gone for too long', async () => {
    const newest = async () =>
      openCosigned((await county.as(police).get('/v1/ledger/checkpoint')).text, [logKey], [witnessKey]);
    await until(async () => (await newest()).cosignatures.length === 1);
    const first = await newest();
    await until(async () => (await newest()).size > first.size);
    const second = await newest();
    expect([first.size % 256, second.size % 256, second.cosignatures.length]).toEqual([0, 0, 1]);
    const target = `/v1/ledger/proofs/consistency?from=${first.size}&to=${second.size}`;
    const { proof } = (await county.as(police).get(target)).body as { proof: string[] };
    const hashes = proof.map((hash) => Buffer.from(hash, 'base64'));
    expect(verifyConsistency(first.size, second.size, hashes, first.root, second.root)).toBe(true);

    const mara = await enrolMara(county);
    const question = () => ({
      decision: randomUUID(),
      subject: mara.atPolice,
      fields: ['person.legal_name'],
      purpose: 'safety_planning',
    });
    const ask = () => county.as(police).post('/v1/disclosures', question());
    await until(async () => (await ask()).status === 200);

    await witness.close();
    await until(async () => (await ask()).status === 503);
    const refused = await ask();
    expect(refused.body['code']).toBe('ledger_unwitnessed');
    expect(refused.headers['retry-after']).toBe('60');
    // She may take back what she said, and whatever else protects her may be recorded.
    const withdrawn = await county.as(shelter).post(`/v1/persons/${mara.atShelter}/withdrawals`, { from: 'everyone' });
    expect([200, 201]).toContain(withdrawn.status);
    const fact = { fact: 'address_confidential', value: 'yes', basis: 'she said so' };
    expect([200, 201]).toContain((await county.as(shelter).post(`/v1/persons/${mara.atShelter}/facts`, fact)).status);
    // Told at the next moment of publication, which may come after the first refusal.
    await until(async () =>
      Promise.resolve(county.lines.some((line) => line.includes('"unwitnessed"') && line.includes('are refused'))),
    );

    witness = await witnessIn(folder, Number(new URL(witness.url).port));
    await until(async () => (await ask()).status === 200);
  }, 120_000);
});
