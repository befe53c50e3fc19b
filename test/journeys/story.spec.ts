import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../apps/cli/src/run.js';
import { runStory, type Step } from '../../apps/sandbox/src/story.js';
import { type OpenSandbox, openSandbox } from './open-sandbox.js';

describe('the story', () => {
  let open: OpenSandbox;
  const told: Step[] = [];

  beforeAll(async () => {
    open = await openSandbox();
    await runStory(open.sandbox, (step) => told.push(step));
  }, 120_000);

  afterAll(() => open?.close());

  it.each(['before', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'])('%s happens as it is told', (id) => {
    const step = told.find((each) => each.id === id);
    expect(step).toMatchObject({ id, wrong: [] });
    for (const { receiptHolds } of step?.exchanges ?? []) expect(receiptHolds).toBe(true);
  });

  describe('decided again', () => {
    let folder: string;
    let records: string;
    let exported: Awaited<ReturnType<OpenSandbox['sandbox']['exportDecisions']>>;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'postern-decisions-'));
      records = join(folder, 'decisions.ndjson');
      cpSync('policies', join(folder, 'policies'), { recursive: true });
      exported = await open.sandbox.exportDecisions(records);
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it('is what it was by the policies that it was decided by', async () => {
      expect(exported.untold).toBe(0);
      const { exitCode, out } = await run(['policy', 'replay', 'policies', '--records', records, '--json']);
      expect({ exitCode, ...(JSON.parse(out) as object) }).toMatchObject({
        exitCode: 0,
        gained: [],
        lost: [],
        unknown: [],
      });
      expect((JSON.parse(out) as { readonly same: number }).same).toBeGreaterThan(20);
      expect(readFileSync(records, 'utf8')).not.toContain('Mara');
    });

    it('says what other policies would have kept, let go, or cannot tell', async () => {
      const edited = join(folder, 'policies');
      const edit = (file: string, from: string, to: string): void => {
        const text = readFileSync(join(edited, file), 'utf8');
        expect(text).toContain(from);
        writeFileSync(join(edited, file), text.replace(from, to));
      };
      edit('us-victim-services/release.yaml', '  - contact_details\n', '');
      edit(
        'us-health/serious-threat.yaml',
        'when: {discloser_confirms: serious_imminent_threat}',
        'when: {risk: high}',
      );
      const { exitCode, out } = await run(['policy', 'replay', edited, '--records', records]);
      expect(exitCode).toBe(1);
      expect(out).toMatch(/^LOST {4}contact\.safe_phone: full → nothing, in \d+ decisions?: /m);
      expect(out).toMatch(/\d+ fields of \d+ decisions: \d+ the same, \d+ gained, [1-9]\d* lost, \d+ unknown\n$/);
    });
  });

  it('gives every asker a reason of the discloser for each field it was told', () => {
    for (const { exchanges } of told)
      for (const { received, explanations } of exchanges)
        for (const { field, level } of received) {
          const accounted = explanations.flatMap(({ fields }) => fields.filter((each) => each.field === field));
          expect(accounted).toContainEqual(
            expect.objectContaining({ level, released: true, because: expect.stringMatching(/\w+\/\w+/) as string }),
          );
        }
  });
});
