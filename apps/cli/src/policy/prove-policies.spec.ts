import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../run.js';

describe('postern policy prove', () => {
  let folder: string;

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'postern-policies-')), 'policies');
    cpSync('policies', folder, { recursive: true });
  });
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

  it('proves the shipped promises', async () => {
    const { exitCode, out } = await run(['policy', 'prove', folder]);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: expect.stringMatching(/\nall \d+ promises hold in every/) });
  });

  it('prints the command by which explain shows how a promise is broken', async () => {
    writeFileSync(
      join(folder, 'us-health', 'odd.yaml'),
      `rules:
- {rule: odd, share: [contact.email], for purpose: [treatment], when: {risk: high, age: 13 to 17}}
promises:
- {promise: No mail leaves, never share: [contact.email], for purpose: [treatment], unless: [{consent: agreed}]}
`,
    );
    const { exitCode, out } = await run(['policy', 'prove', folder]);
    expect(exitCode).toBe(1);
    expect(out).toContain('us-health/odd.yaml:4:3: “No mail leaves” can be broken');
    const [, field = '', given = ''] = /postern policy explain \S+ (\S+) --given '(.+)'/.exec(out) ?? [];
    const explained = await run(['policy', 'explain', folder, field, '--given', given]);
    expect(explained.out).toMatch(/^contact\.email {2}full: granted by us-health\/odd/);

    const { promises } = JSON.parse((await run(['policy', 'prove', folder, '--json'])).out) as {
      readonly promises: readonly { readonly promise: string; readonly broken: readonly object[] }[];
    };
    const broken = promises.filter((one) => one.broken.length > 0);
    expect(broken).toMatchObject([{ promise: 'No mail leaves', broken: [{ field: 'contact.email', given }] }]);
  });
});
