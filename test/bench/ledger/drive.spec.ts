import type { Contender } from './contenders/contender.js';
import { drive, markOf } from './drive.js';

/** Records nothing; acknowledges each after a turn of the event loop. */
function contenderOf(bytes: () => Uint8Array, waits: () => Promise<unknown> = immediately): Contender {
  return {
    async record() {
      const recorded = bytes();
      await waits();
      return recorded;
    },
    close: () => Promise.resolve(),
  };
}

const immediately = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

describe('a window of load', () => {
  it('keeps so many under way, and records as many as were ordered', async () => {
    let [under, most, recorded] = [0, 0, 0];
    const contender = contenderOf(
      () => {
        recorded += 1;
        most = Math.max(most, (under += 1));
        return Uint8Array.of(0, 0, 0, recorded);
      },
      async () => {
        await immediately();
        under -= 1;
      },
    );
    const measured = await drive(contender, { producers: 7, until: { entries: 50 } });
    expect({ most, recorded, acknowledged: measured.acknowledged }).toEqual({
      most: 7,
      recorded: 50,
      acknowledged: 50,
    });
    expect(measured.marks).toBe(Array.from({ length: 50 }, (_, i) => i + 1).reduce((marks, each) => marks ^ each, 0));
    expect(measured.perSecond).toBeGreaterThan(0);
  });

  it('waits until everybody was served once, and counts those who wait at the end', async () => {
    let served = 0;
    const contender = contenderOf(
      () => new Uint8Array(4),
      async () => {
        // The first comes long after any warm-up; from then on there is one at a time.
        served += 1;
        await new Promise((resolve) => setTimeout(resolve, served <= 2 ? 60 : 5));
      },
    );
    const measured = await drive(contender, { producers: 2, until: { seconds: 0.02 } });
    expect(measured.p50).toBeLessThan(60);
    expect(measured.acknowledged).toBeGreaterThan(2);
  });

  it('fails with whatever fails', async () => {
    const contender = contenderOf(() => {
      throw new Error('the disk is full');
    });
    await expect(drive(contender, { producers: 3, until: { entries: 10 } })).rejects.toThrow('the disk is full');
  });
});

it('marks by the first four bytes, as the databases do', () => {
  expect(markOf(Uint8Array.of(0x80, 0, 0, 1, 9, 9))).toBe(-2_147_483_647);
});
