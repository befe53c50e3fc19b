import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ArrivalClock } from './arrival-clock.js';

describe('the earliest that something can have arrived', () => {
  const clock = new ArrivalClock();
  const server = createServer();
  let ours: Socket;
  let theirs: Socket;

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const connected = once(server, 'connection') as Promise<[Socket]>;
    ours = connect((server.address() as AddressInfo).port, '127.0.0.1');
    [theirs] = await connected;
  });

  afterAll(() => {
    clock.stop();
    ours.destroy();
    server.close();
  });

  it.each([0, 20, 100])('is not after it came, though nobody looked for %d ms', async (busy) => {
    for (let round = 0; round < 10; round += 1) {
      await sleep(round % 4);
      const read = once(ours, 'data').then(() => clock.earliest());
      // The kernel hands it over within the call.
      theirs.write('x');
      const came = performance.now();
      while (performance.now() - came < busy);
      expect(await read).toBeLessThanOrEqual(came);
    }
  });

  it('is after everything that is two ticks old', async () => {
    const before = performance.now();
    while (clock.earliest() <= before) await sleep(1);
    const read = once(ours, 'data').then(() => clock.earliest());
    theirs.write('x');
    expect(await read).toBeGreaterThan(before);
  });
});
