import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { witnessMemory } from '../testonly/memory-witness.js';
import { referenceConsistency, referenceRoot } from '../testonly/reference-tree.js';
import { signCheckpoint } from './checkpoint.js';
import { openCosigned, witnessSigner, witnessVerifier } from './cosignature.js';
import { LedgerError } from './error.js';
import { EMPTY_ROOT } from './merkle.js';
import { noteSigner, noteVerifier } from './note.js';
import {
  type AddCheckpoint,
  encodeAddCheckpoint,
  encodeTreeSize,
  parseAddCheckpoint,
  parseTreeSize,
  Witness,
  type WitnessAnswer,
} from './witness.js';

const ORIGIN = 'postern.example/county';
const log = noteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey);
const logKey = noteVerifier(ORIGIN, createPublicKey(log.privateKey));
const signer = witnessSigner('witness.example/w', generateKeyPairSync('ed25519').privateKey);
const witnessKey = witnessVerifier(signer.name, createPublicKey(signer.privateKey));
const leaves = Array.from({ length: 40 }, (_, i) => createHash('sha256').update(`leaf ${i}`).digest());
const forked = leaves.with(2, Buffer.alloc(32));

const noteOf = (size: number, of = leaves, by = log, origin = ORIGIN): string =>
  signCheckpoint({ origin, size, root: referenceRoot(of.slice(0, size)) }, by);
const proofOf = (from: number, to: number, of = leaves): Buffer[] =>
  from === 0 ? [] : referenceConsistency(from, of.slice(0, to));
const step = (oldSize: number, size: number, of = leaves): AddCheckpoint => ({
  oldSize,
  proof: proofOf(oldSize, size, of),
  note: noteOf(size, of),
});
const open = (memory = witnessMemory()): Witness =>
  new Witness({ signer, logs: new Map([[ORIGIN, [logKey]]]), memory, now: () => 1_800_000_000_999 });
const ask = (witness: Witness, request: AddCheckpoint): Promise<WitnessAnswer> =>
  witness.addCheckpoint(encodeAddCheckpoint(request));

/** Three steps from one size at once. */
async function race(memory: ReturnType<typeof witnessMemory>): Promise<readonly number[]> {
  const witness = open(memory);
  await ask(witness, step(0, 5));
  await Promise.all([ask(witness, step(5, 30)), ask(witness, step(5, 9)), ask(witness, step(5, 20))]);
  return memory.sizes;
}

describe('the request to a witness', () => {
  it('is these very bytes', () => {
    const note = noteOf(5);
    const [hash = Buffer.alloc(0)] = leaves;
    expect(encodeAddCheckpoint({ oldSize: 3, proof: [hash], note })).toBe(
      `old 3\n${hash.toString('base64')}\n\n${note}`,
    );
    expect(encodeAddCheckpoint({ oldSize: 0, proof: [], note })).toBe(`old 0\n\n${note}`);
    expect(encodeTreeSize(20852163)).toBe('20852163\n');
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 39 }), fc.integer({ min: 1, max: 40 }), (a, b) => {
        const request = step(Math.min(a, b), Math.max(a, b));
        expect(parseAddCheckpoint(encodeAddCheckpoint(request))).toEqual(request);
      }),
    );
    expect(parseTreeSize('0\n')).toBe(0);
  });

  const good = encodeAddCheckpoint(step(3, 20));
  it.each([
    ['empty', ''],
    ['without an old size', good.slice(good.indexOf('\n') + 1)],
    ['with another first word', good.replace('old', 'new')],
    ['with a zero too many', good.replace('old 3', 'old 03')],
    ['with a sign', good.replace('old 3', 'old -3')],
    ['with a size beyond numbers', good.replace('old 3', 'old 9999999999999999')],
    ['with a carriage return', good.replace('\n', '\r\n')],
    ['with half a hash', good.replace(/=\n/, '\n')],
    ['with a hash of 31 bytes', good.replace(/\n[^\n]+=\n/, `\n${Buffer.alloc(31).toString('base64')}\n`)],
    ['with 64 hashes', good.replace('\n\n', `\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}\n`)],
    ['with no checkpoint', good.slice(0, good.indexOf('\n\n') + 2)],
    ['with half a checkpoint', good.slice(0, -3)],
    ['endless', 'old 1\n'.repeat(1e5)],
  ])('is refused %s', async (_, body) => {
    expect(() => parseAddCheckpoint(body)).toThrow(LedgerError);
    expect(await open().addCheckpoint(body)).toMatchObject({ kind: 'malformed' });
  });

  it.each(['', '5', '05\n', '-1\n', '5\n\n', '1e3\n', '99999999999999999999\n'])('%j is no size', (text) => {
    expect(() => parseTreeSize(text)).toThrow(LedgerError);
  });
});

