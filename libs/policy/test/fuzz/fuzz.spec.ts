import { Draw } from './draw.js';
import { drawInput, type Input } from './draw-input.js';
import { NASTY, NASTY_PAGES } from './nasty-texts.js';
import { shrink } from './shrink.js';
import { tryInput } from './try-input.js';

const SEED = 20;

describe('hostile texts', () => {
  it('are read whole or refused at a place, and what is read decides one way', () => {
    let [read, refused] = [0, 0];
    for (let run = 0; run < 400; run += 1) {
      const outcome = tryInput(drawInput(SEED, run), new Draw(~SEED, run));
      read += outcome.read;
      refused += outcome.refused;
    }
    // Texts that are all refused, or all read, try little.
    expect(read).toBeGreaterThan(80);
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
      const input: Input = { kind: 'page', files: [{ path, text: page(400) }], given: [], thorough: false };
      expect(tryInput(input, new Draw(0, 0)).read).toBeLessThan(2);
    }
    const words: Input = { kind: 'page', vocabulary: page(400), files: [], given: [], thorough: false };
    expect(tryInput(words, new Draw(0, 0))).toEqual({ read: 0, refused: 1 });
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
