import * as fc from 'fast-check';
import { fillersMissing, publishable, uniform, untilFiller } from './pad-growth.js';

describe('padded growth', () => {
  it('leads from any size to the next multiple of 256 that was not published, and never past it', () => {
    const blocks = fc.nat({ max: 1000 });
    fc.assert(
      fc.property(blocks, fc.nat({ max: 3000 }), (block, more) => {
        const published = block * 256;
        const size = published + more;
        const padded = size + fillersMissing(size, published);
        expect(padded % 256).toBe(0);
        expect(padded).toBeGreaterThan(published);
        expect(padded - Math.max(size, published + 1)).toBeLessThan(256);
        expect(publishable(padded)).toBe(padded);
        expect(publishable(padded + 255)).toBe(padded);
      }),
    );
  });

  it('grows where nothing happened too', () => {
    expect(fillersMissing(512, 512)).toBe(256);
    expect(fillersMissing(0, 0)).toBe(256);
  });

  it('spreads fillers evenly over the time', () => {
    // A generator that repeats itself, so that this test does.
    let state = 1;
    const draw = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const thirds = [0, 0, 0];
    for (let window = 0; window < 40; window += 1) {
      let at = 0;
      for (let missing = 256; missing > 0; missing -= 1) {
        at += untilFiller(missing, 1 - at, draw());
        thirds[Math.min(2, Math.floor(at * 3))]! += 1;
      }
    }
    for (const third of thirds) expect(Math.abs(third / (40 * 256) - 1 / 3)).toBeLessThan(0.02);
    expect(untilFiller(0, 77, draw())).toBe(77);
  });

  it('draws from above nothing up to one', () => {
    expect(uniform((size) => new Uint8Array(size))).toBeGreaterThan(0);
    expect(uniform((size) => new Uint8Array(size).fill(255))).toBe(1);
  });
});
