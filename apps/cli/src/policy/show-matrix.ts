import Table from 'cli-table3';
import { matrix, type MatrixCell, type MatrixRow, WAYS } from '#policy';
import { nearestWord, type Purpose, type RegimeName } from '#terms';
import { type Answer, UsageError } from '../answer.js';
import { readPolicies } from './read-policies.js';

const LETTERS = { freely: 'f', confirmed: 'c', 'last resort': 'l', agreed: 'a' } as const;

/** `postern policy matrix`: who can see what for a purpose, over every situation. */
export async function showMatrix(
  folder: string,
  purpose: string | undefined,
  origin: string | undefined,
): Promise<Answer> {
  const bundle = await readPolicies(folder);
  const { vocabulary } = bundle;
  const regimes = [...bundle.regimes.keys()];
  if (purpose === undefined) throw new UsageError('for which purpose? `--purpose treatment`');
  if (!vocabulary.purposes.has(purpose as Purpose)) throw notThere(purpose, 'a purpose', vocabulary.purposes.keys());
  if (origin !== undefined && !regimes.includes(origin as RegimeName)) throw notThere(origin, 'a regime', regimes);
  const rows = matrix(bundle, purpose as Purpose, origin as RegimeName | undefined);
  const codes = [...vocabulary.categories.values()];
  const table = new Table({
    head: ['', ...codes.map(({ code }) => code)],
    style: { head: [], border: [], compact: true },
  });
  for (const { sector, cells } of rows) table.push([sector, ...cells.map(inLetters)]);
  return {
    exitCode: 0,
    lines: [
      `for ${purpose}, ${origin === undefined ? 'under every combination of regimes' : `under ${origin} alone`}, in the most open situation:`,
      ...table.toString().split('\n'),
      'a she agrees, c a person at the agency that holds it confirms, l the glass is broken, f freely, · never',
      'with a number: so many fields of the category, the others never',
      ...codes.map(({ code, title }) => `${code} ${title}`),
    ],
    json: {
      digest: bundle.digest,
      purpose,
      origins: origin ?? 'every combination',
      sectors: Object.fromEntries(rows.map(inJson)),
    },
  };
}

function inLetters({ leaving, never }: MatrixCell): string {
  const parts = WAYS.flatMap((way) => {
    const count = leaving.get(way);
    return count === undefined ? [] : [[LETTERS[way], count] as const];
  });
  if (parts.length === 1 && never === 0) return parts[0]?.[0] ?? '';
  return parts.length === 0 ? '·' : parts.map(([letter, count]) => `${letter}${count}`).join(' ');
}

function inJson({ sector, cells }: MatrixRow): readonly [string, object] {
  return [
    sector,
    Object.fromEntries(
      cells.map(({ category, leaving, never }) => [category, { ...Object.fromEntries(leaving), never }]),
    ),
  ];
}

function notThere(word: string, what: string, valid: Iterable<string>): UsageError {
  const near = nearestWord(word, valid);
  return new UsageError(`\`${word}\` is not ${what}${near === undefined ? '' : `; did you mean \`${near}\`?`}`);
}
