import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifyConsistency, verifyInclusion } from '#ledger';

/** Other people's vectors, read where they lie: one JSON file a case, named after the tampering. */
const folder = resolve(dirname(fileURLToPath(import.meta.url)), '../../../shared/data/merkle');

interface Case {
  readonly path: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

function cases(kind: string): Case[] {
  return readdirSync(join(folder, kind), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .toSorted()
    .map((path) => ({ path, fields: JSON.parse(readFileSync(join(folder, kind, path), 'utf8')) as Case['fields'] }));
}

const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : '', 'base64');
// A case without a proof says `null`.
const proof = (value: unknown): Uint8Array[] => (Array.isArray(value) ? value.map(bytes) : []);
// Sizes beyond 2^53 do not fit a number exactly; rounded, they must be refused all the same.
const size = (value: unknown): number => Number(value);

if (existsSync(folder)) {
  it.each(cases('inclusion'))('inclusion/$path', ({ fields }) => {
    const { leafIdx, treeSize, leafHash, root, wantErr } = fields;
    const verdict = verifyInclusion(
      size(leafIdx),
      size(treeSize),
      bytes(leafHash),
      proof(fields['proof']),
      bytes(root),
    );
    expect(verdict).toBe(wantErr === false);
  });

  it.each(cases('consistency'))('consistency/$path', ({ fields }) => {
    const { size1, size2, root1, root2, wantErr } = fields;
    const verdict = verifyConsistency(size(size1), size(size2), proof(fields['proof']), bytes(root1), bytes(root2));
    expect(verdict).toBe(wantErr === false);
  });

  it('are all there: 98 of each kind', () => {
    expect([cases('inclusion').length, cases('consistency').length]).toEqual([98, 98]);
  });
} else {
  // oxlint-disable-next-line jest/no-disabled-tests, jest/expect-expect -- the report says what was not run
  it.skip(`the vectors of inclusion and consistency: ${folder} is not there, so NONE of them was run`, () => {});
}
