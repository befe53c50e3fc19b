import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import * as fc from 'fast-check';
import { signCheckpoint } from './checkpoint.js';
import {
  addCosignatures,
  cosign,
  encodeWitnessKey,
  openCosigned,
  parseWitnessKey,
  witnessSigner,
  witnessVerifier,
} from './cosignature.js';
import { LedgerError } from './error.js';
import { EMPTY_ROOT } from './merkle.js';
import { encodeVerifierKey, noteSigner, noteVerifier, parseNote, parseVerifierKey, signNote } from './note.js';

const keyFrom = (seed: string) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed.padEnd(32, '.'))]),
    format: 'der',
    type: 'pkcs8',
  });
const ORIGIN = 'postern.example/county';
const log = noteSigner(ORIGIN, keyFrom('the log'));
const logKey = noteVerifier(ORIGIN, createPublicKey(log.privateKey));
const first = witnessSigner('witness.example/one', keyFrom('one'));
const second = witnessSigner('witness.example/two', keyFrom('two'));
const [firstKey, secondKey] = [first, second].map(({ name, privateKey }) =>
  witnessVerifier(name, createPublicKey(privateKey)),
) as [ReturnType<typeof witnessVerifier>, ReturnType<typeof witnessVerifier>];
const known = [firstKey, secondKey];
const note = signCheckpoint({ origin: ORIGIN, size: 512, root: EMPTY_ROOT }, log);
const TIME = 1_800_000_000;

const named = (text: string): RegExp => new RegExp(text);
const refusal = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof LedgerError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'not refused';
};

describe('a cosignature', () => {
  it('is over its time and the whole note body, in these very bytes', () => {
    const line = parseNote(`${note}${cosign(note, first, TIME)}`).signatures.at(-1)!;
    expect([...line.keyId]).toEqual([...first.keyId]);
    expect(Buffer.from(line.signature).readBigUInt64BE()).toBe(BigInt(TIME));
    const message = `cosignature/v1\ntime ${TIME}\n${ORIGIN}\n512\n${Buffer.from(EMPTY_ROOT).toString('base64')}\n`;
    expect(Buffer.from(line.signature.subarray(8))).toEqual(sign(null, Buffer.from(message), first.privateKey));
  });

  it('verifies by the key of its witness, and says when it was made', () => {
    const cosigned = `${note}${cosign(note, first, TIME)}${cosign(note, second, TIME + 5)}`;
    const { size, cosignatures } = openCosigned(cosigned, [logKey], known);
    expect(size).toBe(512);
    expect(cosignatures.map(({ witness, time }) => [witness.name, time])).toEqual([
      ['witness.example/one', TIME],
      ['witness.example/two', TIME + 5],
    ]);
    expect(openCosigned(cosigned, [logKey], [secondKey]).cosignatures).toHaveLength(1);
    expect(openCosigned(cosigned, [logKey], []).cosignatures).toEqual([]);
  });

  it('counts once for each witness, with its latest time', () => {
    const often = `${note}${cosign(note, first, TIME + 9)}${cosign(note, first, TIME)}`;
    expect(openCosigned(often, [logKey], known).cosignatures).toEqual([{ witness: firstKey, time: TIME + 9 }]);
  });

  it('of another checkpoint, time or key does not verify', () => {
    const other = signCheckpoint({ origin: ORIGIN, size: 513, root: EMPTY_ROOT }, log);
    const impostor = witnessSigner(first.name, keyFrom('an impostor'));
    const renamed = cosign(note, impostor, TIME).replace(/(?<=one )\S+/, (encoded) =>
      Buffer.concat([first.keyId, Buffer.from(encoded, 'base64').subarray(4)]).toString('base64'),
    );
    const line = cosign(note, first, TIME);
    const bytes = Buffer.from(line.trim().split(' ')[2]!, 'base64');
    bytes[11]! ^= 1; // the last byte of the time
    const otherTime = `— ${first.name} ${bytes.toString('base64')}\n`;
    const plain = signNote(parseNote(note).text, [{ ...first }]).split('\n\n')[1]!;
    for (const wrong of [cosign(other, first, TIME), renamed, otherTime, plain]) {
      expect(refusal(() => openCosigned(`${note}${wrong}`, [logKey], known))).toMatch(
        named('^LEDGER_MALFORMED: the cosignature of witness.example/one does not verify'),
      );
      // Nobody's key: passed over.
      expect(openCosigned(`${note}${wrong}`, [logKey], [secondKey]).cosignatures).toEqual([]);
    }
  });

  it('has a time that a clock can show', () => {
    for (const time of [0, -1, 1.5, 2 ** 53, Number.NaN])
      expect(refusal(() => cosign(note, first, time))).toMatch(named('^LEDGER_MALFORMED'));
    const endless = Buffer.concat([first.keyId, Buffer.alloc(8, 0xff), Buffer.alloc(64)]).toString('base64');
    expect(refusal(() => openCosigned(`${note}— ${first.name} ${endless}\n`, [logKey], known))).toMatch(
      'does not verify',
    );
  });

  it('is given to checkpoints alone', () => {
    expect(refusal(() => cosign(signNote('a text\n', [log]), first, TIME))).toMatch('LEDGER_MALFORMED');
  });

  it('does not stand in for the log', () => {
    const bare = `${parseNote(note).text}\n${cosign(note, first, TIME)}`;
    expect(refusal(() => openCosigned(bare, [logKey], known))).toMatch('no known key signed the note');
  });
});

