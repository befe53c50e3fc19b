import { cpuOfFamily, cpuOfProcess, familyTicks, parseStat } from './cpu.js';

const LINE =
  '4711 (postgres: a (b) c) S 4700 4711 4711 0 -1 4194560 1000 2000 0 0 150 50 30 20 20 0 1 0 12345 200000000 3000';

describe('parseStat', () => {
  it('finds the times behind a name with brackets', () => {
    expect(parseStat(LINE)).toEqual({ pid: 4711, parent: 4700, ticks: 200, ticksOfEnded: 50 });
  });

  it.each(['', '12', '12 (x) S', 'no numbers (x) S a b c'])('refuses %j', (line) => {
    expect(() => parseStat(line)).toThrow(TypeError);
  });
});

it('adds a family up: the process, its children, those that ended', () => {
  const family = [
    [10, 1],
    [20, 10],
    [30, 10],
    [40, 20],
    [50, 1],
  ] as const;
  const processes = family.map(([pid, parent]) => ({ pid, parent, ticks: pid, ticksOfEnded: 1 }));
  expect(familyTicks(10, processes)).toBe(10 + 20 + 30 + 3);
});

(process.platform === 'linux' ? describe : describe.skip)('on Linux', () => {
  it('sees this process work', () => {
    const before = cpuOfProcess(process.pid);
    // It is counted in hundredths of a second of work, however long this process waits for its turn.
    while (cpuOfProcess(process.pid) === before) for (let work = 0; work < 100_000; work += 1) Math.sqrt(work);
    expect(cpuOfProcess(process.pid)).toBeGreaterThan(before);
    expect(cpuOfFamily(process.pid)).toBeGreaterThanOrEqual(before);
  });
});
