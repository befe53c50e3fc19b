import { parseNote } from '../../src/note.js';
import { Draw } from './draw.js';
import { type Door, DOORS, type Genuine, makeGenuine } from './genuine.js';
import { mutate } from './mutate.js';
import { type Doors, Forged, REAL, tryRun } from './try-run.js';

const SEED = 11;
let genuine: Genuine;
beforeAll(async () => void (genuine = await makeGenuine()));

const drawn = (seed: number): string =>
  mutate(genuine.bytes.request, Object.values(genuine.bytes), new Draw(seed, 5)).toString('hex');

describe('hostile bytes', () => {
  it('are refused by name, or are what was signed', async () => {
    const seen = new Map<string, number>();
    for (let run = 0; run < 500; run += 1) {
      const { door, outcome } = await tryRun(genuine, SEED, run);
      seen.set(door, (seen.get(door) ?? 0) + 1);
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    }
    for (const door of DOORS) expect(seen.get(door)).toBeGreaterThan(10);
    // Where all are refused, nothing is tried that comes near.
    expect(seen.get('believed')).toBeGreaterThan(10);
    expect(seen.get('refused')).toBeGreaterThan(300);
  });

  it('are the same again from the same seed and number', () => {
    expect(drawn(3)).toBe(drawn(3));
    expect(drawn(3)).not.toBe(drawn(4));
  });

  /** Each believes, or does, something that looks harmless. */
  const CARELESS: Readonly<Record<string, Partial<Doors>>> = {
    'takes a note without looking who signed it': {
      openCheckpoint: (note) => {
        const [origin = '', size, root = ''] = parseNote(note).text.split('\n');
        return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
      },
    },
    'shows inclusion by the last hash alone': {
      verifyInclusion: (_index, _size, _leaf, proof) => proof.length > 0,
    },
    'reads a tile path with Number': {
      parseTilePath: (path) => {
        const [, level, ...rest] = path.split('/');
        return { level: Number(level), index: Number(rest.join('').replace(/\D/g, '').slice(0, 15)), width: 256 };
      },
    },
    'throws what it meets': {
      verifyExport: (chunks, key) =>
        REAL.verifyExport(chunks, key).then((verdict) => {
          if (verdict.kind === 'damaged' && verdict.index !== undefined) throw new TypeError('of undefined');
          return verdict;
        }),
    },
    'looks at as many hashes as there are': {
      verifyTiles: () => Promise.resolve({ kind: 'sound', size: 300, tiles: 3 }),
    },
  };

  /** The door that each of them is. */
  const AT: readonly Door[] = ['note', 'inclusion proof', 'tile path', 'export', 'tile'];

  it.each(Object.keys(CARELESS).map((name, i) => [name, AT[i]] as const))('find a door that %s', async (name, at) => {
    const doors = { ...REAL, ...CARELESS[name] };
    const found: unknown[] = [];
    for (let run = 0; run < 6000 && found.length === 0; run += 1) {
      if (new Draw(SEED, run).of(DOORS) !== at) continue;
      await tryRun(genuine, SEED, run, doors).catch((error: unknown) => found.push(error));
    }
    expect(found).toEqual([expect.any(Error)]);
    expect(found[0] instanceof Forged || found[0] instanceof TypeError).toBe(true);
  });
});
