import { random } from './random.js';

describe('random', () => {
  it('hands out as many bytes as were asked for, and none twice', () => {
    const sizes = [16, 32, 4_096, 1, 5_000, 12, 4_090, 16];
    const handed = sizes.map((size) => random(size));
    expect(handed.map(({ length }) => length)).toEqual(sizes);
    for (const one of handed)
      for (const other of handed) {
        const apart = one.buffer !== other.buffer || one.byteOffset + one.length <= other.byteOffset;
        expect(one === other || apart || other.byteOffset + other.length <= one.byteOffset).toBe(true);
      }
  });

  it('does not bring back what its owner wiped', () => {
    const secret = random(32);
    secret.fill(0);
    const later = Array.from({ length: 1_000 }, () => Buffer.from(random(16)).toString('hex'));
    expect(new Set(later).size).toBe(later.length);
  });
});
