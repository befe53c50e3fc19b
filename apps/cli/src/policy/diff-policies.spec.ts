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
      out: 'in every situation the same leaves, and the same comes with it\n',
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

  it('lists a duty that fell away as a widening, in words that explain reproduces', async () => {
    const path = join(folder, 'us-victim-services', 'release.yaml');
    writeFileSync(path, readFileSync(path, 'utf8').replace('duties: [no_redisclosure_notice, ', 'duties: ['));
    const { exitCode, out } = await run(['policy', 'diff', 'policies', folder]);
    expect(exitCode).toBe(1);
    const [block = ''] = out.split('\n\n').filter((one) => one.includes('contact.safe_phone'));
    expect(block).toMatch(/^WIDER {2}contact\.safe_phone: no longer under the duty no_redisclosure_notice, in /);
    expect(block).toMatch(
      /^ {4}bound by us-victim-services, alone or with [^;]+; .+; she has said of it: agreed {2}\(/m,
    );
    expect(block).toMatch(
      /^ {4}bound by us-substance-use and us-victim-services, .+ that the record comes from a programme/m,
    );
    const [, given = ''] = /explain \S+ contact\.safe_phone --given '(.+)'/.exec(block) ?? [];
    const [was, is] = await Promise.all(
      ['policies', folder].map((one) => run(['policy', 'explain', one, 'contact.safe_phone', '--given', given])),
    );
    expect(was?.out).toContain('duties: no_redisclosure_notice, use_for_stated_purpose_only');
    expect(is?.out).toMatch(/duties: use_for_stated_purpose_only/);
  });

  it('wants two folders', async () => {
    expect(await run(['policy', 'diff', 'policies'])).toMatchObject({ exitCode: 2 });
  });
});
