import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { openCheckpoint, readCheckpoint, signCheckpoint } from './checkpoint.js';
import { LedgerError } from './error.js';
import { EMPTY_ROOT } from './merkle.js';
import {
  encodeVerifierKey,
  noteSigner,
  noteVerifier,
  openNote,
  parseNote,
  parseVerifierKey,
  signNote,
} from './note.js';

const NAME = 'postern.example/county';
// The first secret key of RFC 8032, section 7.1, so that the same note comes out everywhere.
const rfc8032 = createPrivateKey({
  key: Buffer.from(
    '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'hex',
  ),
  format: 'der',
  type: 'pkcs8',
});
const signer = noteSigner(NAME, rfc8032);
const verifier = noteVerifier(NAME, createPublicKey(rfc8032));
const stranger = noteSigner('postern.example/other', generateKeyPairSync('ed25519').privateKey);
const checkpoint = { origin: NAME, size: 20_852_163, root: EMPTY_ROOT };

function refused(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof LedgerError ? error.code : String(error);
  }
  return 'not refused';
}

describe('a signed note', () => {
  it('is the same bytes every time, as another implementation reads them', () => {
    expect(encodeVerifierKey(verifier)).toMatch(
      /^postern\.example\/county\+[0-9a-f]{8}\+AddamAGCsQq31Uv\+08lkBzoO4XLz/,
    );
    const note = signCheckpoint(checkpoint, signer);
    const [origin, size, root, blank, signature, ...rest] = note.split('\n');
    expect([origin, size, root, blank, rest]).toEqual([
      NAME,
      '20852163',
      '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      '',
      [''],
    ]);
    expect(signature).toMatch(/^— postern\.example\/county [A-Za-z0-9+/]{91}=$/);
    expect(signCheckpoint(checkpoint, signer)).toBe(note);
  });

  it('opens with its key, and with others beside it that nobody knows', () => {
    const text = 'Two lines,\n\nand an empty one between.\n';
    expect(openNote(signNote(text, [stranger, signer]), [verifier])).toBe(text);
    expect(openNote(signNote(text, [signer]), [parseVerifierKey(encodeVerifierKey(verifier))])).toBe(text);
  });

  it('does not open with no signature of a known key, nor with one that is wrong', () => {
    const note = signNote('text\n', [signer]);
    expect(refused(() => openNote(signNote('text\n', [stranger]), [verifier]))).toBe('LEDGER_MALFORMED');
    expect(refused(() => openNote(note, []))).toBe('LEDGER_MALFORMED');
    expect(refused(() => openNote(note.replace('text', 'test'), [verifier]))).toBe('LEDGER_MALFORMED');
    // One right signature does not make good a wrong one of a known key.
    const both = `${note}${signNote('test\n', [signer]).split('\n').at(-2)}\n`;
    expect(refused(() => openNote(both, [verifier]))).toBe('LEDGER_MALFORMED');
  });

  it.each([
    ['no empty line', 'text\n— name AAAAAAA=\n'],
    ['no final newline', 'text\n\n— name AAAAAAA='],
    ['no signature', 'text\n\n'],
    ['a hyphen for the dash', 'text\n\n- name AAAAAAA=\n'],
    ['a word too many', 'text\n\n— na me AAAAAAA=\n'],
    ['no name', 'text\n\n—  AAAAAAA=\n'],
    ['a plus in the name', 'text\n\n— na+me AAAAAAA=\n'],
    ['base64 with bits to spare', 'text\n\n— name AAAAAAB=\n'],
    ['a signature of no length', 'text\n\n— name AAAAAA==\n'],
    ['a control character', 'te\rxt\n\n— name AAAAAAA=\n'],
    ['half a surrogate pair', 'te\ud800xt\n\n— name AAAAAAA=\n'],
    ['a hundred signatures', `text\n\n${'— name AAAAAAA=\n'.repeat(100)}`],
  ])('with %s is refused', (_, note) => {
    expect(refused(() => parseNote(note))).toBe('LEDGER_MALFORMED');
  });

  it('is refused to those whose names or texts cannot stand in one', () => {
    expect(refused(() => noteSigner('two words', rfc8032))).toBe('LEDGER_MALFORMED');
    expect(refused(() => noteSigner('', rfc8032))).toBe('LEDGER_MALFORMED');
    expect(refused(() => signNote('no newline', [signer]))).toBe('LEDGER_MALFORMED');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey;
    expect(refused(() => noteVerifier('name', rsa))).toBe('LEDGER_MALFORMED');
  });

  it('is verified by a key that says its own id', () => {
    const key = encodeVerifierKey(verifier);
    for (const bad of [key.replace(/\+.{8}\+/, '+00000000+'), key.slice(0, -4), `${key}AAAA`, 'name', '']) {
      expect(refused(() => parseVerifierKey(bad))).toBe('LEDGER_MALFORMED');
    }
  });
});

describe('a checkpoint', () => {
  it('is what was signed', () => {
    expect(openCheckpoint(signCheckpoint(checkpoint, signer), [verifier])).toEqual({
      ...checkpoint,
      root: Buffer.from(EMPTY_ROOT),
    });
    expect(readCheckpoint(signCheckpoint(checkpoint, stranger)).size).toBe(20_852_163);
  });

  it.each([
    ['no root', `${NAME}\n5\n`],
    ['a short root', `${NAME}\n5\nAAAA\n`],
    ['a size with a zero before it', `${NAME}\n05\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n`],
    ['a negative size', `${NAME}\n-5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n`],
    ['a size no number holds', `${NAME}\n9007199254740993\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n`],
    ['no origin', '\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'],
    ['an empty line', `${NAME}\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\nmore\n`],
  ])('with %s is refused, although signed', (_, text) => {
    expect(refused(() => openCheckpoint(signNote(text, [signer]), [verifier]))).toBe('LEDGER_MALFORMED');
  });

  it('may have further lines, which are not read', () => {
    const text = `${NAME}\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nmore\n`;
    expect(openCheckpoint(signNote(text, [signer]), [verifier]).size).toBe(5);
  });

  it('of any text from anyone is read or refused', () => {
    const text = fc.string({ unit: 'binary' }).map((body) => `${body}\n\n— name AAAAAAA=\n`);
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (note) => {
        expect(['LEDGER_MALFORMED', 'not refused']).toContain(refused(() => readCheckpoint(note)));
      }),
    );
  });
});
