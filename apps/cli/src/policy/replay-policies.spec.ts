import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../run.js';

describe('postern policy replay', () => {
  let folder: string;
  let records: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-records-'));
    records = join(folder, 'decisions.ndjson');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const employer = {
    decision: 'd1',
    purpose: 'treatment',
    origins: ['us-health'],
    facts: { sector: 'employer' },
    left: { 'person.legal_name': 'full', 'contact.email': 'nothing' },
  };

  it('says what would have been, and never that what is unknown is unchanged', async () => {
    const gone = { ...employer, decision: 'd2', left: { 'contact.pigeon': 'nothing' } };
    writeFileSync(records, `${JSON.stringify(employer)}\n${JSON.stringify(gone)}\n`);
    const { exitCode, out } = await run(['policy', 'replay', 'policies', '--records', records]);
    expect({ exitCode, out }).toEqual({
      exitCode: 1,
      out: `LOST    person.legal_name: full → nothing, in 1 decision: d1
UNKNOWN contact.pigeon: nothing → not known, in 1 decision: d2
3 fields of 2 decisions: 1 the same, 0 gained, 1 lost, 1 unknown
`,
    });
  });

  it('exits with 0 where everything stays as it was', async () => {
    writeFileSync(records, JSON.stringify({ ...employer, left: { 'contact.email': 'nothing' } }));
    expect(await run(['policy', 'replay', 'policies', '--records', records])).toMatchObject({ exitCode: 0 });
  });

  it('looks at the days asked for, up to an instant', async () => {
    const dated = (decision: string, at: string) => JSON.stringify({ ...employer, decision, at });
    writeFileSync(records, [dated('old', '2026-08-01T00:00:00Z'), dated('new', '2026-11-01T00:00:00Z')].join('\n'));
    const since = (...more: string[]) => run(['policy', 'replay', 'policies', '--records', records, ...more]);
    const { out } = await since('--since', '90d', '--at', '2026-11-22T12:00:00Z');
    expect(out).toContain('person.legal_name: full → nothing, in 1 decision: new\n');
    expect((await since('--at', '2026-09-01T00:00:00Z')).out).toContain('in 1 decision: old\n');
    expect(await since('--since', '3 months')).toMatchObject({ exitCode: 2, err: expect.stringContaining('90d, 36h') });
    writeFileSync(records, JSON.stringify(employer));
    expect(await since('--since', '90d')).toMatchObject({ exitCode: 2, err: expect.stringContaining('lacks `at`') });
  });

  it('names the line that is no record', async () => {
    writeFileSync(records, `${JSON.stringify(employer)}\n{"decision": 3}\n`);
    const printed = await run(['policy', 'replay', 'policies', '--records', records]);
    expect(printed).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('decisions.ndjson:2: the record lacks'),
    });
  });
});
