import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.js';

describe('postern policy', () => {
  let folder: string;

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'postern-policies-')), 'policies');
    cpSync('policies', folder, { recursive: true });
  });
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

  const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);

  it('check says what there is, what is unlikely to be meant, and that all is well', async () => {
    write(
      'us-health/odd.yaml',
      'rules:\n- {rule: odd, share: [identity], with: {sector: police}, when: {sector: health}}',
    );
    const { exitCode, out, err } = await run(['policy', 'check', folder]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toMatch(/^core and 6 regimes, \d+ rules, \d+ promises, \d+ cases; digest [0-9a-f]{16}…$/m);
    expect(out).toContain(
      'us-health/odd.yaml:2:3: warning: us-health/odd can never hold: no situation meets all its conditions',
    );
    expect(out).toMatch(/rules checked by nobody yet: refused in production/);
  });

  it('check --aloud reads each rule and promise as it was understood', async () => {
    const { exitCode, out } = await run(['policy', 'check', folder, '--aloud']);
    expect(exitCode).toBe(0);
    expect(out).toContain('\ncore/no-employer: Never share anything with employer.\n');
    expect(out).toContain('\ncore promises: Never share anything with employer.\n');
  });

  it.each(['check', 'test', 'explain'])('%s says where a policy is wrong, and exits with 1', async (command) => {
    write('us-health/odd.yaml', 'rules:\n- rule: odd\n  share: [idenity]\n');
    const printed = await run(['policy', command, folder, ...(command === 'explain' ? ['--given', '{}'] : [])]);
    expect(printed).toEqual({
      exitCode: 1,
      err: '',
      out: 'us-health/odd.yaml:3:11: `idenity` is not a field or a category; did you mean `identity`?\n\n1 mistake; nothing can be decided by these policies\n',
    });
    const { exitCode, out } = await run(['policy', command, folder, '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toEqual({
      problems: [
        {
          path: 'us-health/odd.yaml',
          line: 3,
          column: 11,
          message: '`idenity` is not a field or a category; did you mean `identity`?',
        },
      ],
    });
  });

  it('says the same of the vocabulary', async () => {
    write('vocabulary.yaml', 'fields: {}\n');
    const { exitCode, out } = await run(['policy', 'check', folder]);
    expect({ exitCode, first: out.split(':', 1)[0] }).toEqual({ exitCode: 1, first: 'vocabulary.yaml' });
  });

  it('test passes the shipped policies', async () => {
    const { exitCode, out } = await run(['policy', 'test', folder]);
    expect(out).toMatch(/^all \d+ cases hold$/m);
    expect(exitCode).toBe(0);
  });

  it('test names each case that does not hold, what decided, and each promise broken', async () => {
    write('core/more.yaml', 'promises:\n- promise: Nobody learns her name\n  never share: [person.legal_name]\n');
    write(
      'us-health/more.cases.yaml',
      'cases:\n- case: Nobody is told\n  given: {purpose: treatment, sector: health, age: 35}\n  expect: {everything else: nothing}\n',
    );
    const { exitCode, out } = await run(['policy', 'test', folder]);
    expect(exitCode).toBe(1);
    expect(out).toContain('us-health/more.cases.yaml:2:3: Nobody is told\n');
    expect(out).toContain(
      '    person.legal_name: expected nothing, got full\n        full: granted by us-health/treatment',
    );
    expect(out).toContain('    breaks the promise “Nobody learns her name”: person.legal_name leaves at full\n');
    expect(out).toMatch(/\d+ cases of \d+ do not hold\n$/);
    const json: unknown = JSON.parse((await run(['policy', 'test', folder, '--json'])).out);
    expect(json).toMatchObject({
      failed: expect.arrayContaining([expect.objectContaining({ name: 'Nobody is told', passed: false })]),
    });
  });

  it('test does not pass where there is nothing to test', async () => {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) rmSync(join(folder, entry.name), { recursive: true });
    cpSync('policies/core/regime.yaml', join(folder, 'core/regime.yaml'));
    expect(await run(['policy', 'test', folder])).toMatchObject({
      exitCode: 1,
      out: 'there are no cases: nothing was tested\n',
    });
  });

  it('explain says of one situation what leaves, why, and what nearly did', async () => {
    const given = '{origins: us-health, purpose: treatment, sector: police, age: 35, perpetrator_at_requester: no}';
    const { exitCode, out } = await run(['policy', 'explain', folder, 'person.legal_name', '--given', given]);
    expect(exitCode).toBe(0);
    expect(out).toContain('person.legal_name  nothing: no share of us-health matches\n');
    expect(out).toContain('    would be shared if sector were *health*; it is *police*\n');
    expect(out).toContain('    would be shared if consent were *agreed*; it is *not asked*\n');
  });

  it('explain names what limits a field, and says where no single thing would let it go', async () => {
    const given = '{origins: us-health, purpose: treatment, sector: police}';
    const { out } = await run(['policy', 'explain', folder, 'contact.actual_address', '--given', given]);
    expect(out).toContain('    core allows nothing\n');
    expect(out).toMatch(/^ {8}nothing by core\/tie-unknown-whereabouts: /m);
    expect(out).toMatch(/^ {8}region by core\/minor: /m);
    expect(out).toContain('    no single thing would let it go: two or more would have to be otherwise\n');
  });

  it('explain starts from a case and changes it', async () => {
    const name = 'The shelter asks; she agreed to her injury findings, and to her birth date up to the year';
    const { out } = await run(['policy', 'explain', folder, '--case', name]);
    expect(out).toMatch(/^person\.birth_date {2}year: granted by us-health\/authorisation/m);
    expect(out).toMatch(/^\d+ fields that nothing would share: name one to see why$/m);
    const changed = await run([
      'policy',
      'explain',
      folder,
      'person.birth_date',
      '--case',
      name,
      '--given',
      '{age: unknown}',
      '--json',
    ]);
    expect(JSON.parse(changed.out)).toMatchObject({
      fields: { 'person.birth_date': { levelName: 'age_band', cut: ['core/minor'] } },
    });
  });

  it.each([
    [[], /^postern policy check FOLDER/],
    [['policy', 'chek', 'policies'], /^`chek` is not a command; did you mean `check`\?/],
    [['policy', 'check'], /^which folder\?/],
    [['policy', 'check', 'no-such-folder'], /^cannot read no-such-folder: there is nothing of that name/],
    [['policy', 'check', 'package.json'], /^cannot read package.json: it is not a folder/],
    [['policy', 'check', 'libs'], /^libs has no vocabulary.yaml: it is not a folder of policies/],
    [['policy', 'check', 'policies', '--jsn'], /^Unknown option '--jsn'/],
    [['policy', 'test', 'policies', '--case', 'x'], /^`test` takes a folder and nothing else/],
    [['policy', 'test', 'policies', '--aloud'], /^`--aloud` belongs to `check`/],
    [['policy', 'explain', 'policies'], /^which situation\?/],
    [['policy', 'explain', 'policies', '--case', 'No such case'], /^no case is called `No such case`/],
    [['policy', 'explain', 'policies', '--given', '{purpose: gossip}'], /^given:1:11: `gossip` is not a purpose/],
    [
      ['policy', 'explain', 'policies', 'person.legal_nam', '--given', '{purpose: treatment, origins: us-health}'],
      /^`person.legal_nam` is not a field; did you mean `person.legal_name`\?/,
    ],
  ])('exits with 2 and says how to ask: %j', async (argv, message) => {
    const { exitCode, out, err } = await run(argv);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(message);
  });

  it('never prints what would move the cursor', async () => {
    write('us-health/odd.yaml', '"a\\e[2Jb": 1\n');
    const { out } = await run(['policy', 'check', folder]);
    expect(out).not.toContain('\u001b');
    expect((await run(['policy', '\u001b[2J'])).err).not.toContain('\u001b');
  });
});
