import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { CHECKOUT } from '../../apps/sandbox/checkout.js';

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly summary: Readonly<Record<string, unknown>>;
}

/** The command as it is typed. What it did to whom is in its output, and shown where something is not as it should be. */
async function chaos(...words: readonly string[]): Promise<Said> {
  const launcher = join(CHECKOUT, 'apps', 'sandbox', 'bootstrap', 'launch.mjs');
  const child = spawn(process.execPath, [launcher, 'test/chaos/run.js', ...words], {
    cwd: CHECKOUT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const { chaos: summary } = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '{}') as { chaos: Said['summary'] };
  return { code, out, summary };
}

it('three kills under load: nothing lost, late or out of order', async () => {
  const { code, out, summary } = await chaos('--act', 'load', '--kills', '3', '--seed', '4', '--producers', '24');
  expect(out).toContain('Nothing was lost, late or out of order.');
  expect(summary).toMatchObject({ kills: 3, violations: 0, byFault: {} });
  expect(summary['releases']).toBeGreaterThan(0);
  expect(code).toBe(0);
}, 240_000);

/** One by the log's order, one by when it left. What else the checker sees is in check.spec.ts. */
it('would be noticed if there were', async () => {
  const names = ['same-statement', 'no-lease'];
  const { code, summary } = await chaos(...names.flatMap((name) => ['--variant', name]));
  expect(summary['controls']).toEqual(
    expect.arrayContaining(names.map((variant) => expect.objectContaining({ variant, caught: true }))),
  );
  expect(code).toBe(0);
}, 240_000);

it('says how it is used', async () => {
  const launcher = join(CHECKOUT, 'apps', 'sandbox', 'bootstrap', 'launch.mjs');
  const child = spawn(process.execPath, [launcher, 'test/chaos/run.js', '--variant', 'none of them'], {
    cwd: CHECKOUT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(2);
  expect(err).toContain('npm run chaos -- --kills N --seed S');
}, 60_000);
