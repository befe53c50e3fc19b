import { NOW, VOCABULARY } from '../test/ask.js';
import { ConnectorError } from './error.js';
import { parseMapping } from './parse-mapping.js';
import { previewMapping } from './preview-mapping.js';

async function previewed(mapping: string, sample: unknown): Promise<Record<string, unknown>> {
  const fields = await previewMapping(
    parseMapping(mapping, 'm.yaml', VOCABULARY),
    typeof sample === 'string' ? sample : JSON.stringify(sample),
    NOW,
  );
  return Object.fromEntries(
    fields.map(({ field, levels, why }) => [
      field,
      why ?? Object.fromEntries(levels.map(({ level, value }) => [level, value])),
    ]),
  );
}

const FHIR = `
source: st-brigid
protocol: fhir
subject: id
fields:
  person.birth_date: Patient.birthDate
  person.legal_name: Patient.name
  person.language: Patient.communication.language.text
  medical.injury_findings:
    path: Condition.code
    codes: {'http://snomed.info/sct': {62106007: Concussion}}
`;

describe('the preview of a mapping', () => {
  it('shows of a FHIR bundle what would leave at each level, and why something would not', async () => {
    const patient = {
      resourceType: 'Patient',
      id: 'p1',
      birthDate: '1991-04-30',
      name: [{ family: 'Ellison' }, { family: 'Okafor' }],
    };
    const miscarriage = {
      resourceType: 'Condition',
      id: 'c',
      code: { text: 'Miscarriage', coding: [{ system: 'http://snomed.info/sct', code: '19169002' }] },
    };
    expect(
      await previewed(FHIR, {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [{ resource: patient }, { resource: miscarriage }],
      }),
    ).toEqual({
      'person.birth_date': { age_band: '18 and over', year: '1991', full: '1991-04-30' },
      'person.legal_name': 'several values where one is meant',
      'person.language': 'nothing there',
      'medical.injury_findings': 'not in the list of codes',
    });
    expect(await previewed(FHIR, patient)).toHaveProperty(['person.birth_date', 'year'], '1991');
  });

  it('reads rows of a database, an API’s document and a file', async () => {
    const sql = `{source: s, protocol: sql, reads: {client: {select: SELECT * FROM c WHERE id = $1, key: id}}, fields: {person.birth_date: {column: born, form: DD.MM.YYYY}}}`;
    expect(await previewed(sql, [{ id: 'HH-1', born: '30.04.1991' }])).toHaveProperty(
      ['person.birth_date', 'year'],
      '1991',
    );
    expect(await previewed(sql, [{ id: 'HH-1', born: 'April' }])).toEqual({
      'person.birth_date': 'no value of this kind',
    });
    const rest = `{source: s, protocol: rest, reads: {a: {get: 'a/{id}', person: id}, b: {get: 'b/{id}', person: id}}, fields: {person.alias: {from: b, path: names}}}`;
    expect(await previewed(rest, { b: { names: ['M. O.', 'Mo'] } })).toEqual({
      'person.alias': { count: 2, full: ['M. O.', 'Mo'] },
    });
    const csv = `{source: s, protocol: csv, reads: {o: {file: o-*.csv, key: docket, finished by: trailer END, not older than: 36 h}}, fields: {protection_order.served: served}}`;
    expect(await previewed(csv, 'docket,served\n1,2026-11-20\n2,2026-11-21\nEND,2\n')).toHaveProperty(
      ['protection_order.served', 'month'],
      '2026-11',
    );
  });

  it.each([
    [FHIR, '{"resourceType":"Patient"', 'is not JSON'],
    [FHIR, '[]', 'holds no FHIR resource'],
    [
      FHIR,
      '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}},{"resource":{"resourceType":"Patient"}}]}',
      'several patients',
    ],
  ])('refuses what no such source could hold: %#', async (mapping, sample, message) => {
    await expect(previewed(mapping, sample)).rejects.toThrow(message);
    await expect(previewed(mapping, sample)).rejects.toBeInstanceOf(ConnectorError);
  });
});
