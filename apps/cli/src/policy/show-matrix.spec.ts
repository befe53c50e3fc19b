import { run } from '../run.js';

describe('postern policy matrix', () => {
  it('shows for each sector what it takes', async () => {
    const { exitCode, out } = await run(['policy', 'matrix', 'policies', '--purpose', 'emergency']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^│ employer +(│ · +){13}│$/m);
    expect(out).toMatch(/^for emergency, under every combination of regimes/);
  });

  it('asks one regime alone', async () => {
    const printed = await run([
      'policy',
      'matrix',
      'policies',
      '--purpose',
      'statistics',
      '--origins',
      'us-health',
      '--json',
    ]);
    const { sectors } = JSON.parse(printed.out) as {
      readonly sectors: Readonly<Record<string, Readonly<Record<string, object>>>>;
    };
    expect(sectors.health?.identity).toEqual({ never: 10 });
  });

  it.each([
    [[], 'for which purpose?'],
    [['--purpose', 'emergncy'], 'did you mean `emergency`?'],
    [['--purpose', 'emergency', '--origins', 'core'], '`core` is not a regime'],
  ])('exits with 2 where it cannot be asked: %j', async (more, message) => {
    const printed = await run(['policy', 'matrix', 'policies', ...more]);
    expect(printed).toMatchObject({ exitCode: 2, err: expect.stringContaining(message) });
  });
});
