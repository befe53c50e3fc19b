import { parseVocabulary } from '#terms';
import { decide } from '../../src/decide.js';
import { PolicyError } from '../../src/error.js';
import { parseBundle } from '../../src/parse-bundle.js';
import { parseSituation } from '../../src/parse-situation.js';
import { Draw } from './draw.js';
import { drawInput, type Input } from './draw-input.js';
import { NASTY, NASTY_PAGES } from './nasty-texts.js';
import { shrink } from './shrink.js';
import { type Doors, tryInput } from './try-input.js';

const SEED = 20;

describe('hostile texts', () => {
  it('are read whole or refused at a place, and what is read decides one way', () => {
    let [read, refused] = [0, 0];
    for (let run = 0; run < 200; run += 1) {
      const outcome = tryInput(drawInput(SEED, run), new Draw(~SEED, run));
      read += outcome.read;
      refused += outcome.refused;
    }
    // Texts that are all refused, or all read, try little.
    expect(read).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(100);
  });

  it('are the same again from the same seed and number', () => {
    for (const run of [0, 7, 8, 30]) expect(drawInput(SEED, run)).toEqual(drawInput(SEED, run));
    expect(drawInput(SEED, 1)).not.toEqual(drawInput(SEED + 1, 1));
  });

  it.each(NASTY.map((text) => [text]))('%j in the place of a word', (text) => {
    const rules = `rules:\n- {rule: a, withhold: [identity], when: {risk: ${text}}}\n${text}: a\n`;
    const files = [
      { path: 'core/regime.yaml', text: 'regime: core\ntitle: Safety\n' },
      { path: 'core/a.yaml', text: rules },
    ];
    const input: Input = { kind: 'policy', files, given: [text], thorough: false };
    expect(tryInput(input, new Draw(0, 0)).refused).toBeGreaterThan(0);
  });

  it.each(NASTY_PAGES.map((page, number) => [number, page] as const))('page %i, at every door', (_, page) => {
    for (const path of ['core/a.yaml', 'core/regime.yaml', 'core/a.cases.yaml']) {
      const input: Input = { kind: 'page', files: [{ path, text: page(120) }], given: [], thorough: false };
      expect(tryInput(input, new Draw(0, 0)).read).toBeLessThan(2);
    }
    const words: Input = { kind: 'page', vocabulary: page(120), files: [], given: [], thorough: false };
    expect(tryInput(words, new Draw(0, 0))).toEqual({ read: 0, refused: 1 });
  });
});

const DOORS: Doors = { parseVocabulary, parseBundle, parseSituation, decide };

function refusing(problem: { readonly line?: number; readonly message?: string }, count = 1): Doors['parseSituation'] {
  return () => {
    const problems = Array.from({ length: count }, () => ({ path: 'p', line: 1, column: 1, message: 'm', ...problem }));
    throw new PolicyError('SITUATION_INVALID', 'it is wrong', problems);
  };
}

function faultOf(attempt: () => unknown): string {
  try {
    attempt();
    return 'none';
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

describe('a fault in a door is found:', () => {
  it.each<[string, string, Partial<Doors>]>([
    ['an error of another kind', 'TypeError', { parseSituation: () => ([] as Date[])[0]!.getTime() as never }],
    ['a refusal that names no place', 'no place', { parseSituation: refusing({}, 0) }],
    [
      'a refusal that names a place that is not there',
      'a place that is not there',
      { parseSituation: refusing({ line: 99 }) },
    ],
    [
      'a refusal that quotes a page',
      'a message too long',
      { parseSituation: refusing({ message: 'a '.repeat(1_000) }) },
    ],
    ['a refusal that does not end', 'a list without end', { parseSituation: refusing({}, 300) }],
    [
      'a refusal that turns the line round',
      'a message with unseen characters',
      { parseSituation: refusing({ message: 'a\u202eb' }) },
    ],
    [
      'a bundle that depends on the order of files',
      'digest disagrees',
      {
        parseBundle: (files, words) => ({ ...parseBundle(files, words), digest: files.map(({ path }) => path).join() }),
      },
    ],
    [
      'a decision of one mind',
      'decision disagrees',
      {
        decide: (bundle, situation, fields) => ({ ...decide(bundle, situation, fields), duties: ['a' as never] }),
      },
    ],
  ])('%s', (_, fault, planted) => {
    const files = [
      { path: 'core/regime.yaml', text: 'regime: core\ntitle: Safety\n' },
      { path: 'core/a.yaml', text: 'rules: [{rule: a, withhold: [identity]}]' },
    ];
    const input: Input = { kind: 'policy', files, given: ['{purpose: treatment}'], thorough: false };
    const found = (doors?: Doors): ReadonlySet<string> =>
      new Set(Array.from({ length: 20 }, (__, run) => faultOf(() => tryInput(input, new Draw(1, run), doors))));
    expect(found({ ...DOORS, ...planted })).toContain(fault);
    expect(found()).toEqual(new Set(['none']));
  });
});

/** Only one line of one file matters. */
async function isStillWrong({ files }: Input): Promise<boolean> {
  return Promise.resolve(files.some(({ path, text }) => path === 'b' && text.includes('line 17')));
}

describe('shrink', () => {
  it('leaves what is wrong and little more', async () => {
    const text = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n');
    const files = [
      { path: 'a', text },
      { path: 'b', text },
    ];
    const given = ['{a: b}', '{c: d}'];
    expect(await shrink({ kind: 'policy', files, given, thorough: false }, isStillWrong)).toEqual({
      kind: 'policy',
      files: [{ path: 'b', text: 'line 17' }],
      given: [],
      thorough: false,
    });
  });
});