describe('the key of a witness', () => {
  it('is of a type of its own, and a log’s key is none', () => {
    expect(parseWitnessKey(encodeWitnessKey(firstKey))).toEqual(firstKey);
    const { name, privateKey } = first;
    expect([...first.keyId]).not.toEqual([...noteSigner(name, privateKey).keyId]);
    expect(refusal(() => parseWitnessKey(encodeVerifierKey(logKey)))).toMatch('LEDGER_MALFORMED');
    expect(refusal(() => parseVerifierKey(encodeWitnessKey(firstKey)))).toMatch('LEDGER_MALFORMED');
    expect(refusal(() => parseWitnessKey(encodeWitnessKey(firstKey).replace('one', 'two')))).toMatch('the id it says');
    expect(refusal(() => parseWitnessKey('x'.repeat(1e6)))).toMatch('LEDGER_MALFORMED');
  });
});

describe('what a witness answered', () => {
  it('is taken line by line: verified, not twice, and without strangers', () => {
    const stranger = witnessSigner('witness.example/three', keyFrom('three'));
    const answered = [first, stranger, second, first].map((one) => cosign(note, one, TIME)).join('');
    const grown = addCosignatures(note, answered, known);
    expect(grown).toBe(`${note}${cosign(note, first, TIME)}${cosign(note, second, TIME)}`);
    expect(addCosignatures(grown, answered, known)).toBe(grown);
    expect(addCosignatures(note, cosign(note, stranger, TIME), known)).toBe(note);
  });

  it.each([
    ['nothing', ''],
    ['a page', '<html>\n'],
    ['a line without its end', '— witness.example/one AAAA'],
    ['a text and a line', `hello\n\n${cosign(note, first, TIME)}`],
    ['too much', cosign(note, first, TIME).repeat(65)],
    ['far too much', 'x'.repeat(1 << 21)],
    [
      'a line of another checkpoint',
      cosign(signCheckpoint({ origin: ORIGIN, size: 2, root: EMPTY_ROOT }, log), first, TIME),
    ],
  ])('is refused where it is %s', (_, answered) => {
    expect(refusal(() => addCosignatures(note, answered, known))).toMatch('LEDGER_MALFORMED');
  });

  it('never makes it throw anything else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(refusal(() => addCosignatures(note, text, known))).toMatch(/LEDGER_MALFORMED|not refused/);
      }),
    );
  });
});
