import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../run.js';

describe('postern connector preview', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-preview-'));
    write('court.csv', 'docket,title,issued\n2026-PO-0311,Order of protection,11/02/2026\nEND,1\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const mapping = (fields: string): void =>
    write(
      'court.yaml',
      `source: county-court\nprotocol: csv\nreads:\n  orders: {file: orders-*.csv, key: docket, finished by: trailer END, not older than: 36 h}\nfields:\n${fields}`,
    );
  const preview = (...more: readonly string[]) =>
    run(['connector', 'preview', join(folder, 'court.yaml'), '--sample', join(folder, 'court.csv'), ...more]);

  it('shows each field at each level, or why it is absent', async () => {
    mapping(
      '  protection_order.issued: {column: issued, form: MM/DD/YYYY}\n  protection_order.firearm_bar: {column: title, means yes: Y}\n',
    );
    const { exitCode, out, err } = await preview();
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toBe(
      'protection_order.issued\n    year: "2026"\n    month: "2026-11"\n    full: "2026-11-02"\nprotection_order.firearm_bar  absent: no value of this kind\n',
    );
    expect(JSON.parse((await preview('--json')).out)).toMatchObject({ source: 'county-court' });
  });

  it('says where a mapping is wrong, and exits with 1', async () => {
    mapping('  protection_order.isued: issued\n');
    expect(await preview()).toEqual({
      exitCode: 1,
      err: '',
      out: 'court.yaml:6:3: `protection_order.isued` is not a field of the vocabulary; did you mean `protection_order.issued`?\n',
    });
  });

  it('exits with 2 where the command or the sample is wrong', async () => {
    mapping('  protection_order.issued: issued\n');
    write('court.csv', 'something else');
    expect(await preview()).toMatchObject({ exitCode: 2, out: '' });
    rmSync(join(folder, 'court.csv'));
    expect(await preview()).toMatchObject({ exitCode: 2, out: '' });
    expect(await run(['connector', 'preview', join(folder, 'court.yaml')])).toMatchObject({ exitCode: 2 });
    expect(await run(['connector', 'show'])).toMatchObject({ exitCode: 2 });
  });
});
