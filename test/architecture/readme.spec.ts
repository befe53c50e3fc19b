import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
/** Inside the repository, so that `#room` means there what it means here; ignored by git. */
const DESKS = join(ROOT, '.postern');

/** READMEs whose examples stand by themselves; a room with a readme.spec.ts of its own runs its example there. */
function readmes(): string[] {
  const rooms = ['libs', 'apps'].flatMap((top) => readdirSync(join(ROOT, top)).map((room) => `${top}/${room}`));
  return ['.', ...rooms]
    .filter((room) => !existsSync(join(ROOT, room, 'src', 'readme.spec.ts')))
    .map((room) => join(room, 'README.md'))
    .filter((path) => existsSync(join(ROOT, path)));
}

function examplesIn(path: string): string[] {
  return [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
}

/** Type-checks texts together, and says what the compiler says of each. */
function compile(examples: ReadonlyMap<string, string>): string[] {
  mkdirSync(DESKS, { recursive: true });
  const desk = mkdtempSync(join(DESKS, 'examples-'));
  const options = {
    extends: '../../tsconfig.json',
    // As if each example lay beside its README, so that what it imports from its own room is found there.
    compilerOptions: { rootDir: '../..', rootDirs: ['.', '../..'] },
    include: ['**/*.ts'],
    exclude: [],
  };
  writeFileSync(join(desk, 'tsconfig.json'), JSON.stringify(options));
  for (const [name, code] of examples) {
    mkdirSync(join(desk, dirname(name)), { recursive: true });
    writeFileSync(join(desk, `${name}.ts`), `${code}\nexport {};\n`);
  }
  const tsc = join(ROOT, 'node_modules', 'ts7', 'bin', 'tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '--noEmit', '--pretty', 'false', '-p', desk], {
    cwd: desk,
    encoding: 'utf8',
  });
  rmSync(desk, { recursive: true, force: true });
  // The rooms that an example imports are checked by `npm run typecheck`; here only what the READMEs say counts.
  return stdout.split('\n').filter((line) => /^[\w/-]+\.ts\(/.test(line));
}

describe('the examples in READMEs', () => {
  it('compile', () => {
    const examples = new Map(
      readmes().flatMap((path) =>
        examplesIn(path).map((code, index): [string, string] => [`${path.replace('.md', '')}-${index + 1}`, code]),
      ),
    );
    expect(examples.size).toBeGreaterThan(0);
    examples.set('control', `import { instantOf } from '#terms';\ninstantOf('yesterday');`);
    expect(compile(examples)).toEqual([expect.stringMatching(/^control\.ts\(2,11\): error TS2345/)]);
  }, 60_000);
});
