import { createHash } from 'node:crypto';
import { array, assert, property, uint8Array } from 'fast-check';
import { sha256, sha256Of } from './sha256.js';

const slowly = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

describe('sha256', () => {
  it('is that of FIPS 180-2, appendix B', () => {
    expect(Buffer.from(sha256('abc')).toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('says of any bytes what a stream would say, and keeps saying it after further calls', () => {
    assert(
      property(array(uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 20 }), (inputs) => {
        const digests = inputs.map(sha256);
        expect(digests.map((each) => Buffer.from(each))).toEqual(inputs.map(slowly));
      }),
    );
  });

  it('joins parts, however large they are together', () => {
    assert(
      property(array(uint8Array({ maxLength: 3_000, size: 'max' }), { maxLength: 4 }), (parts) => {
        const digest = Buffer.from(sha256Of(parts));
        // What was joined before must not shine through.
        sha256Of([new Uint8Array(4_096).fill(0xff)]);
        expect(digest).toEqual(slowly(Buffer.concat(parts)));
        expect(Buffer.from(sha256Of(parts))).toEqual(digest);
      }),
    );
  });
});