describe('a witness', () => {
  it('cosigns a log that only grows, step by step', async () => {
    const witness = open();
    for (const [from, to] of [
      [0, 0],
      [0, 7],
      [7, 7],
      [7, 8],
      [8, 40],
    ] as const) {
      const answer = await ask(witness, step(from, to));
      if (answer.kind !== 'cosigned') throw new Error(`${from} to ${to}: ${answer.kind}`);
      const { size, cosignatures } = openCosigned(`${noteOf(to)}${answer.lines}`, [logKey], [witnessKey]);
      expect([size, cosignatures]).toEqual([to, [{ witness: witnessKey, time: 1_800_000_000 }]]);
      expect(await witness.checkpoint(ORIGIN)).toBe(`${noteOf(to)}${answer.lines}`);
    }
    expect(await witness.checkpoint('postern.example/other')).toBeUndefined();
  });

  it('keeps no lines of strangers', async () => {
    const witness = open();
    const stranger = noteSigner('stranger.example', generateKeyPairSync('ed25519').privateKey);
    const line = noteOf(4, leaves, stranger).split('\n\n')[1]!;
    const answer = await ask(witness, { ...step(0, 4), note: `${noteOf(4)}${line}` });
    expect(answer.kind).toBe('cosigned');
    expect(await witness.checkpoint(ORIGIN)).not.toContain('stranger');
  });

  it.each<[string, string, AddCheckpoint]>([
    ['an origin it does not know', 'unknown log', { ...step(0, 9), note: noteOf(9, leaves, log, 'postern.example/x') }],
    [
      'a key it does not know',
      'not signed by the log',
      { ...step(0, 9), note: noteOf(9, leaves, noteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey)) },
    ],
    [
      'a wrong signature of a key it knows',
      'not signed by the log',
      { ...step(0, 9), note: noteOf(9).replace('\n9\n', '\n8\n') },
    ],
    ['a log that shrinks, as it says itself', 'malformed', { ...step(0, 4), oldSize: 5 }],
    ['an old size that is not its own', 'stale', step(2, 9)],
    ['a log that it has seen larger', 'stale', step(0, 4)],
    ['a proof from nothing', 'stale', { ...step(0, 9), proof: [Buffer.alloc(32)] }],
    ['a proof of another log', 'inconsistent', { ...step(5, 9), proof: proofOf(5, 9, forked) }],
    ['another log under the same name', 'inconsistent', step(5, 9, forked)],
    ['another root of the same size', 'inconsistent', step(5, 5, forked)],
    ['a proof between equals', 'inconsistent', { ...step(5, 5), proof: [Buffer.alloc(32)] }],
    ['no proof', 'inconsistent', { ...step(5, 9), proof: [] }],
    ['half a proof', 'inconsistent', { ...step(5, 9), proof: proofOf(5, 9).slice(1) }],
    ['a proof with more behind it', 'inconsistent', { ...step(5, 9), proof: [...proofOf(5, 9), Buffer.alloc(32)] }],
  ])('does not cosign for %s: %s', async (_, kind, request) => {
    const memory = witnessMemory();
    const witness = open(memory);
    expect((await ask(witness, step(0, 5))).kind).toBe('cosigned');
    const answer = await ask(witness, request);
    expect(answer).toMatchObject(kind === 'stale' ? { kind, size: 5 } : { kind });
    expect(memory.sizes).toEqual([5]);
  });

  it('refuses an empty tree with a root, and a proof from nothing', async () => {
    const rooted = signCheckpoint({ origin: ORIGIN, size: 0, root: leaves[0]! }, log);
    expect(await ask(open(), { oldSize: 0, proof: [], note: rooted })).toMatchObject({ kind: 'inconsistent' });
    expect(await ask(open(), { ...step(0, 9), proof: [EMPTY_ROOT] })).toMatchObject({ kind: 'inconsistent' });
  });

  it('says of a log that went back how large it was', async () => {
    const witness = open();
    await ask(witness, step(0, 30));
    expect(await ask(witness, step(12, 14))).toEqual({ kind: 'stale', size: 30 });
  });

  it('does not go back where requests overlap; one that stores carelessly does', async () => {
    const sizes = await race(witnessMemory());
    expect(sizes).toEqual([5, 30]);
    const careless = await race(witnessMemory({ careless: true }));
    expect(careless.some((size, at) => size < (careless[at - 1] ?? 0))).toBe(true);
  });

  it('answers whatever it is sent', async () => {
    const witness = open();
    await ask(witness, step(0, 5));
    const good = encodeAddCheckpoint(step(5, 9));
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.string({ unit: 'binary', maxLength: 5 }), async (at, put) => {
        const changed = `${good.slice(0, at)}${put}${good.slice(at + put.length)}`;
        if (changed === good) return;
        expect((await witness.addCheckpoint(changed)).kind).not.toBe('cosigned');
      }),
      { numRuns: 150 },
    );
  });
});
