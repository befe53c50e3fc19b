import { VOCABULARY } from '../../test/ask.js';
import type { SqlMapping } from '../mapping.js';
import { parseMapping } from '../parse-mapping.js';
import { prepareReads } from './statement.js';

const COLUMNS = [
  'person.alias',
  'person.language',
  'person.ethnicity',
  'person.disability',
  'contact.email',
  'contact.safe_times',
];
const MAPPING = parseMapping(
  `source: harbour-house
protocol: sql
reads:
  client: {select: SELECT * FROM client WHERE client_no = $1, key: client_no}
fields:
${COLUMNS.map((name, at) => `  ${name}: c${at}`).join('\n')}
`,
  'harbour-house.yaml',
  VOCABULARY,
) as SqlMapping;

describe('the statements of a read', () => {
  const fields = [...MAPPING.fields.values()];

  it('name the columns that are asked for and no other, the same each time', () => {
    const [read] = prepareReads(MAPPING);
    const one = read?.statementFor(fields.slice(1, 3));
    expect(one?.text).toBe(
      'SELECT q."client_no"::text, q."c1", q."c2" FROM (\nSELECT * FROM client WHERE client_no = $1\n) AS q LIMIT 2',
    );
    expect(read?.statementFor(fields.slice(1, 3).toReversed())).toBe(one);
    expect(read?.statementFor(fields).name).not.toBe(one?.name);
  });

  it('are so many and no more; what is left weighs each column by a parameter', () => {
    const [read] = prepareReads(MAPPING);
    const sets = Array.from({ length: 63 }, (_, set) => fields.filter((_field, at) => (set + 1) & (1 << at)));
    const statements = sets.map((set) => read?.statementFor(set));
    expect(new Set(statements.map((each) => each?.name)).size).toBe(33);
    expect(new Set(statements.map((each) => each?.text)).size).toBe(33);
    expect(statements.at(-1)?.more).toEqual(['{t,t,t,t,t,t}']);
    expect(statements.at(-1)?.text).toContain('CASE WHEN ($2::boolean[])[6] THEN q."c5" END');
  });
});
