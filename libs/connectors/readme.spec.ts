import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { parseMapping } from '#connectors';
import { VOCABULARY } from './test/ask.js';

const README = readFileSync('libs/connectors/README.md', 'utf8');
const MAPPINGS = [...README.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text ?? '');

describe('the README', () => {
  it.each(['fhir', 'sql', 'rest', 'csv'])('shows a %s mapping that is one', (protocol) => {
    const text = MAPPINGS.find((each) => each.includes(`protocol: ${protocol}`)) ?? '';
    expect(parseMapping(text, 'README.md', VOCABULARY).protocol).toBe(protocol);
  });

  it('tells the usual limits as they are', () => {
    const limits = /`(limits: \{.*?\})`/s.exec(README)?.[1] ?? '';
    expect(parse(limits)).toHaveProperty('limits');
    const mapping = `{source: s, protocol: fhir, subject: id, fields: {person.birth_date: Patient.birthDate}`;
    const { limits: usual } = parseMapping(`${mapping}}`, 'm.yaml', VOCABULARY);
    expect(parseMapping(`${mapping}, ${limits}}`, 'm.yaml', VOCABULARY).limits).toEqual(usual);
  });

  it('names every code', () => {
    const codes =
      readFileSync('libs/connectors/src/error.ts', 'utf8').match(/'(SOURCE|MAPPING|ACCESS|SAMPLE)_[A-Z_]+'/g) ?? [];
    for (const code of codes) expect(README).toContain(code.replaceAll("'", '`'));
    expect(codes).toHaveLength(10);
  });
});
