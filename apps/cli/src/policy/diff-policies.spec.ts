import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../run.js';

describe('postern policy diff', () => {
  let folder: string;

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'postern-policies-')), 'policies');
    cpSync('policies', folder, { recursive: true });
  });
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

  it('finds nothing between policies that say the same', async () => {
    const path = join(folder, 'us-health', 'serious-threat.yaml');
    writeFileSync(path, `# Another comment.\n${readFileSync(path, 'utf8')}`);
    expect(await run(['policy', 'diff', 'policies', folder])).toEqual({
      exitCode: 0,
      out: 'in every situation the same leaves\n',
      err: '',
    });
  });

  it('puts widenings first, each in words, with an example that explain shows', async () => {
    writeFileSync(
      join(folder, 'us-health', 'odd.yaml'),
      `rules:
- {rule: odd, share: [offender.tagging], with: {sector: housing}, for purpose: [housing_placement], when: {risk: high}}
- {rule: odder, withhold: [person.language], with: {sector: health}, for purpose: [treatment]}
`,
    );
    const { exitCode, out } = await run(['policy', 'diff', 'policies', folder]);
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^WIDER {2}offender\.tagging: nothing → full, in [\d,. ×^]+ situations\n/);
    expect(out).toContain('for housing placement; ');
    expect(out.indexOf('NARROWER  person.language: full → nothing')).toBeGreaterThan(0);
    const [, given = ''] = /explain \S+ offender\.tagging --given '(.+)'/.exec(out) ?? [];
    const explained = await run(['policy', 'explain', folder, 'offender.tagging', '--given', given]);
    expect(explained.out).toMatch(/^offender\.tagging {2}full: granted by us-health\/odd/);
    expect((await run(['policy', 'explain', 'policies', 'offender.tagging', '--given', given])).out).toMatch(
      /^offender\.tagging {2}nothing/,
    );
  });

  it('wants two folders', async () => {
    expect(await run(['policy', 'diff', 'policies'])).toMatchObject({ exitCode: 2 });
  });
});
