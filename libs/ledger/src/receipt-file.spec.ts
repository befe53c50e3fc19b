import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { referenceInclusion, referenceRoot } from '../testonly/reference-tree.js';
import { signCheckpoint } from './checkpoint.js';
import { cosign, witnessSigner, witnessVerifier } from './cosignature.js';
import { LedgerError } from './error.js';
import { noteSigner, noteVerifier } from './note.js';
import { signReceipt } from './receipt.js';
import { encodeReceiptProof, parseReceiptFile, type ShownByReceipt, verifyReceiptFile } from './receipt-file.js';
import { logIdOf } from './seal.js';

const ORIGIN = 'postern.example/county';
const log = noteSigner(ORIGIN, generateKeyPairSync('ed25519').privateKey);
const logKey = noteVerifier(ORIGIN, createPublicKey(log.privateKey));
const witness = witnessSigner('witness.example/w', generateKeyPairSync('ed25519').privateKey);
const witnessKey = witnessVerifier(witness.name, createPublicKey(witness.privateKey));
const leaves = Array.from({ length: 20 }, (_, i) => createHash('sha256').update(`leaf ${i}`).digest());
const bare = signCheckpoint({ origin: ORIGIN, size: 20, root: referenceRoot(leaves) }, log);
const note = `${bare}${cosign(bare, witness, 1_800_000_000)}`;
const INDEX = 11;
const entryId = Buffer.alloc(16, 5);

let receipt: Uint8Array;
let file: string;
beforeAll(async () => {
  receipt = await signReceipt(logIdOf(ORIGIN), { entryId, leaf: leaves[INDEX]! }, log.privateKey);
  file = encodeReceiptProof({ receipt, index: INDEX, proof: referenceInclusion(INDEX, leaves), note });
});

const verify = (text: string): ShownByReceipt =>
  verifyReceiptFile(parseReceiptFile(text), logIdOf(ORIGIN), logKey, [witnessKey]);
const refusal = (text: string): string => {
  try {
    return `not refused: ${verify(text).kind}`;
  } catch (error) {
    if (error instanceof LedgerError) return error.message;
    throw error;
  }
};

const cosignaturesOf = (shown: ShownByReceipt): number =>
  shown.kind === 'included' ? shown.checkpoint.cosignatures.length : -1;

describe('a receipt file', () => {
  it('that is the receipt alone shows that the log signed it', () => {
    const alone = Buffer.from(receipt).toString('base64url');
    expect(alone).toHaveLength(150);
    for (const text of [alone, `${alone}\n`, `${alone}\r\n`])
      expect(verify(text)).toEqual({ kind: 'signed', receipt: { entryId, leaf: leaves[INDEX] } });
  });

  it('with a proof shows where it lies, in a tree that log and witness signed', () => {
    const shown = verify(file);
    expect(shown).toMatchObject({ kind: 'included', index: INDEX, receipt: { entryId } });
    expect(shown.kind === 'included' && shown.checkpoint).toMatchObject({
      size: 20,
      cosignatures: [{ time: 1_800_000_000 }],
    });
  });

  it('is these very lines (C2SP tlog-proof)', () => {
    const lines = file.split('\n');
    expect(lines[0]).toBe('c2sp.org/tlog-proof@v1');
    expect(lines[1]).toBe(`extra ${Buffer.from(receipt).toString('base64')}`);
    expect(lines[2]).toBe('index 11');
    expect(lines.slice(3, 8).map((line) => line.length)).toEqual([44, 44, 44, 44, 44]);
    expect(lines.slice(8).join('\n')).toBe(`\n${note}`);
  });

  it.each<[string, RegExp, (file: string) => string]>([
    ['another index', /does not lead from the receipt/, (good) => good.replace('index 11', 'index 12')],
    ['an index beyond the tree', /does not lead from the receipt/, (good) => good.replace('index 11', 'index 20')],
    ['an index with a zero before it', /its index first/, (good) => good.replace('index 11', 'index 011')],
    ['an index beyond numbers', /its index first/, (good) => good.replace('index 11', 'index 9999999999999999')],
    ['a hash left out', /does not lead from the receipt/, (good) => good.replace(/(index 11\n)[^\n]+\n/, '$1')],
    [
      'two hashes exchanged',
      /does not lead from the receipt/,
      (good) => good.replace(/(index 11\n)([^\n]+\n)([^\n]+\n)/, '$1$3$2'),
    ],
    ['half a hash', /not a hash/, (good) => good.replace(/(index 11\n)../, '$1')],
    [
      '64 hashes',
      /not a hash/,
      (good) => good.replace(/(index 11\n)([^\n]+\n)/, (_, a, b) => a + String(b).repeat(60)),
    ],
    [
      'hashes without end',
      /its index first/,
      (good) => good.replace(/(index 11\n)([^\n]+\n)/, (_, a, b) => a + String(b).repeat(6000)),
    ],
    ['another receipt', /not signed by this log/, (good) => good.replace(/extra ..../, 'extra AAAA')],
    ['no receipt', /its index first/, (good) => good.replace(/extra .*\n/, '')],
    ['half a receipt', /its index first/, (good) => good.replace(/extra ..../, 'extra ')],
    [
      'another size',
      /signature of postern.example\/county does not verify/,
      (good) => good.replace('\n20\n', '\n21\n'),
    ],
    [
      'another time of its witness',
      /cosignature of witness.example\/w does not verify/,
      (good) =>
        good.replace(/(?<=w )\S+/, (line) => Buffer.from(Buffer.from(line, 'base64').with(11, 1)).toString('base64')),
    ],
    ['no checkpoint', /not a signed note/, (good) => good.slice(0, good.indexOf('\n\n') + 2)],
    ['another format', /base64url/, (good) => good.replace('@v1', '@v2')],
    ['nothing in it', /base64url/, () => ''],
    ['a picture in it', /base64url/, () => '\u0089PNG\r\n\u001a\n'],
    ['too much in it', /that long/, (good) => good.padEnd(1 << 21)],
  ])('with %s is refused', (_, why, tamper) => {
    expect(refusal(tamper(file))).toMatch(why);
  });

  it('with any one character changed is refused, or says the same with fewer witnesses', () => {
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), (at, put) => {
        const changed = `${file.slice(0, at)}${put}${file.slice(at + 1)}`;
        if (changed === file) return;
        // Still included only where a name or key id of the witness was hit: its line is then nobody's.
        const said = refusal(changed);
        const isStripped = said === 'not refused: included' && cosignaturesOf(verify(changed)) === 0;
        expect(isStripped || !said.startsWith('not refused')).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
